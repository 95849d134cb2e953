/**
 * The order desk: takes the accounts' requests, runs them against a market, and books what comes of it.
 *
 * D1  A request is refused as a whole, without a trace but in the truth, or accepted; once accepted it always ends in a
 *     state of its order.
 * D2  What can still trade of an order that only reduces never exceeds the position that it reduces: it shrinks with
 *     the position, and expires when nothing of it is left to trade.
 * D3  Each fill books fee, realised PnL, wallets, position and order in one step (booking.ts).
 * D4  With self-trade prevention an order never trades with one of its own account: when it would, the maker expires
 *     and it goes on, or it expires, or both do. What it could take is then counted without the account's own orders.
 */
import { compare, isPositive, type Price } from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import { createAdmission, wouldTake } from './admission.ts';
import type { Balances } from './balances.ts';
import type { Booking } from './booking.ts';
import type { CoreRules } from './core-api.ts';
import type { Ids } from './ids.ts';
import { isWithinLimit, opposite } from './ladder.ts';
import { type Market, reachable } from './market.ts';
import { acceptedOrder, amendedTo, isOpen } from './order.ts';
import type { LiveOrder, OrderStore } from './orders.ts';
import type { Outbox } from './outbox.ts';
import { buyable } from './quote-sizing.ts';
import type { TruthRequest } from './truth-entry.ts';
import type {
  AmendOrder,
  CancelOrder,
  EndReason,
  Level,
  NewOrder,
  Order,
  OrderRef,
  Refusal,
  Verdict,
} from './types.ts';
import { refusal } from './validate.ts';
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
  readonly balances: Balances;
  readonly orders: OrderStore;
  readonly booking: Booking;
  readonly valuer: Valuer;
  readonly ids: Ids;
  readonly market: (symbol: string) => Market | undefined;
  readonly markPrice: (symbol: string) => Price;
  readonly rules: CoreRules;
}

