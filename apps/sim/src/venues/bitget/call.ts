/**
 * One request as the venue's handlers see it, and the routes that serve it. A route says who may call it, how often,
 * and what it answers; it knows nothing of HTTP.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { FundingHistory } from '../funding-history.ts';
import type { VenueAccount } from '../venue-front.ts';
import type { BalanceTimes } from './balance-times.ts';
import type { Refused } from './errors.ts';
import type { OrderTotals } from './order-totals.ts';
import type { Sent } from './params.ts';
import type { Product } from './product.ts';
import type { RoundLedger } from './round-ledger.ts';

export interface Answered {
  readonly refused: false;
  /** `data` of the envelope. JSON. */
  readonly data: unknown;
}

export type Answer = Answered | Refused;

export function answer(data: unknown): Answered {
  return { refused: false, data };
}

interface RouteBase {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Calls a second: of one IP where nobody signs, of one account where it does. */
  readonly perSecond: number;
}

export type Route =
  | (RouteBase & { readonly security: 'none'; readonly handle: (sent: Sent) => Answer })
  | (RouteBase & { readonly security: 'signed'; readonly handle: (sent: Sent, account: VenueAccount) => Answer });

/** What handlers work with. */
export interface VenueContext {
  readonly core: Core;
  readonly clock: Clock;
  readonly product: Product;
  readonly totals: OrderTotals;
  readonly funding: FundingHistory;
  readonly balanceTimes: BalanceTimes;
  readonly rounds: RoundLedger;
}

export function publicRoute(path: string, handle: (sent: Sent) => Answer, perSecond = 20): Route {
  return { method: 'GET', path, perSecond, security: 'none', handle };
}

export function signedRoute(
  method: 'GET' | 'POST',
  path: string,
  perSecond: number,
  handle: (sent: Sent, account: VenueAccount) => Answer,
): Route {
  return { method, path, perSecond, security: 'signed', handle };
}
