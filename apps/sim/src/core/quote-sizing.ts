/** How much base asset an amount of the quote asset buys, and what a quantity costs, at the levels of a book. */
import {
  add,
  asQuantity,
  compare,
  type Decimal,
  divide,
  isPositive,
  min,
  multiply,
  type Price,
  type Quantity,
  roundToStep,
  subtract,
  ZERO,
} from '@trunkline/proto/decimal';
import { NO_QUANTITY } from './book.ts';
import type { Level } from './types.ts';

/** Finer than any step; what is cut off is below one step anyway. */
const PLACES = 18;

/**
 * The most, in whole steps, that `quote` pays for at these levels (best first). What the book cannot give is counted
 * at its last price; 0 for an empty book.
 */
export function buyable(levels: Iterable<Level>, quote: Decimal, stepSize: Quantity): Quantity {
  let left = quote;
  let total: Quantity = NO_QUANTITY;
  let last: Price | undefined;
  for (const [price, quantity] of levels) {
    const cost = multiply(price, quantity);
    if (compare(cost, left) > 0) return add(total, affordable(left, price, stepSize));
    left = subtract(left, cost);
    total = add(total, quantity);
    last = price;
  }
  return last === undefined ? NO_QUANTITY : add(total, affordable(left, last, stepSize));
}

/** What taking `quantity` costs; no more than the levels have. */
export function costOf(levels: Iterable<Level>, quantity: Quantity): Decimal {
  let left = quantity;
  let cost = ZERO;
  for (const [price, offered] of levels) {
    if (!isPositive(left)) break;
    const taken = min(offered, left);
    cost = add(cost, multiply(price, taken));
    left = subtract(left, taken);
  }
  return cost;
}

function affordable(quote: Decimal, price: Price, stepSize: Quantity): Quantity {
  return asQuantity(roundToStep(divide(quote, price, PLACES, 'down'), stepSize, 'down'));
}
