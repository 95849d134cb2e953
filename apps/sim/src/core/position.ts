/**
 * Position arithmetic by cost basis.
 *
 * P1  `quantity` is the signed sum of the fills, `cost` the signed sum of what the open part of it was entered for.
 * P2  Closing q of Q takes `round_half_even(cost * q / Q, 8)` out of the cost, and all of the cost when q = Q; so over a
 *     whole round trip the realised PnL is exactly what the fills paid and received, up to its own rounding at 8 places.
 * P3  A fill that turns the position closes it first and opens the rest at the fill's price.
 */
import {
  absolute,
  add,
  asPrice,
  compare,
  type Decimal,
  divide,
  isNegative,
  isZero,
  min,
  multiply,
  negate,
  type Price,
  type Quantity,
  round,
  subtract,
  ZERO,
} from '@trunkline/proto/decimal';
import type { Position, PositionSide, Side } from './types.ts';

/** Places of PnL, fees and costs taken out: the finest that the venues' own accounts carry. */
export const MONEY_PLACES = 8;

export interface PositionStep {
  readonly position: Position;
  readonly realizedPnl: Decimal;
}

export function flatPosition(symbol: string, positionSide: PositionSide, timeUs: number): Position {
  const entryPrice = asPrice(ZERO);
  return { symbol, positionSide, quantity: ZERO, cost: ZERO, entryPrice, realizedPnl: ZERO, updatedUs: timeUs };
}

export function applyFill(before: Position, side: Side, price: Price, filled: Quantity, timeUs: number): PositionStep {
  const signed: Decimal = side === 'buy' ? filled : negate<Decimal>(filled);
  const closes = !isZero(before.quantity) && isNegative(before.quantity) !== isNegative(signed);
  const open = absolute(before.quantity);
  const closed: Decimal = closes ? min<Decimal>(open, filled) : ZERO;
  const costOut = closes ? costOf(before.cost, closed, open) : ZERO;
  const proceeds = multiply(price, isNegative(signed) ? closed : negate(closed));
  const realizedPnl = round(subtract(proceeds, costOut), MONEY_PLACES, 'half-even');
  const opened: Decimal = subtract<Decimal>(filled, closed);
  const costIn = multiply(price, isNegative(signed) ? negate(opened) : opened);
  const quantity = add(before.quantity, signed);
  const cost = add(subtract(before.cost, costOut), costIn);
  const position = {
    ...before,
    quantity,
    cost,
    entryPrice: isZero(quantity) ? asPrice(ZERO) : asPrice(divide(cost, quantity, MONEY_PLACES, 'half-even')),
    realizedPnl: add(before.realizedPnl, realizedPnl),
    updatedUs: timeUs,
  };
  return { position, realizedPnl };
}

/** What a taker may still do against the position with a reduce-only order of this side. */
export function reducibleQuantity(position: Position | undefined, side: Side): Decimal {
  if (position === undefined || isZero(position.quantity)) return ZERO;
  const reduces = isNegative(position.quantity) === (side === 'buy');
  return reduces ? absolute(position.quantity) : ZERO;
}

function costOf(cost: Decimal, closed: Decimal, open: Decimal): Decimal {
  if (compare(closed, open) === 0) return cost;
  return divide(multiply(cost, closed), open, MONEY_PLACES, 'half-even');
}
