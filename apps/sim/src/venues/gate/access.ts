/**
 * Who is calling, and whether the request is theirs and fresh (APIv4, "signed request requirements").
 *
 * A1  The headers are looked for first, then the timestamp, then the key, then the signature.
 * A2  A timestamp may be at most 60 seconds away from the venue's clock, either way.
 * A3  The signed text of a REST request names method, path, query, the SHA-512 of the body and the timestamp. The query
 *     counts unescaped, as the documents say; as sent it is taken too, for clients that escape before signing.
 * A4  Signatures are compared in constant time; a secret never leaves this module.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { VenueAccount } from '../venue-front.ts';
import { type Refused, refuse } from './errors.ts';

const MAX_GAP_S = 60;

/** What the headers of a REST request said. */
export interface Credentials {
  readonly key: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

export interface SignedParts {
  readonly method: string;
  /** With `/api/v4`, as sent. */
  readonly path: string;
  /** Without the question mark, as sent. */
  readonly query: string;
  readonly body: string;
}

export function identifyRest(
  accounts: readonly VenueAccount[],
  { key, timestamp, signature }: Credentials,
  parts: SignedParts,
  nowS: number,
): VenueAccount | Refused {
  if (key === undefined) return refuse('MISSING_REQUIRED_HEADER', 'KEY');
  if (timestamp === undefined) return refuse('MISSING_REQUIRED_HEADER', 'Timestamp');
  if (signature === undefined) return refuse('MISSING_REQUIRED_HEADER', 'SIGN');
  if (isStale(timestamp, nowS)) return staleTimestamp();
  const bodyHash = createHash('sha512').update(parts.body).digest('hex');
  const texts = [unescaped(parts.query), parts.query].map((query) =>
    [parts.method, parts.path, query, bodyHash, timestamp].join('\n'),
  );
  return identify(accounts, key, signature, texts);
}

/** A private channel's subscription: `channel=...&event=...&time=...`. */
export function identifySubscriber(
  accounts: readonly VenueAccount[],
  auth: { readonly key: string; readonly signature: string },
  request: { readonly channel: string; readonly event: string; readonly time: number },
  nowS: number,
): VenueAccount | Refused {
  const { channel, event, time } = request;
  if (isStale(String(time), nowS)) return staleTimestamp();
  return identify(accounts, auth.key, auth.signature, [`channel=${channel}&event=${event}&time=${time}`]);
}

/** The WebSocket API's login. Its parameters count as empty, or as the JSON that was sent for them. */
export function identifyLogin(
  accounts: readonly VenueAccount[],
  auth: { readonly key: string; readonly signature: string; readonly timestamp: string },
  channel: string,
  parameters: unknown,
  nowS: number,
): VenueAccount | Refused {
  if (isStale(auth.timestamp, nowS)) return staleTimestamp();
  const texts = ['', JSON.stringify(parameters ?? '')].map((sent) => ['api', channel, sent, auth.timestamp].join('\n'));
  return identify(accounts, auth.key, auth.signature, texts);
}

/** `x-gate-exptime` (milliseconds): a request that arrives after it is refused. */
export function checkExpiry(expiresMs: string | undefined, nowMs: number): Refused | undefined {
  if (expiresMs === undefined || expiresMs === '') return undefined;
  if (!/^\d{1,16}$/.test(expiresMs)) return refuse('INVALID_PARAM_VALUE', 'x-gate-exptime', expiresMs);
  if (nowMs <= Number(expiresMs)) return undefined;
  return refuse('REQUEST_EXPIRED', `request received at ${nowMs}, after its x-gate-exptime ${expiresMs}`);
}

function identify(
  accounts: readonly VenueAccount[],
  key: string,
  signature: string,
  texts: readonly string[],
): VenueAccount | Refused {
  const account = accounts.find((candidate) => candidate.apiKey === key);
  if (account === undefined) return refuse('INVALID_KEY');
  const given = Buffer.from(signature, 'hex');
  const matches = texts.some((text) => {
    const expected = createHmac('sha512', account.apiSecret).update(text).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches ? account : refuse('INVALID_SIGNATURE');
}

function isStale(timestamp: string, nowS: number): boolean {
  return !/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) - nowS) > MAX_GAP_S;
}

function staleTimestamp(): Refused {
  return refuse('REQUEST_EXPIRED', `gap between request Timestamp and server time exceeds ${MAX_GAP_S}`);
}

function unescaped(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    // decodeURIComponent throws on malformed percent sequences and on nothing else.
    return query;
  }
}
