/**
 * A price-level book that both sides of the line keep: the connector's copy of the venue's, the engine's of the
 * connector's. Exact decimals throughout; sorted arrays, because books are read far more than they are searched.
 *
 * O1  Bids descend, asks ascend, no level has quantity 0, no price stands twice on a side.
 * O2  An update applies only to the book of its `previousSequence`; otherwise nothing changes and the caller is told.
 * O3  A malformed level refuses its whole message: half an update is a wrong book.
 * O4  Level objects are immutable and shared, so two views compare by identity.
 */
import type { BookSnapshot, BookUpdate, Level } from '../gen/trunkline/exchange/v1/market_data.ts';
import { compare, isPositive, isZero, type Price, parsePrice, parseQuantity, type Quantity } from './decimal.ts';

export interface BookLevel {
  readonly price: Price;
  readonly quantity: Quantity;
}

export interface BookView {
  /** Best first. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export type ApplyResult = 'applied' | 'out_of_sequence' | 'malformed';

/** More than any venue's deepest book; a side that grows past it has lost levels no one removes, and drops its worst. */
export const MAX_LEVELS = 10_000;

export class OrderBook {
  #bids: BookLevel[] = [];
  #asks: BookLevel[] = [];
  #sequence: number | undefined;

  /** The sequence of the last change; undefined before the first snapshot and after `invalidate`. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  get bestBid(): BookLevel | undefined {
    return this.#bids[0];
  }

  get bestAsk(): BookLevel | undefined {
    return this.#asks[0];
  }

  /** The best `depth` levels of each side; all of them for 0. A copy: it stays as it is. */
  view(depth = 0): BookView {
    const end = depth === 0 ? undefined : depth;
    return { bids: this.#bids.slice(0, end), asks: this.#asks.slice(0, end) };
  }

  applySnapshot(snapshot: BookSnapshot, sequence: number): ApplyResult {
    const bids = readLevels(snapshot.bids);
    const asks = readLevels(snapshot.asks);
    if (!bids || !asks) return 'malformed';
    this.#bids = sortedSide(bids, descending);
    this.#asks = sortedSide(asks, ascending);
    this.#sequence = sequence;
    return 'applied';
  }

  applyUpdate(update: BookUpdate, sequence: number): ApplyResult {
    if (this.#sequence === undefined || update.previousSequence !== this.#sequence) return 'out_of_sequence';
    const bids = readLevels(update.bids);
    const asks = readLevels(update.asks);
    if (!bids || !asks) return 'malformed';
    for (const level of bids) setLevel(this.#bids, level, descending);
    for (const level of asks) setLevel(this.#asks, level, ascending);
    this.#sequence = sequence;
    return 'applied';
  }

  /** Forgets everything: data is missing, and only a snapshot makes it a book again. */
  invalidate(): void {
    this.#bids = [];
    this.#asks = [];
    this.#sequence = undefined;
  }
}

/** The levels that turn `before` into `after`, a removed one with quantity 0, best first. Both sorted by the same order. */
export function bidChanges(before: readonly BookLevel[], after: readonly BookLevel[]): Level[] {
  return changes(before, after, descending);
}

export function askChanges(before: readonly BookLevel[], after: readonly BookLevel[]): Level[] {
  return changes(before, after, ascending);
}

type Order = (a: Price, b: Price) => number;

const ascending: Order = (a, b) => compare(a, b);
const descending: Order = (a, b) => compare(b, a);

function changes(before: readonly BookLevel[], after: readonly BookLevel[], order: Order): Level[] {
  const result: Level[] = [];
  let old = 0;
  let now = 0;
  for (;;) {
    const left = before[old];
    const right = after[now];
    if (left === undefined && right === undefined) return result;
    const side =
      left === right ? 0 : left === undefined ? 1 : right === undefined ? -1 : order(left.price, right.price);
    if (side <= 0) old++;
    if (side >= 0) now++;
    if (side < 0 && left) result.push({ price: left.price, quantity: '0' });
    else if (right && (side > 0 || left?.quantity !== right.quantity)) {
      result.push({ price: right.price, quantity: right.quantity });
    }
  }
}

function readLevels(levels: readonly Level[]): BookLevel[] | undefined {
  const result: BookLevel[] = [];
  for (const { price, quantity } of levels) {
    const at = parsePrice(price);
    const amount = parseQuantity(quantity);
    if (at === undefined || amount === undefined || !isPositive(at)) return undefined;
    if (!isZero(amount) && !isPositive(amount)) return undefined;
    result.push({ price: at, quantity: amount });
  }
  return result;
}

/** Builds a side from a snapshot's levels. They come sorted; one that is not is sorted, and the last of equals counts. */
function sortedSide(levels: readonly BookLevel[], order: Order): BookLevel[] {
  const side: BookLevel[] = [];
  for (const level of levels) setLevel(side, level, order);
  return side;
}

function setLevel(side: BookLevel[], level: BookLevel, order: Order): void {
  const at = position(side, level.price, order);
  const held = side[at];
  const isHeld = held !== undefined && held.price === level.price;
  if (isZero(level.quantity)) {
    if (isHeld) side.splice(at, 1);
  } else if (isHeld) {
    if (held.quantity !== level.quantity) side[at] = level;
  } else {
    if (at === side.length) side.push(level);
    else side.splice(at, 0, level);
    if (side.length > MAX_LEVELS) side.pop();
  }
}

/** Where `price` stands, or would. */
function position(side: readonly BookLevel[], price: Price, order: Order): number {
  let low = 0;
  let high = side.length;
  // Snapshots append in order, so the end is the likeliest place.
  const last = side[high - 1];
  if (last === undefined || order(last.price, price) < 0) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const level = side[middle];
    if (level !== undefined && order(level.price, price) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
