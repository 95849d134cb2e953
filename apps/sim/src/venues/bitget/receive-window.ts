/**
 * The expiry that a client may give a request: `requestTime` and `receiveWindow`, both in milliseconds. The documents
 * of spot orders name them; the futures' matching engine answers their codes too (40078, 40079), so any signed call may
 * carry them.
 */
import { isRefused, type Refused, refuse } from './errors.ts';
import { optionalInteger, type Params } from './params.ts';

const MAX_WINDOW_MS = 60_000;

/** Undefined when the request is inside its window, or names none. */
export function checkWindow(params: Params, nowMs: number): Refused | undefined {
  const windowMs = optionalInteger(params, 'receiveWindow');
  if (windowMs === undefined || isRefused(windowMs)) return windowMs;
  if (windowMs >= MAX_WINDOW_MS) return refuse('LONG_RECEIVE_WINDOW');
  const sentMs = optionalInteger(params, 'requestTime');
  if (isRefused(sentMs)) return sentMs;
  if (sentMs === undefined) return refuse('EMPTY_PARAMETER', 'requestTime');
  return Math.abs(nowMs - sentMs) > windowMs ? refuse('OUTSIDE_RECEIVE_WINDOW') : undefined;
}
