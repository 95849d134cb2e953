/**
 * What an order can be executed against, whether its prices are synthetic or recorded, and what such a market needs
 * of the core around it.
 */
import type { Clock } from '@trunkline/proto/clock';
import { add, compare, min, type Price, type Quantity, subtract } from '@trunkline/proto/decimal';
import { NO_QUANTITY } from './book.ts';
import type { CoreEvent } from './events.ts';
import type { Ids } from './ids.ts';
import { isWithinLimit } from './ladder.ts';
import type { BookSnapshot, FillCause, Instrument, Level, Side } from './types.ts';

/** One piece of a match, as the taker sees it. */
export interface Match {
  readonly tradeId: string;
  readonly price: Price;
  readonly quantity: Quantity;
  /** Of the taker's fill. */
  readonly cause: FillCause;
  /** The maker's order, when it is an account's: its fill has to be booked too. */
  readonly ownedMakerId?: string;
}

/** A piece of a match as the order with `venueOrderId` sees it. */
export interface OrderFill {
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly cause: FillCause;
}

export interface Market {
  readonly instrument: Instrument;
  /** Whether orders can be placed: it has a book, and its recording has not ended. */
  isOpen(): boolean;
  start(): void;
  close(): void;
  /** Of the book's own side, as a taker would meet it. */
  bestPrice(side: Side): Price | undefined;
  /** Of the book's own side, best first, as takers meet them; without the accounts' orders that `except` picks. */
  levels(side: Side, except?: (venueOrderId: string) => boolean): Iterable<Level>;
  /** The order that the taker meets next, when it is an account's. */
  nextOwned(taker: Taker): string | undefined;
  /** Consumes the best of the other side within the limit, at most `upTo`; undefined when there is none. */
  take(taker: Taker, upTo: Quantity): Match | undefined;
  rest(order: { venueOrderId: string; side: Side; price: Price; quantity: Quantity }): void;
  /** Keeps the order's priority. */
  shrink(venueOrderId: string, quantity: Quantity): void;
  remove(venueOrderId: string): void;
  snapshot(depth: number): BookSnapshot | undefined;
  /** Publishes what changed in the transaction that ends. */
  flush(): void;
}

export interface Taker {
  readonly venueOrderId: string;
  readonly side: Side;
  readonly limit: Price | undefined;
}

export type MarketEvent = Extract<
  CoreEvent,
  { kind: 'trade' | 'book_delta' | 'best_quote' | 'mark_price' | 'market_ended' }
>;

export interface MarketHost {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Runs an act of the market as one atomic step of the core. */
  transact<T>(run: () => T): T;
  /** The transaction's time. */
  nowUs(): number;
  /** Books a fill of an account's resting order, which has already left the market's queue. */
  fillMaker(fill: OrderFill): void;
  publish(event: MarketEvent): void;
}

/** Sums the levels (best first) that a taker may reach, no further than `upTo`. */
export function reachable(levels: Iterable<Level>, side: Side, limit: Price | undefined, upTo: Quantity): Quantity {
  let total = NO_QUANTITY;
  for (const [price, quantity] of levels) {
    if (!isWithinLimit(side, limit, price)) break;
    total = add(total, min(quantity, subtract(upTo, total)));
    if (compare(total, upTo) >= 0) break;
  }
  return total;
}

/** The first `count` of an iterable. */
export function firstOf<T>(values: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  if (count <= 0) return taken;
  for (const value of values) {
    taken.push(value);
    if (taken.length >= count) break;
  }
  return taken;
}
