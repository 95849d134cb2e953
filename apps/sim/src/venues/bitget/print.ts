/**
 * How the venue writes numbers and names on the wire: decimals as text (plain where they were computed, with the
 * symbol's places in books and tickers), times in milliseconds as text, ids as text.
 */
import { type Decimal, negate, round } from '@trunkline/proto/decimal';
import type { Instrument, Level, Order, OrderStatus, Side } from '../../core/types.ts';
import { fixed, milliseconds, places } from '../decimal-text.ts';
import type { Product } from './product.ts';

const MONEY_PLACES = 8;
const AVERAGE_PLACES = 8;
/** Decimal places of what a spot market buy spends. */
export const QUOTE_PLACES = 8;

export interface Precision {
  readonly price: number;
  readonly quantity: number;
}

export function precisionOf(instrument: Instrument): Precision {
  return { price: places(instrument.tickSize), quantity: places(instrument.stepSize) };
}

/** A time of the core as the venue writes it: text of milliseconds. */
export function wireTime(timeUs: number): string {
  return String(milliseconds(timeUs));
}

/** At most eight places. */
export function money(value: Decimal): string {
  return round(value, MONEY_PLACES, 'half-even');
}

/** What a customer paid counts as negative on this venue's wire. */
export function paid(fee: Decimal): string {
  return money(negate(fee));
}

/** Zero while nothing is executed. */
export function averageText(order: Order, average: (places: number) => Decimal): string {
  return order.executedQuantity === '0' ? '0' : average(AVERAGE_PLACES);
}

export function levelText([price, quantity]: Level, precision: Precision): [string, string] {
  // A removed level is written as a bare zero, as recorded frames show.
  return [fixed(price, precision.price), quantity === '0' ? '0' : fixed(quantity, precision.quantity)];
}

export function statusText(status: OrderStatus, product: Product): string {
  switch (status) {
    case 'new':
      return 'live';
    case 'partially_filled':
    case 'filled':
      return status;
    case 'canceled':
    case 'expired':
    case 'rejected':
      return product.canceled;
  }
}

/** A market order's force is printed as `gtc`, as the venue does. */
export function forceText({ type, timeInForce }: Order): string {
  if (type === 'market') return 'gtc';
  return timeInForce === 'gtx' ? 'post_only' : timeInForce;
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}
