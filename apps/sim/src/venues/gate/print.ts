/**
 * How the venue writes numbers: decimals plain (`0.01`, never padded), times in seconds or milliseconds by field, spot
 * ids as text, futures ids as JSON integers, futures quantities as whole contracts.
 */
import {
  asQuantity,
  type Decimal,
  divide,
  isZero,
  multiply,
  negate,
  type Quantity,
  subtract,
} from '@trunkline/proto/decimal';
import type { Instrument, Order, Side } from '../../core/types.ts';
import { milliseconds } from '../decimal-text.ts';

const AVERAGE_PLACES = 8;
/** Contracts are whole; the places only catch a quantity that is off the step. */
const CONTRACT_PLACES = 8;

export function seconds(timeUs: number): number {
  return Math.floor(timeUs / 1_000_000);
}

/** `1681196535.01`: seconds with a fraction, as the futures REST writes times. */
export function fractionalSeconds(timeUs: number): number {
  return Math.floor(timeUs / 1_000) / 1_000;
}

/** `1605176741123.456`: milliseconds as text, with what is finer behind the point. */
export function preciseMilliseconds(timeUs: number): string {
  return `${milliseconds(timeUs)}.${String(timeUs % 1_000).padStart(3, '0')}`;
}

/** Base quantity to contracts. */
export function contracts(quantity: Decimal, { contractSize }: Instrument): number {
  return Number(divide(quantity, contractSize, CONTRACT_PLACES, 'half-even'));
}

/** Contracts to base quantity. */
export function baseQuantity(size: Decimal, { contractSize }: Instrument): Quantity {
  return asQuantity(multiply(size, contractSize));
}

/** Above zero buys, below sells. */
export function signed(quantity: Decimal, side: Side): Decimal {
  return side === 'buy' ? quantity : negate(quantity);
}

export function left(order: Order): Quantity {
  return subtract(order.quantity, order.executedQuantity);
}

/** To 8 places, half-even; 0 while nothing was executed. */
export function averagePrice({ executedQuantity, executedQuote }: Order): Decimal {
  if (isZero(executedQuantity)) return executedQuantity;
  return divide(executedQuote, executedQuantity, AVERAGE_PLACES, 'half-even');
}

/** A JSON number where the venue's streams carry one. Not for arithmetic. */
export function float(value: Decimal): number {
  return Number(value);
}

/** Futures ids and trade ids of streams are whole numbers on the wire. */
export function wireId(id: string): number {
  return Number(id);
}
