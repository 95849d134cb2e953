/**
 * Whether an order's own numbers obey the instrument's rules, in the order in which venues check them. Pure.
 */
import {
  absolute,
  compare,
  isMultipleOf,
  isPositive,
  multiply,
  notional,
  type Price,
  type Quantity,
  subtract,
} from '@trunkline/proto/decimal';
import type { Instrument, OrderType, Refusal, RefusalCode, Side } from './types.ts';

export interface Terms {
  readonly side: Side;
  readonly type: OrderType;
  readonly price?: Price;
  readonly quantity: Quantity;
  readonly reduceOnly: boolean;
}

/** `markPrice` anchors the price band and values market orders. */
export function checkTerms(instrument: Instrument, terms: Terms, markPrice: Price): Refusal | undefined {
  return checkQuantity(instrument, terms.quantity) ?? checkPrice(instrument, terms, markPrice);
}

export function refusal(code: RefusalCode, detail: string): Refusal {
  return { code, detail };
}

function checkQuantity(instrument: Instrument, quantity: Quantity): Refusal | undefined {
  const { stepSize, minQuantity, maxQuantity } = instrument;
  if (!isPositive(quantity)) return refusal('bad_quantity', `quantity ${quantity} is not above zero`);
  if (compare(quantity, minQuantity) < 0)
    return refusal('below_min_quantity', `quantity ${quantity} is below the minimum ${minQuantity}`);
  if (compare(quantity, maxQuantity) > 0)
    return refusal('above_max_quantity', `quantity ${quantity} is above the maximum ${maxQuantity}`);
  if (!isMultipleOf(quantity, stepSize))
    return refusal('bad_step', `quantity ${quantity} is no multiple of the step ${stepSize}`);
  return undefined;
}

function checkPrice(instrument: Instrument, terms: Terms, markPrice: Price): Refusal | undefined {
  const { price, quantity, type } = terms;
  if (type === 'market') {
    if (price !== undefined) return refusal('bad_price', 'a market order has no price');
    return checkNotional(instrument, terms, markPrice, quantity);
  }
  if (price === undefined || !isPositive(price))
    return refusal('bad_price', `a limit order needs a price above zero, not ${price ?? 'none'}`);
  if (!isMultipleOf(price, instrument.tickSize))
    return refusal('bad_tick', `price ${price} is no multiple of the tick ${instrument.tickSize}`);
  const band = multiply(markPrice, instrument.priceBand);
  const away = absolute(subtract(price, markPrice));
  const isOutward = (terms.side === 'buy') === compare(price, markPrice) > 0;
  if (isOutward && compare(away, band) > 0)
    return refusal('price_out_of_band', `price ${price} is more than ${band} away from the mark price ${markPrice}`);
  return checkNotional(instrument, terms, price, quantity);
}

/** Orders that only reduce are exempt, or a small rest of a position could not be closed. */
function checkNotional(instrument: Instrument, terms: Terms, at: Price, quantity: Quantity): Refusal | undefined {
  const value = notional(at, quantity);
  if (terms.reduceOnly || compare(value, instrument.minNotional) >= 0) return undefined;
  return refusal('below_min_notional', `notional ${value} is below the minimum ${instrument.minNotional}`);
}
