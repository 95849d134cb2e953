/**
 * Whether a request may become an order, or an order become what an amend asks for: terms, position side, client id,
 * limits, and what the account can carry or pay. It changes nothing.
 */
import {
  compare,
  type Decimal,
  isPositive,
  multiply,
  type Price,
  type Quantity,
  subtract,
} from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import { type Balances, paidAsset } from './balances.ts';
import type { Booking } from './booking.ts';
import type { CoreRules } from './core-api.ts';
import { isBetter, opposite } from './ladder.ts';
import { type Market, reachable } from './market.ts';
import type { OrderStore } from './orders.ts';
import { onlyReduces, sidesOf } from './position-side.ts';
import { costOf } from './quote-sizing.ts';
import type { AmendOrder, Instrument, Level, NewOrder, Order, Refusal, Side } from './types.ts';
import { checkTerms, refusal } from './validate.ts';
import type { Valuer } from './valuation.ts';

export interface Admission {
  /** `levels` are what the order could take, best first. */
  refusePlacing(market: Market, request: NewOrder, levels: () => Iterable<Level>): Refusal | undefined;
  refuseAmending(market: Market, order: Order, request: AmendOrder): Refusal | undefined;
}

interface AdmissionOptions {
  readonly accounts: AccountBook;
  readonly balances: Balances;
  readonly orders: OrderStore;
  readonly booking: Booking;
  readonly valuer: Valuer;
  readonly markPrice: (symbol: string) => Price;
  readonly rules: CoreRules;
}

/** What of an order counts against the account. */
type Load = Pick<NewOrder, 'accountId' | 'side' | 'positionSide' | 'quoteQuantity'> & {
  readonly price: Price | undefined;
  readonly quantity: Quantity;
  /** An open order that it takes the place of. */
  readonly replacing?: string;
};

export function createAdmission(options: AdmissionOptions): Admission {
  const { accounts, balances, orders, booking, valuer, markPrice, rules } = options;

  function refusePlacing(market: Market, request: NewOrder, levels: () => Iterable<Level>): Refusal | undefined {
    const { symbol, price, quantity } = request;
    const { instrument } = market;
    return (
      refuseSide(instrument, request) ??
      checkTerms(instrument, request, markPrice(symbol)) ??
      refuseIdentity(instrument, request) ??
      refuseMatching(market, request, levels) ??
      (onlyReduces(request) ? refuseReducing(request) : refuseLoad(instrument, { ...request, price, quantity }, levels))
    );
  }

  function refuseSide(
    { market, symbol }: Instrument,
    { accountId, positionSide, reduceOnly, quoteQuantity }: NewOrder,
  ) {
    if (market === 'spot' && reduceOnly) return refusal('wrong_market', `${symbol} is a spot pair: nothing to reduce`);
    if (market !== 'spot' && quoteQuantity !== undefined)
      return refusal('wrong_market', `${symbol} is a contract: its orders have no quote quantity`);
    const mode = accounts.positionMode(accountId);
    if (sidesOf(mode).includes(positionSide)) return undefined;
    return refusal('position_side_mismatch', `position side ${positionSide} is none of the ${mode} mode`);
  }

  function refuseIdentity({ maxOpenOrders }: Instrument, { accountId, symbol, clientOrderId }: NewOrder) {
    const live = orders.liveOf(accountId, symbol);
    const isTaken = live.some(({ order }) => order.clientOrderId === clientOrderId);
    if (isTaken && rules.duplicateClientId === 'refuse_open')
      return refusal('duplicate_client_order_id', `an open order has the client id ${clientOrderId}`);
    if (live.length < maxOpenOrders) return undefined;
    return refusal('too_many_open_orders', `${live.length} orders are open in ${symbol}, the most allowed`);
  }

  function refuseMatching(market: Market, request: NewOrder, levels: () => Iterable<Level>): Refusal | undefined {
    const { symbol, side, type, timeInForce, price, quantity } = request;
    if (type === 'market') {
      if (market.bestPrice(opposite(side)) !== undefined) return undefined;
      return refusal('no_liquidity', `nobody to ${side} from in ${symbol}`);
    }
    if (
      timeInForce === 'gtx' &&
      rules.postOnlyCross === 'refuse' &&
      !request.reduceOnly &&
      wouldTake(market, side, price)
    )
      return refusal('post_only_would_take', `a post-only ${side} at ${price} would take`);
    if (timeInForce === 'fok' && rules.fokUnfilled === 'refuse') {
      const offered = reachable(levels(), side, price, quantity);
      if (compare(offered, quantity) < 0) return refusal('fok_unfilled', `only ${offered} of ${quantity} is offered`);
    }
    return undefined;
  }

  function refuseReducing(request: NewOrder): Refusal | undefined {
    if (booking.canReduce(request)) return undefined;
    return refusal('reduce_only_rejected', `no position in ${request.symbol} that a ${request.side} reduces`);
  }

  function refuseLoad(instrument: Instrument, load: Load, levels: () => Iterable<Level>): Refusal | undefined {
    if (instrument.market === 'spot') return refusePayment(instrument, load, levels);
    const { accountId, side, positionSide, price, quantity, replacing } = load;
    const [best] = price === undefined ? levels() : [];
    const at = price ?? best?.[0] ?? markPrice(instrument.symbol);
    const value = multiply(at, quantity);
    const added = { side, positionSide, notional: value, ...(replacing === undefined ? {} : { replacing }) };
    if (valuer.canCarry(accountId, instrument, added)) return undefined;
    const wallet = accounts.wallet(accountId, instrument.quote);
    return refusal('insufficient_margin', `notional ${value} is too much for a wallet of ${wallet}`);
  }

  function refusePayment(instrument: Instrument, load: Load, levels: () => Iterable<Level>): Refusal | undefined {
    const { accountId, side, price, quantity, replacing } = load;
    const asset = paidAsset(instrument, side);
    const free = balances.free(accountId, asset, replacing);
    const needed = side === 'sell' ? quantity : (load.quoteQuantity ?? costOfBuying(price, quantity, levels));
    if (compare(needed, free) <= 0) return undefined;
    return refusal('insufficient_balance', `${needed} ${asset} are needed, ${free} are free`);
  }

  function refuseAmending(market: Market, order: Order, request: AmendOrder): Refusal | undefined {
    const { price, quantity, side = order.side, accountId } = request;
    if (side !== order.side) return refusal('side_mismatch', `the order is a ${order.side}, not a ${side}`);
    const wrong = checkTerms(market.instrument, { ...order, price, quantity }, markPrice(order.symbol));
    if (wrong !== undefined) return wrong;
    if (price === order.price && quantity === order.quantity)
      return refusal('nothing_to_amend', `the order has price ${price} and quantity ${quantity} already`);
    const remaining = subtract(quantity, order.executedQuantity);
    if (onlyReduces(order) || !isPositive(remaining)) return undefined;
    const { positionSide, venueOrderId: replacing } = order;
    const load = { accountId, side, positionSide, price, quantity: remaining, replacing };
    return refuseLoad(market.instrument, load, () => market.levels(opposite(side)));
  }

  return { refusePlacing, refuseAmending };
}

function costOfBuying(price: Price | undefined, quantity: Quantity, levels: () => Iterable<Level>): Decimal {
  return price === undefined ? costOf(levels(), quantity) : multiply(price, quantity);
}

export function wouldTake(market: Market, side: Side, price: Price | undefined): boolean {
  const best = market.bestPrice(opposite(side));
  return best !== undefined && price !== undefined && !isBetter(side, best, price);
}
