/**
 * The order desk: takes the accounts' requests, runs them against a market, and books what comes of it.
 *
 * D1  A request is refused as a whole, without a trace but in the truth, or accepted; once accepted it always ends in a
 *     state of its order.
 * D2  What can still trade of a reduce-only order never exceeds the position that it reduces: it shrinks with the
 *     position, and expires when nothing of it is left to trade.
 * D3  Each fill books fee, realised PnL, wallet, position and order in one step (booking.ts).
 */
import { compare, isPositive, multiply, type Price, type Quantity, subtract } from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import type { Booking } from './booking.ts';
import type { CoreRules } from './core-api.ts';
import type { Ids } from './ids.ts';
import { isBetter, opposite } from './ladder.ts';
import type { Market } from './market.ts';
import { acceptedOrder, amendedTo, isOpen } from './order.ts';
import type { LiveOrder, OrderStore } from './orders.ts';
import type { Outbox } from './outbox.ts';
import type { TruthRequest } from './truth-entry.ts';
import type { AmendOrder, CancelOrder, EndReason, NewOrder, Order, OrderRef, Refusal, Side, Verdict } from './types.ts';
import { checkTerms, refusal } from './validate.ts';
import type { Valuer } from './valuation.ts';

export interface Desk {
  place(request: NewOrder): Verdict<Order>;
  amend(request: AmendOrder): Verdict<Order>;
  cancel(request: CancelOrder): Verdict<Order>;
  cancelAll(accountId: string, symbol: string | undefined, reason: EndReason): readonly Order[];
}

interface DeskOptions {
  readonly outbox: Outbox;
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly booking: Booking;
  readonly valuer: Valuer;
  readonly ids: Ids;
  readonly market: (symbol: string) => Market | undefined;
  readonly markPrice: (symbol: string) => Price;
  readonly rules: CoreRules;
}