export function createDesk(options: DeskOptions): Desk {
  const { outbox, accounts, orders, booking, ids, rules } = options;
  const admission = createAdmission(options);

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
    const levels = () => takeable(market.value, request);
    const sized = sizedByQuote(market.value, request, levels);
    if (!sized.ok) return sized;
    const no = admission.refusePlacing(market.value, sized.value, levels);
    if (no !== undefined) return { ok: false, refusal: no };
    const order = acceptedOrder(sized.value, String(ids.next('order')), outbox.nowUs());
    orders.put(order, booking.openQuantity(order));
    outbox.order('new', order);
    booking.lockChanged(order);
    return { ok: true, value: work(market.value, order) };
  }

  function sizedByQuote(market: Market, request: NewOrder, levels: () => Iterable<Level>): Verdict<NewOrder> {
    const { quoteQuantity, symbol } = request;
    if (quoteQuantity === undefined) return { ok: true, value: request };
    const { stepSize, minNotional } = market.instrument;
    if (request.type !== 'market' || request.side !== 'buy')
      return no(refusal('bad_quantity', 'only market buys have a quote quantity'));
    if (compare(quoteQuantity, minNotional) < 0)
      return no(refusal('below_min_notional', `${quoteQuantity} is below the minimum ${minNotional}`));
    if (market.bestPrice('sell') === undefined) return no(refusal('no_liquidity', `nobody to buy from in ${symbol}`));
    return { ok: true, value: { ...request, quantity: buyable(levels(), quoteQuantity, stepSize) } };
  }

  /** What the order could take, best first (D4). */
  function takeable(market: Market, { accountId, side, selfTradePrevention }: NewOrder | Order): Iterable<Level> {
    if ((selfTradePrevention ?? rules.selfTradePrevention) === 'none') return market.levels(opposite(side));
    return market.levels(opposite(side), (venueOrderId) => orders.live(venueOrderId)?.order.accountId === accountId);
  }

  /** Takes what the order may take and rests or ends what is left. */
  function work(market: Market, accepted: Order): Order {
    const { venueOrderId, side, price, type, timeInForce } = accepted;
    const isPostOnly = type === 'limit' && timeInForce === 'gtx';
    if (isPostOnly && wouldTake(market, side, price)) return booking.end(accepted, 'expired', 'post_only_would_take');
    if (type === 'limit' && timeInForce === 'fok' && !canFillWhole(market, accepted))
      return booking.end(accepted, 'expired', 'fok_unfilled');
    for (let live = liveWith(venueOrderId); live !== undefined && !isPostOnly; live = liveWith(venueOrderId)) {
      if (preventSelfTrade(market, live.order)) continue;
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

  function canFillWhole(market: Market, order: Order): boolean {
    const { venueOrderId, accountId, symbol, side, price, quantity } = order;
    const open = orders.live(venueOrderId)?.open ?? quantity;
    const mode = order.selfTradePrevention ?? rules.selfTradePrevention;
    // A taker that expires at the first order of its own could not promise the whole: it is not let try.
    const couldEnd = mode === 'expire_taker' || mode === 'expire_both';
    const meetsOwn = orders
      .liveOf(accountId, symbol)
      .some(
        ({ order: { side: other, price: at } }) => other !== side && at !== undefined && isWithinLimit(side, price, at),
      );
    if (couldEnd && meetsOwn) return false;
    return compare(reachable(takeable(market, order), side, price, open), quantity) >= 0;
  }

  /** True when it expired something: who is next must be looked at again. */
  function preventSelfTrade(market: Market, taker: Order): boolean {
    const { venueOrderId, accountId, side, price } = taker;
    const mode = taker.selfTradePrevention ?? rules.selfTradePrevention;
    if (mode === 'none') return false;
    const nextId = market.nextOwned({ venueOrderId, side, limit: price });
    const maker = nextId === undefined ? undefined : orders.live(nextId)?.order;
    if (maker?.accountId !== accountId) return false;
    if (mode !== 'expire_taker') booking.end(maker, 'expired', 'self_trade');
    if (mode !== 'expire_maker') booking.end(taker, 'expired', 'self_trade');
    return true;
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
    const refused = admission.refuseAmending(market.value, order, request);
    if (refused !== undefined) return no(refused);
    if (compare(quantity, order.executedQuantity) <= 0)
      return { ok: true, value: booking.end(order, 'canceled', 'amended_below_executed') };
    const moves = price !== order.price;
    if (moves && order.timeInForce === 'gtx' && wouldTake(market.value, order.side, price))
      return { ok: true, value: booking.end(order, 'canceled', 'post_only_would_take') };
    const after = amendedTo(order, price, quantity, outbox.nowUs());
    const open = booking.openQuantity(after);
    orders.put(after, open);
    outbox.order('amended', after);
    booking.lockChanged(after);
    if (!moves && compare(quantity, order.quantity) <= 0) {
      market.value.shrink(order.venueOrderId, open);
      return { ok: true, value: after };
    }
    market.value.remove(order.venueOrderId);
    return { ok: true, value: work(market.value, after) };
  }

  function cancel(request: CancelOrder): Verdict<Order> {
    if (options.market(request.symbol) === undefined) return unknownSymbol(request.symbol);
    const found = findOpen(request.accountId, request.symbol, request.order);
    return found.ok ? { ok: true, value: booking.end(found.value.order, 'canceled', 'requested') } : found;
  }

  function findMarket(accountId: string, symbol: string): Verdict<Market> {
    if (!accounts.has(accountId)) return no(refusal('unknown_account', `no account ${accountId}`));
    const market = options.market(symbol);
    if (market === undefined) return unknownSymbol(symbol);
    if (market.isOpen()) return { ok: true, value: market };
    return no(refusal('market_closed', `${symbol} does not trade now`));
  }

  function findOpen(accountId: string, symbol: string, ref: OrderRef): Verdict<LiveOrder> {
    const order = orders.find(accountId, symbol, ref);
    const name = ref.by === 'venue' ? ref.venueOrderId : ref.clientOrderId;
    if (order === undefined) return no(refusal('unknown_order', `no order ${name} in ${symbol}`));
    const live = isOpen(order) ? orders.live(order.venueOrderId) : undefined;
    return live === undefined
      ? no(refusal('order_not_open', `order ${name} is ${order.status}`))
      : { ok: true, value: live };
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

function no(why: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: why };
}

function unknownSymbol(symbol: string): { readonly ok: false; readonly refusal: Refusal } {
  return no(refusal('unknown_symbol', `no symbol ${symbol}`));
}
