/**
 * One side of a book: a value a price, best price first.
 *
 * Finding a price costs a map look-up, inserting one a binary search. The best price stands last in the array, where
 * most changes happen.
 */
import { compare, type Price } from '@trunkline/proto/decimal';
import type { Side } from './types.ts';

export interface Ladder<T> {
  bestPrice(): Price | undefined;
  best(): T | undefined;
  get(price: Price): T | undefined;
  put(price: Price, value: T): void;
  remove(price: Price): void;
  clear(): void;
  /** Best first. The ladder must not change meanwhile. */
  values(): IterableIterator<T>;
}

/** `buy` keeps bids (highest best), `sell` keeps asks (lowest best). */
export function createLadder<T>(side: Side): Ladder<T> {
  const values = new Map<Price, T>();
  /** Worst first. */
  const prices: Price[] = [];

  function positionOf(price: Price): number {
    let low = 0;
    let high = prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = prices[middle];
      if (at !== undefined && isBetter(side, price, at)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    bestPrice: () => prices.at(-1),
    best() {
      const price = prices.at(-1);
      return price === undefined ? undefined : values.get(price);
    },
    get: (price) => values.get(price),
    put(price, value) {
      if (!values.has(price)) prices.splice(positionOf(price), 0, price);
      values.set(price, value);
    },
    remove(price) {
      if (values.delete(price)) prices.splice(positionOf(price), 1);
    },
    clear() {
      values.clear();
      prices.length = 0;
    },
    *values() {
      for (let index = prices.length - 1; index >= 0; index--) {
        const price = prices[index];
        const value = price === undefined ? undefined : values.get(price);
        if (value !== undefined) yield value;
      }
    },
  };
}

/** Whether `a` has priority over `b` on this side of a book. */
export function isBetter(side: Side, a: Price, b: Price): boolean {
  return compare(a, b) === (side === 'buy' ? 1 : -1);
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

/** Whether a taker of `side` with this limit (none: any price) may trade at `price`. */
export function isWithinLimit(side: Side, limit: Price | undefined, price: Price): boolean {
  return limit === undefined || !isBetter(side, price, limit);
}
