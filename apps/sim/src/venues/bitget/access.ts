/**
 * Who is calling, and whether the request is theirs and fresh: the `ACCESS-*` headers of REST and the login of the
 * private stream, which sign the same way.
 *
 * A1  Missing headers are refused first, then an old timestamp, an unknown key, a wrong passphrase, a wrong signature.
 * A2  A timestamp counts as fresh within 30 s of the server's time, before or after ("must be within 30 seconds of the
 *     API server time": request interaction, classic API documents).
 * A3  The signature is base64 HMAC-SHA256 over timestamp, method, path, `?` and query as sent, and body as sent. It is
 *     compared in constant time; a secret never leaves this module.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { VenueAccount } from '../venue-front.ts';
import { type Refused, refuse } from './errors.ts';

const FRESH_MS = 30_000;

export interface Credentials {
  readonly key: string | undefined;
  readonly sign: string | undefined;
  readonly timestamp: string | undefined;
  readonly passphrase: string | undefined;
}

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly body: string;
}

export function authenticate(
  accounts: readonly VenueAccount[],
  credentials: Credentials,
  request: SignedRequest,
  nowMs: number,
): VenueAccount | Refused {
  const { key, sign, timestamp, passphrase } = credentials;
  if (!key) return refuse('NO_KEY');
  if (!sign) return refuse('NO_SIGNATURE');
  if (!passphrase) return refuse('NO_PASSPHRASE');
  if (timestamp === undefined || !/^\d{1,16}$/.test(timestamp)) return refuse('BAD_TIMESTAMP');
  if (!isFresh(Number(timestamp), nowMs)) return refuse('EXPIRED');
  const account = accounts.find((candidate) => candidate.apiKey === key);
  if (account === undefined) return refuse('BAD_KEY');
  if (!equal(passphrase, account.passphrase)) return refuse('BAD_PASSPHRASE');
  const { method, path, query, body } = request;
  return equal(sign, signature(account.apiSecret, `${timestamp}${method}${path}${query}${body}`))
    ? account
    : refuse('BAD_SIGNATURE');
}

/** Why a login fails: each has a code of its own on the stream. */
export type LoginFault = 'bad_key' | 'bad_passphrase' | 'bad_timestamp' | 'expired' | 'bad_sign';

/** The login signs `GET/user/verify`; its timestamp is in seconds, and milliseconds are taken too. */
export function authenticateLogin(
  accounts: readonly VenueAccount[],
  { key, sign = '', timestamp = '', passphrase = '' }: Credentials,
  nowMs: number,
): VenueAccount | LoginFault {
  const account = accounts.find((candidate) => candidate.apiKey === key);
  if (account === undefined) return 'bad_key';
  if (!equal(passphrase, account.passphrase)) return 'bad_passphrase';
  if (!/^\d{10,13}$/.test(timestamp)) return 'bad_timestamp';
  const sentMs = timestamp.length > 10 ? Number(timestamp) : Number(timestamp) * 1_000;
  if (!isFresh(sentMs, nowMs)) return 'expired';
  return equal(sign, signature(account.apiSecret, `${timestamp}GET/user/verify`)) ? account : 'bad_sign';
}

function isFresh(sentMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - sentMs) <= FRESH_MS;
}

function signature(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64');
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
