/**
 * The pre-trade check: a pure function of an order's terms and what is known at this moment. The first rule that an
 * order breaks denies it; the denial names the limit and says what is allowed.
 *
 * X1  Reduce-only orders pass the rules that bound risk (position, open orders, daily loss), never those that say what
 *     an order is.
 * X2  Open orders count in full from the moment they are decided, whatever their fate turns out to be: `exposure` is
 *     summed over them, never booked apart.
 */
import {
  absolute,
  add,
  compare,
  type Decimal,
  isMultipleOf,
  isPositive,
  multiply,
  negate,
  ONE,
  type Price,
  type Quantity,
  subtract,
} from '@trunkline/proto/decimal';
import { DenyRule } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { OrderTerms } from '../orders/order-event.ts';
import type { AccountLimits, LimitName, Quote, SymbolLimits } from './limits.ts';

export interface Denial {
  readonly rule: DenyRule;
  readonly field: string;
  readonly message: string;
}

export interface RiskView {
  readonly limits: AccountLimits;
  readonly nowUs: number;
  readonly quote: Quote | undefined;
  /** Signed position of the symbol. */
  readonly position: Quantity;
  /** What open orders of the same symbol and side may still add; this order not included. */
  readonly exposure: Quantity;
  readonly openOrders: number;
  readonly ordersInLastSecond: number;
  /** Loss of the day, positive when money was lost. */
  readonly dayLoss: Decimal;
}

export function checkOrder(terms: OrderTerms, view: RiskView): Denial | undefined {
  const { limits } = view;
  const symbol = limits.symbols.get(terms.symbol);
  if (!symbol) return denial('symbol', `${terms.symbol} is not traded by this account`, DenyRule.INVALID);
  return (
    checkShape(terms, symbol) ??
    checkRate(view) ??
    checkAgainstQuote(terms, symbol, view) ??
    (terms.reduceOnly ? undefined : checkExposure(terms, symbol, view))
  );
}

/** Whether the order could exist at the venue at all. */
export function checkShape(terms: OrderTerms, { instrument }: SymbolLimits): Denial | undefined {
  const { price, quantity, type } = terms;
  const invalid = (field: LimitName, message: string) => denial(field, message, DenyRule.INVALID);
  if ((type === 'limit') !== (price !== null))
    return invalid('price', 'a limit order has a price, a market order none');
  if (price !== null && !isPositive(price)) return invalid('price', `${price} is not above zero`);
  if (price !== null && !isMultipleOf(price, instrument.tickSize)) {
    return invalid('price', `${price} is not a multiple of the tick ${instrument.tickSize}`);
  }
  if (!isPositive(quantity)) return invalid('quantity', `${quantity} is not above zero`);
  if (compare(quantity, instrument.minQuantity) < 0) {
    return invalid('quantity', `${quantity} is below the minimum ${instrument.minQuantity}`);
  }
  if (!isMultipleOf(quantity, instrument.quantityStep)) {
    return invalid('quantity', `${quantity} is not a multiple of the step ${instrument.quantityStep}`);
  }
  const minimum = instrument.minNotional;
  if (price !== null && minimum && !terms.reduceOnly && compare(multiply(price, quantity), minimum) < 0) {
    return invalid('min_notional', `${multiply(price, quantity)} is below the minimum notional ${minimum}`);
  }
  return undefined;
}

function checkRate({ limits, ordersInLastSecond }: RiskView): Denial | undefined {
  if (ordersInLastSecond < limits.maxOrdersPerSecond) return undefined;
  return denial('max_orders_per_second', `${limits.maxOrdersPerSecond} orders a second are allowed`);
}

function checkAgainstQuote(terms: OrderTerms, symbol: SymbolLimits, view: RiskView): Denial | undefined {
  const { maxOrderQuantity, maxOrderNotional, priceBand } = symbol;
  const { price, quantity, side } = terms;
  if (maxOrderQuantity && compare(quantity, maxOrderQuantity) > 0) {
    return denial('max_order_quantity', `${quantity} is above ${maxOrderQuantity}`);
  }
  if (price !== null && maxOrderNotional && compare(multiply(price, quantity), maxOrderNotional) > 0) {
    return denial('max_order_notional', `${multiply(price, quantity)} is above ${maxOrderNotional}`);
  }
  const needsQuote = priceBand !== undefined || (price === null && maxOrderNotional !== undefined);
  if (!needsQuote) return undefined;
  const quote = freshQuote(view);
  if (!quote) return denial('price_band', `no quote of ${terms.symbol} is fresh`, DenyRule.STALE_QUOTE);
  const touch = side === 'buy' ? quote.ask : quote.bid;
  if (price === null) {
    if (!maxOrderNotional || compare(multiply(touch, quantity), maxOrderNotional) <= 0) return undefined;
    return denial('max_order_notional', `${multiply(touch, quantity)} is above ${maxOrderNotional}`);
  }
  return priceBand && checkBand(price, side, touch, priceBand);
}

function checkBand(price: Price, side: 'buy' | 'sell', touch: Price, band: Decimal): Denial | undefined {
  const edge = multiply(touch, side === 'buy' ? add(ONE, band) : subtract(ONE, band));
  const beyond = side === 'buy' ? compare(price, edge) > 0 : compare(price, edge) < 0;
  if (!beyond) return undefined;
  return denial('price_band', `${price} is beyond ${edge}, ${band} from the quote ${touch}`);
}

function checkExposure(terms: OrderTerms, symbol: SymbolLimits, view: RiskView): Denial | undefined {
  const { limits, openOrders, dayLoss, position, exposure } = view;
  if (openOrders >= limits.maxOpenOrders) {
    return denial('max_open_orders', `${limits.maxOpenOrders} open orders are allowed`);
  }
  if (limits.maxDailyLoss && compare(dayLoss, limits.maxDailyLoss) >= 0) {
    return denial('max_daily_loss', `the day lost ${dayLoss}, ${limits.maxDailyLoss} is allowed`);
  }
  if (!symbol.maxPosition) return undefined;
  const adding = add(exposure, terms.quantity);
  const worst = add<Decimal>(position, terms.side === 'buy' ? adding : negate(adding));
  // An order that can only bring the position nearer to zero passes even from beyond the limit.
  const grows = compare(absolute(worst), absolute(position)) > 0;
  if (!grows || compare(absolute(worst), symbol.maxPosition) <= 0) return undefined;
  return denial('max_position', `the position could reach ${worst}, ${symbol.maxPosition} is allowed`);
}

function freshQuote({ quote, limits, nowUs }: RiskView): Quote | undefined {
  return quote && nowUs - quote.receivedAtUs <= limits.maxQuoteAgeMs * 1_000 ? quote : undefined;
}

function denial(field: LimitName, message: string, rule: DenyRule = DenyRule.RISK): Denial {
  return { rule, field, message };
}