export function createDesk(options: DeskOptions): Desk {
  const { outbox, accounts, orders, booking, valuer, ids, markPrice } = options;

  function record(request: TruthRequest, verdict: Verdict<Order>): Verdict<Order> {
    const outcome = verdict.ok
      ? ({ kind: 'accepted', venueOrderId: verdict.value.venueOrderId } as const)
      : ({ kind: 'refused', code: verdict.refusal.code } as const);
    outbox.request(request, outcome);
    return verdict;
  }

  function place(request: NewOrder): Verdict<Order> {
    const market = findMarket(request.accountId, request.symbol);
    if (!market.ok) return market;
    const no = refusePlacing(market.value, request);
    if (no !== undefined) return { ok: false, refusal: no };
    const order = acceptedOrder(request, String(ids.next('order')), outbox.nowUs());
    orders.put(order, booking.openQuantity(order));
    outbox.order('new', order);
    return { ok: true, value: work(market.value, order) };
  }

  function refusePlacing(market: Market, request: NewOrder): Refusal | undefined {
    const { accountId, symbol, clientOrderId, side, price, quantity } = request;
    const wrong = checkTerms(market.instrument, request, markPrice(symbol));
    if (wrong !== undefined) return wrong;
    const live = orders.liveOf(accountId, symbol);
    if (live.some(({ order }) => order.clientOrderId === clientOrderId))
      return refusal('duplicate_client_order_id', `an open order has the client id ${clientOrderId}`);
    if (live.length >= market.instrument.maxOpenOrders)
      return refusal('too_many_open_orders', `${live.length} orders are open in ${symbol}, the most allowed`);
    if (request.type === 'market' && market.bestPrice(opposite(side)) === undefined)
      return refusal('no_liquidity', `nobody to ${side} from in ${symbol}`);
    if (request.reduceOnly)
      return booking.canReduce(accountId, symbol, side) ? undefined : nothingToReduce(symbol, side);
    if (request.timeInForce === 'gtx' && options.rules.postOnlyCross === 'refuse' && wouldTake(market, side, price))
      return wouldTakeRefusal(market, side, price);
    return refuseLoad(market, accountId, side, price, quantity, undefined);
  }

  function refuseLoad(
    { instrument, bestPrice }: Market,
    accountId: string,
    side: Side,
    price: Price | undefined,
    quantity: Quantity,
    replacing: string | undefined,
  ): Refusal | undefined {
    const at = price ?? bestPrice(opposite(side)) ?? markPrice(instrument.symbol);
    const load = { side, notional: multiply(at, quantity), ...(replacing === undefined ? {} : { replacing }) };
    if (valuer.canCarry(accountId, instrument, load)) return undefined;
    const { walletBalance } = accounts.balance(accountId, instrument.quote);
    return refusal('insufficient_margin', `notional ${load.notional} is too much for a wallet of ${walletBalance}`);
  }

  /** Takes what the order may take and rests or ends what is left. */
  function work(market: Market, accepted: Order): Order {
    const { venueOrderId, side, price, type, timeInForce } = accepted;
    const isPostOnly = type === 'limit' && timeInForce === 'gtx';
    if (isPostOnly && wouldTake(market, side, price)) return booking.end(accepted, 'expired', 'post_only_would_take');
    if (type === 'limit' && timeInForce === 'fok') {
      const open = orders.live(venueOrderId)?.open ?? accepted.quantity;
      if (compare(market.available(side, price, open), accepted.quantity) < 0)
        return booking.end(accepted, 'expired', 'fok_unfilled');
    }
    for (let live = liveWith(venueOrderId); live !== undefined && !isPostOnly; live = liveWith(venueOrderId)) {
      const match = market.take({ venueOrderId, side, limit: price }, live.open);
      if (match === undefined) break;
      const { tradeId, quantity, cause, ownedMakerId } = match;
      booking.fill({ tradeId, venueOrderId, price: match.price, quantity, cause }, 'taker');
      if (ownedMakerId === undefined) continue;
      const makerCause = { kind: 'order', venueOrderId } as const;
      booking.fill({ tradeId, venueOrderId: ownedMakerId, price: match.price, quantity, cause: makerCause }, 'maker');
    }
    return restOrEnd(market, accepted);
  }

  function restOrEnd(market: Market, accepted: Order): Order {
    const { venueOrderId, accountId, symbol, side, price } = accepted;
    const live = liveWith(venueOrderId);
    if (live === undefined) return orders.find(accountId, symbol, { by: 'venue', venueOrderId }) ?? accepted;
    if (accepted.type === 'market' || price === undefined) return booking.end(live.order, 'expired', 'no_liquidity');
    if (accepted.timeInForce === 'ioc') return booking.end(live.order, 'expired', 'ioc_remainder');
    market.rest({ venueOrderId, side, price, quantity: live.open });
    return live.order;
  }

  function liveWith(venueOrderId: string): LiveOrder | undefined {
    const live = orders.live(venueOrderId);
    return live !== undefined && isPositive(live.open) ? live : undefined;
  }

  function amend(request: AmendOrder): Verdict<Order> {
    const market = findMarket(request.accountId, request.symbol);
    if (!market.ok) return market;
    const found = findOpen(request.accountId, request.symbol, request.order);
    if (!found.ok) return found;
    const { order } = found.value;
    const { price, quantity } = request;
    const no = refuseAmending(market.value, order, request);
    if (no !== undefined) return { ok: false, refusal: no };
    if (compare(quantity, order.executedQuantity) <= 0)
      return { ok: true, value: booking.end(order, 'canceled', 'amended_below_executed') };
    const moves = price !== order.price;
    if (moves && order.timeInForce === 'gtx' && wouldTake(market.value, order.side, price))
      return { ok: true, value: booking.end(order, 'canceled', 'post_only_would_take') };
    const after = amendedTo(order, price, quantity, outbox.nowUs());
    const open = booking.openQuantity(after);
    orders.put(after, open);
    outbox.order('amended', after);
    if (!moves && compare(quantity, order.quantity) <= 0) {
      market.value.shrink(order.venueOrderId, open);
      return { ok: true, value: after };
    }
    market.value.remove(order.venueOrderId);
    return { ok: true, value: work(market.value, after) };
  }

  function refuseAmending(market: Market, order: Order, request: AmendOrder): Refusal | undefined {
    const { price, quantity, side = order.side, accountId } = request;
    if (side !== order.side) return refusal('side_mismatch', `the order is a ${order.side}, not a ${side}`);
    const terms = { ...order, price, quantity };
    const wrong = checkTerms(market.instrument, terms, markPrice(order.symbol));
    if (wrong !== undefined) return wrong;
    if (price === order.price && quantity === order.quantity)
      return refusal('nothing_to_amend', `the order has price ${price} and quantity ${quantity} already`);
    const remaining = subtract(quantity, order.executedQuantity);
    if (order.reduceOnly || !isPositive(remaining)) return undefined;
    return refuseLoad(market, accountId, order.side, price, remaining, order.venueOrderId);
  }

  function cancel(request: CancelOrder): Verdict<Order> {
    if (options.market(request.symbol) === undefined) return unknownSymbol(request.symbol);
    const found = findOpen(request.accountId, request.symbol, request.order);
    return found.ok ? { ok: true, value: booking.end(found.value.order, 'canceled', 'requested') } : found;
  }

  function findMarket(accountId: string, symbol: string): Verdict<Market> {
    if (!accounts.has(accountId)) return { ok: false, refusal: refusal('unknown_account', `no account ${accountId}`) };
    const market = options.market(symbol);
    if (market === undefined) return unknownSymbol(symbol);
    if (market.isOpen()) return { ok: true, value: market };
    return { ok: false, refusal: refusal('market_closed', `${symbol} does not trade now`) };
  }

  function findOpen(accountId: string, symbol: string, ref: OrderRef): Verdict<LiveOrder> {
    const order = orders.find(accountId, symbol, ref);
    const name = ref.by === 'venue' ? ref.venueOrderId : ref.clientOrderId;
    if (order === undefined) return { ok: false, refusal: refusal('unknown_order', `no order ${name} in ${symbol}`) };
    const live = isOpen(order) ? orders.live(order.venueOrderId) : undefined;
    if (live !== undefined) return { ok: true, value: live };
    return { ok: false, refusal: refusal('order_not_open', `order ${name} is ${order.status}`) };
  }

  return {
    place: (request) => outbox.transact(() => record({ kind: 'place', order: request }, place(request))),
    amend: (request) => outbox.transact(() => record({ kind: 'amend', amend: request }, amend(request))),
    cancel: (request) => outbox.transact(() => record({ kind: 'cancel', cancel: request }, cancel(request))),
    cancelAll: (accountId, symbol, reason) =>
      outbox.transact(() => {
        const request = { kind: 'cancel_all', accountId, ...(symbol === undefined ? {} : { symbol }) } as const;
        if (reason === 'cancel_all') outbox.request(request, { kind: 'accepted' });
        return orders.liveOf(accountId, symbol).map(({ order }) => booking.end(order, 'canceled', reason));
      }),
  };
}

function wouldTake(market: Market, side: Side, price: Price | undefined): boolean {
  const best = market.bestPrice(opposite(side));
  return best !== undefined && price !== undefined && !isBetter(side, best, price);
}

function wouldTakeRefusal(market: Market, side: Side, price: Price | undefined): Refusal {
  const best = market.bestPrice(opposite(side));
  return refusal('post_only_would_take', `a post-only ${side} at ${price} would take from ${best}`);
}

function nothingToReduce(symbol: string, side: Side): Refusal {
  return refusal('reduce_only_rejected', `there is no position in ${symbol} that a ${side} reduces`);
}

function unknownSymbol(symbol: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: refusal('unknown_symbol', `no symbol ${symbol}`) };
}
