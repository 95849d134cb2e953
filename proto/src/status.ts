/**
 * `ExchangeError` to gRPC status and back. Nothing else knows gRPC's codes.
 *
 * G1  A status of ours carries google.rpc.Status with one ErrorInfo{reason, domain, metadata.field} in the trailer
 *     `grpc-status-details-bin`; reading it back gives the same reason, text and field.
 * G2  A status without our ErrorInfo (made by gRPC itself, a proxy, another service) becomes the reason that its code
 *     stands for on this line. Reading never throws.
 */
import { status as Code, Metadata, type StatusObject } from '@grpc/grpc-js';
import { ErrorInfo } from '../gen/google/rpc/error_details.ts';
import { Status } from '../gen/google/rpc/status.ts';
import { ErrorReason } from '../gen/trunkline/exchange/v1/session.ts';
import { ExchangeError } from './exchange-error.ts';

export const ERROR_DOMAIN = 'trunkline.exchange.v1';

const DETAILS_KEY = 'grpc-status-details-bin';
const TYPE_URL = 'type.googleapis.com/google.rpc.ErrorInfo';
/** HTTP/2 peers limit their header blocks (grpc-js: 16 KiB with everything in it); the text stands in it twice. */
const MAX_TEXT = 1_024;

/** Which code a generic client sees. Our own clients read the reason. */
const CODES: Readonly<Record<ErrorReason, Code>> = {
  [ErrorReason.UNSPECIFIED]: Code.UNKNOWN,
  [ErrorReason.UNRECOGNIZED]: Code.UNKNOWN,
  [ErrorReason.INVALID_FIELD]: Code.INVALID_ARGUMENT,
  [ErrorReason.UNKNOWN_SYMBOL]: Code.NOT_FOUND,
  [ErrorReason.NOT_GRANTED]: Code.PERMISSION_DENIED,
  [ErrorReason.SESSION_HELD]: Code.FAILED_PRECONDITION,
  [ErrorReason.FENCED]: Code.ABORTED,
  [ErrorReason.STALE_EPOCH]: Code.ABORTED,
  [ErrorReason.DISPLACED]: Code.ABORTED,
  [ErrorReason.PROTOCOL_VERSION]: Code.FAILED_PRECONDITION,
  [ErrorReason.PROTOCOL]: Code.INVALID_ARGUMENT,
  [ErrorReason.MESSAGE_TOO_LARGE]: Code.RESOURCE_EXHAUSTED,
  [ErrorReason.UNSUPPORTED]: Code.UNIMPLEMENTED,
  [ErrorReason.NOT_READY]: Code.UNAVAILABLE,
  [ErrorReason.RATE_LIMITED]: Code.RESOURCE_EXHAUSTED,
  [ErrorReason.VENUE_UNAVAILABLE]: Code.UNAVAILABLE,
  [ErrorReason.VENUE_REFUSED]: Code.FAILED_PRECONDITION,
  [ErrorReason.DRAINING]: Code.UNAVAILABLE,
  [ErrorReason.UNREACHABLE]: Code.UNAVAILABLE,
  [ErrorReason.SILENT]: Code.DEADLINE_EXCEEDED,
  [ErrorReason.CANCELLED]: Code.CANCELLED,
  [ErrorReason.INTERNAL]: Code.INTERNAL,
};

/** By their names in ErrorInfo; the two members of the generated enum that are no reasons are left out. */
const REASONS: ReadonlyMap<string, ErrorReason> = new Map(
  Object.values(ErrorReason)
    .filter((value) => typeof value !== 'string')
    .filter((reason) => reason !== ErrorReason.UNSPECIFIED && reason !== ErrorReason.UNRECOGNIZED)
    .map((reason) => [ErrorReason[reason], reason]),
);

/** What a server answers for an error. Anything but an `ExchangeError` is a bug: INTERNAL, and no word of it leaves. */
export function statusOf(error: unknown): StatusObject {
  if (!(error instanceof ExchangeError)) {
    return statusOf(new ExchangeError(ErrorReason.INTERNAL, 'internal error; the log of the server says more'));
  }
  const code = CODES[error.reason];
  const message = error.message.slice(0, MAX_TEXT);
  const fields: Record<string, string> = error.field === '' ? {} : { field: error.field };
  const info = ErrorInfo.encode({ reason: error.reasonName, domain: ERROR_DOMAIN, metadata: fields }).finish();
  const details = Status.encode({ code, message, details: [{ typeUrl: TYPE_URL, value: Buffer.from(info) }] }).finish();
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(details));
  return { code, details: message, metadata };
}

/** What a client makes of a failed call or stream; total over whatever gRPC or its transport can raise (G2). */
export function errorOf(error: unknown): ExchangeError {
  if (error instanceof ExchangeError) return error;
  if (!isServiceError(error)) return new ExchangeError(ErrorReason.INTERNAL, textOf(error));
  return readDetails(error.metadata) ?? new ExchangeError(foreignReason(error.code), error.details || textOf(error));
}

function readDetails(metadata: Metadata | undefined): ExchangeError | undefined {
  const [bytes] = metadata?.get(DETAILS_KEY) ?? [];
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const status = Status.decode(bytes);
    for (const detail of status.details.filter((each) => each.typeUrl === TYPE_URL)) {
      const info = ErrorInfo.decode(detail.value);
      if (info.domain !== ERROR_DOMAIN) continue;
      // A newer peer may know more reasons than we do: the code still tells the kind.
      const reason = REASONS.get(info.reason) ?? foreignReason(status.code);
      return new ExchangeError(reason, status.message, info.metadata.field ?? '');
    }
  } catch {
    // Not the bytes of a google.rpc.Status: then it is a foreign status, and its code decides.
  }
  return undefined;
}

/** Reasons for statuses that no connector of ours has made. */
function foreignReason(code: number): ErrorReason {
  switch (code) {
    case Code.CANCELLED:
      return ErrorReason.CANCELLED;
    // grpc-js answers a message past the limit with it; a proxy's quota reads the same and is as final.
    case Code.RESOURCE_EXHAUSTED:
      return ErrorReason.MESSAGE_TOO_LARGE;
    case Code.UNIMPLEMENTED:
      return ErrorReason.UNSUPPORTED;
    case Code.UNAUTHENTICATED:
    case Code.PERMISSION_DENIED:
      return ErrorReason.NOT_GRANTED;
    // No answer in time says nothing of the peer but that it cannot be reached.
    case Code.UNAVAILABLE:
    case Code.DEADLINE_EXCEEDED:
      return ErrorReason.UNREACHABLE;
    default:
      return ErrorReason.INTERNAL;
  }
}

interface ServiceErrorLike {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata | undefined;
}

function isServiceError(error: unknown): error is ServiceErrorLike {
  if (typeof error !== 'object' || error === null) return false;
  if (!('code' in error) || typeof error.code !== 'number') return false;
  if (!('details' in error) || typeof error.details !== 'string') return false;
  return 'metadata' in error && (error.metadata === undefined || error.metadata instanceof Metadata);
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_TEXT);
}
