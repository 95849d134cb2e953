/** Why a connection was refused: one closed set for both ends, for logs, tests and callbacks. Peers are told nothing. */
import type { Identity } from './identity.ts';
import type { CertificateRefusal } from './verify.ts';

export type RefusalReason =
  | CertificateRefusal
  | 'no_certificate'
  /** A valid identity that is not the one expected here, or has no business here. */
  | 'wrong_role'
  | 'unknown_name'
  | 'not_authorized'
  /** The TLS server name asks for no lane of ours. */
  | 'bad_server_name'
  | 'too_many_pending'
  | 'handshake_timeout'
  /** No TCP connection: nobody listens there, or there is no way there. */
  | 'unreachable'
  /** The peer closed before the handshake was done; it may have refused us. */
  | 'handshake_abandoned'
  /** Not TLS 1.3, or no TLS at all. */
  | 'handshake_failed';

export interface Refusal {
  readonly reason: RefusalReason;
  /** For the log: names, dates or a library's code. */
  readonly detail: string;
}

/** Maps the codes that Bun's TLS gives (OpenSSL verify names, `ERR_SSL_*`, socket codes). */
export function refusalOfTlsError(code: string): Refusal {
  return { reason: reasonOf(code), detail: code };
}

/** The peer proved an identity; this is whether it is the one that was meant. */
export function refusalOfIdentity(actual: Identity, expected: Identity): Refusal | undefined {
  const detail = `${actual.role}/${actual.name} is not ${expected.role}/${expected.name}`;
  if (actual.role !== expected.role) return { reason: 'wrong_role', detail };
  return actual.name === expected.name ? undefined : { reason: 'unknown_name', detail };
}

function reasonOf(code: string): RefusalReason {
  switch (code) {
    case 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE':
      return 'no_certificate';
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not_yet_valid';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return 'foreign_ca';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'handshake_timeout';
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'unreachable';
    case 'EPIPE':
    case 'ECONNRESET':
      return 'handshake_abandoned';
    default:
      return 'handshake_failed';
  }
}
