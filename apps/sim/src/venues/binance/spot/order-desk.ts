/**
 * What spot does with one order: check it, place it, cancel it. Routes and cancel-replace are made of these.
 *
 * D1  `check` is everything that is decided before the matching engine: parameters and filters. It changes nothing.
 */
import { compare, multiply } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { OrderRef } from '../../../core/types.ts';
import { checkTerms } from '../../../core/validate.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Params, type VenueContext } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { optional } from '../params.ts';
import type { CancelIds } from './cancel-ids.ts';
import { refusedByCore } from './core-refusal.ts';
import { refuseSpot } from './errors.ts';
import { averagePriceOf, INNER_BOUNDS } from './filters.ts';
import { type NewOrderInput, readClientOrderId, readNewOrder } from './order-input.ts';
import { canceledOrder, orderResponse } from './order-view.ts';

/** An order has far fewer fills than this by the time it is answered. */
const FILLS_ANSWERED = 1_000;

export interface OrderDesk {
  /** D1. */
  check(params: Params, account: VenueAccount): NewOrderInput | Refused;
  place(input: NewOrderInput): Answer;
  cancel(symbol: string, ref: OrderRef, params: Params, account: VenueAccount, idName?: string): Answer;
  cancelAll(symbol: string, account: VenueAccount): Answer;
}

export function createOrderDesk(
  { core, clock }: VenueContext,
  mintClientOrderId: () => string,
  cancelIds: CancelIds,
): OrderDesk {
  return {
    check(params, account) {
      const input = readNewOrder(params, account.name, core, mintClientOrderId);
      return isRefused(input) ? input : (filtered(input, core, clock.wallUs()) ?? input);
    },
    place({ order, respondWith }) {
      const verdict = core.place(order);
      if (!verdict.ok) return refusedByCore(verdict.refusal, 'place');
      const { venueOrderId, executedQuantity } = verdict.value;
      const filled = respondWith === 'full' && executedQuantity !== '0';
      const fills = filled ? core.fills(order.accountId, order.symbol, { venueOrderId, limit: FILLS_ANSWERED }) : [];
      return answer(orderResponse(verdict.value, fills, respondWith));
    },
    cancel(symbol, ref, params, account, idName = 'newClientOrderId') {
      const cancelId = readClientOrderId(params, idName);
      if (isRefused(cancelId)) return cancelId;
      const restricted = refuseRestricted(params, core, account, symbol, ref);
      if (restricted !== undefined) return restricted;
      const verdict = cancelIds.during(cancelId, () => core.cancel({ accountId: account.name, symbol, order: ref }));
      if (!verdict.ok) return refusedByCore(verdict.refusal, 'cancel');
      return answer(canceledOrder(verdict.value, cancelIds.take(verdict.value.venueOrderId)));
    },
    cancelAll(symbol, account) {
      const canceled = core.cancelAll(account.name, symbol);
      if (canceled.length === 0) return refuse('UNKNOWN_ORDER');
      return answer(canceled.map((order) => canceledOrder(order, cancelIds.take(order.venueOrderId))));
    },
  };
}

/** The filters, measured against the average price of the last minutes, or the book before anything traded. */
function filtered({ order, instrument }: NewOrderInput, core: Core, nowUs: number): Refused | undefined {
  const average = averagePriceOf(core, instrument.symbol, nowUs)?.price;
  const quote = core.bestQuote(instrument.symbol);
  const anchor = quote?.[order.side === 'buy' ? 'ask' : 'bid'][0];
  if (anchor === undefined) return refuseSpot('MARKET_CLOSED');
  if (order.quoteQuantity !== undefined) {
    return compare(order.quoteQuantity, instrument.minNotional) < 0 ? refuseSpot('FILTER', 'NOTIONAL') : undefined;
  }
  const refusal = checkTerms(instrument, order, anchor);
  if (refusal !== undefined) return refusedByCore(refusal, 'place');
  if (order.price === undefined) return undefined;
  const reference = average ?? anchor;
  const inward =
    order.side === 'buy'
      ? compare(order.price, multiply(reference, INNER_BOUNDS.bidDown)) < 0
      : compare(order.price, multiply(reference, INNER_BOUNDS.askUp)) > 0;
  return inward ? refuseSpot('FILTER', 'PERCENT_PRICE_BY_SIDE') : undefined;
}

function refuseRestricted(
  params: Params,
  core: Core,
  account: VenueAccount,
  symbol: string,
  ref: OrderRef,
): Refused | undefined {
  const restriction = optional(params, 'cancelRestrictions');
  if (restriction === undefined) return undefined;
  if (restriction !== 'ONLY_NEW' && restriction !== 'ONLY_PARTIALLY_FILLED') {
    return refuseSpot('BAD_CANCEL_RESTRICTIONS');
  }
  const status = core.order(account.name, symbol, ref)?.status;
  const wanted = restriction === 'ONLY_NEW' ? 'new' : 'partially_filled';
  const open = status === 'new' || status === 'partially_filled';
  return open && status !== wanted ? refuseSpot('CANCEL_RESTRICTED') : undefined;
}
