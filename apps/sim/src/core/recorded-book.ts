/**
 * The recorded market's book, and what our takers have taken out of it.
 *
 * L1  The published book is the recording's depth alone; nothing of ours is in it.
 * L2  Takers meet the depth corrected by a newer best quote: levels better than that quote are gone, its own levels
 *     have its quantities.
 * L3  What takers consumed of a level is remembered until the recording's next update of that level.
 */
import { add, compare, isPositive, type Price, type Quantity, subtract } from '@trunkline/proto/decimal';
import { NO_QUANTITY } from './book.ts';
import { createLadder, isBetter, type Ladder } from './ladder.ts';
import type { RecordedMessage } from './recorded-message.ts';
import type { Level, Side } from './types.ts';

export interface RecordedLevel {
  readonly price: Price;
  readonly quantity: Quantity;
  /** The recorded update that set it. */
  readonly updateId: number;
}

type Depth = Extract<RecordedMessage, { kind: 'depth' }>;
type Snapshot = Extract<RecordedMessage, { kind: 'snapshot' }>;
type Quote = Extract<RecordedMessage, { kind: 'quote' }>;

export interface RecordedBook {
  lastUpdateId(): number;
  reset(snapshot: Snapshot): void;
  apply(depth: Depth): void;
  quote(quote: Quote): void;
  /** Recorded depth, best first. */
  published(side: Side): IterableIterator<Level>;
  /** What takers can reach on this side of the book, best first, less what they consumed (L2, L3). */
  reachable(side: Side): IterableIterator<RecordedLevel>;
  /** Of L2, whether or not our takers consumed it. */
  recordedQuantity(side: Side, price: Price): Quantity;
  consume(side: Side, price: Price, quantity: Quantity): void;
}

export function createRecordedBook(): RecordedBook {
  const sides: Record<Side, Ladder<RecordedLevel>> = { buy: createLadder('buy'), sell: createLadder('sell') };
  const consumed: Record<Side, Map<Price, Quantity>> = { buy: new Map(), sell: new Map() };
  let lastUpdateId = 0;
  let newest: Quote | undefined;

  function setLevels(side: Side, levels: readonly Level[], updateId: number): void {
    for (const [price, quantity] of levels) {
      consumed[side].delete(price);
      if (isPositive(quantity)) sides[side].put(price, { price, quantity, updateId });
      else sides[side].remove(price);
    }
  }

  function touchOf(side: Side): RecordedLevel | undefined {
    if (newest === undefined || newest.updateId <= lastUpdateId) return undefined;
    const [price, quantity] = side === 'buy' ? newest.bid : newest.ask;
    return { price, quantity, updateId: newest.updateId };
  }

  function* recorded(side: Side): IterableIterator<RecordedLevel> {
    const touch = touchOf(side);
    if (touch !== undefined) yield touch;
    for (const level of sides[side].values())
      if (touch === undefined || isBetter(side, touch.price, level.price)) yield level;
  }

  function noteTouch(side: Side, before: Level | undefined, [price, quantity]: Level): void {
    // A quote repeats the side that did not change: that is no update of its level.
    if (before === undefined || before[0] !== price || before[1] !== quantity) consumed[side].delete(price);
  }

  return {
    lastUpdateId: () => lastUpdateId,
    reset(snapshot) {
      for (const side of ['buy', 'sell'] as const) {
        sides[side].clear();
        consumed[side].clear();
        setLevels(side, side === 'buy' ? snapshot.bids : snapshot.asks, snapshot.lastUpdateId);
      }
      lastUpdateId = snapshot.lastUpdateId;
    },
    apply(depth) {
      setLevels('buy', depth.bids, depth.lastUpdateId);
      setLevels('sell', depth.asks, depth.lastUpdateId);
      lastUpdateId = depth.lastUpdateId;
    },
    quote(quote) {
      noteTouch('buy', newest?.bid, quote.bid);
      noteTouch('sell', newest?.ask, quote.ask);
      newest = quote;
    },
    *published(side) {
      for (const { price, quantity } of sides[side].values()) yield [price, quantity] as const;
    },
    *reachable(side) {
      for (const level of recorded(side)) {
        const quantity = subtract(level.quantity, consumed[side].get(level.price) ?? NO_QUANTITY);
        if (isPositive(quantity)) yield { ...level, quantity };
      }
    },
    recordedQuantity(side, price) {
      const touch = touchOf(side);
      if (touch !== undefined && compare(touch.price, price) === 0) return touch.quantity;
      if (touch !== undefined && isBetter(side, price, touch.price)) return NO_QUANTITY;
      return sides[side].get(price)?.quantity ?? NO_QUANTITY;
    },
    consume(side, price, quantity) {
      consumed[side].set(price, add(consumed[side].get(price) ?? NO_QUANTITY, quantity));
    },
  };
}
