/**
 * Who is calling, and whether the request is theirs and fresh.
 *
 * A1  The key is looked at first, then the timestamp, then the signature, as the venue does.
 * A2  A request counts as fresh when `timestamp < now + 1000 ms` and `now - timestamp <= recvWindow`
 *     (5,000 ms by default, at most 60,000).
 * A3  Signatures are compared in constant time; a secret never leaves this module.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { VenueAccount } from '../venue-front.ts';
import type { Params } from './call.ts';
import { isRefused, type Refused, refuse, type Wording } from './errors.ts';
import { optional, optionalInteger, requiredInteger } from './params.ts';

const RECV_WINDOW_MS = { usual: 5_000, most: 60_000 } as const;
const MAX_AHEAD_MS = 1_000;

export interface Caller {
  readonly apiKey: string | undefined;
  readonly ip: string;
}

export function identify(accounts: readonly VenueAccount[], caller: Caller, wording: Wording): VenueAccount | Refused {
  if (caller.apiKey === undefined || caller.apiKey === '') return refuse('BAD_API_KEY_FORMAT');
  const account = accounts.find((candidate) => candidate.apiKey === caller.apiKey);
  if (account !== undefined) return account;
  return /^[A-Za-z0-9_-]+$/.test(caller.apiKey) ? wording.rejectedKey(caller.ip) : refuse('BAD_API_KEY_FORMAT');
}

/** Undefined when the request is fresh and signed by the account's secret. */
export function checkSigned(
  account: VenueAccount,
  sent: { readonly params: Params; readonly signedText: string },
  nowMs: number,
): Refused | undefined {
  const timestamp = requiredInteger(sent.params, 'timestamp');
  if (isRefused(timestamp)) return timestamp;
  const recvWindow = optionalInteger(sent.params, 'recvWindow');
  if (isRefused(recvWindow)) return recvWindow;
  const windowMs = recvWindow ?? RECV_WINDOW_MS.usual;
  if (windowMs > RECV_WINDOW_MS.most) return refuse('BAD_RECV_WINDOW');
  const signature = optional(sent.params, 'signature');
  if (signature === undefined) return refuse('MANDATORY_MISSING', 'signature');
  if (timestamp >= nowMs + MAX_AHEAD_MS) return refuse('AHEAD_OF_SERVER');
  if (nowMs - timestamp > windowMs) return refuse('OUTSIDE_RECV_WINDOW');
  const expected = createHmac('sha256', account.apiSecret).update(sent.signedText).digest();
  const given = Buffer.from(signature, 'hex');
  const matches = given.length === expected.length && timingSafeEqual(given, expected);
  return matches ? undefined : refuse('BAD_SIGNATURE');
}
