/**
 * A book followed on the wire, by the rules of market_data.proto: every update applies to the book of its
 * previous_sequence, a gap is followed by a snapshot, the book is sorted and never crossed.
 */
import { compare } from '@trunkline/proto/decimal';
import type { BookSnapshot, Level, MarketEvent, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { type BookView, OrderBook } from '@trunkline/proto/order-book';
import type { MarketStream } from './market-stream.ts';
import { Mismatch } from './mismatch.ts';

/** States that are remembered, to be compared with the venue's. */
const MAX_VIEWS = 2_000;

export interface FollowedBook {
  /** Throws a `Mismatch` at the first thing that was wrong so far. */
  check(): void;
  /** Changes so far, snapshots included. */
  readonly changes: () => number;
  readonly snapshots: () => number;
  readonly gaps: () => number;
  readonly sequence: () => number | undefined;
  /** The best `depth` levels as of a sequence, if it was one of ours. */
  readonly viewAt: (sequence: number) => BookView | undefined;
}

export function followBook(stream: MarketStream, topic: Topic, keptDepth = 0): FollowedBook {
  const book = new OrderBook();
  const views = new Map<number, BookView>();
  const counts = { changes: 0, snapshots: 0, gaps: 0 };
  let read = 0;
  const advance = () => {
    const events = stream.of(topic);
    for (const event of events.slice(read)) {
      read += 1;
      take(book, event, counts);
      if (keptDepth > 0 && book.sequence !== undefined) {
        views.set(book.sequence, book.view(keptDepth));
        const [oldest] = views.keys();
        if (views.size > MAX_VIEWS && oldest !== undefined) views.delete(oldest);
      }
    }
  };
  const after =
    <T>(look: () => T) =>
    () => {
      advance();
      return look();
    };
  return {
    check: advance,
    changes: after(() => counts.changes),
    snapshots: after(() => counts.snapshots),
    gaps: after(() => counts.gaps),
    sequence: after(() => book.sequence),
    viewAt: (sequence) => {
      advance();
      return views.get(sequence);
    },
  };
}

function take(
  book: OrderBook,
  { event, sequence }: MarketEvent,
  counts: { changes: number; snapshots: number; gaps: number },
): void {
  switch (event?.$case) {
    case 'bookSnapshot': {
      expectSorted(event.value);
      const result = book.applySnapshot(event.value, sequence);
      if (result !== 'applied') throw new Mismatch('a snapshot that can be read', result);
      counts.snapshots += 1;
      break;
    }
    case 'bookUpdate': {
      const before = book.sequence;
      const result = book.applyUpdate(event.value, sequence);
      if (result === 'applied') break;
      const { previousSequence } = event.value;
      throw new Mismatch(`an update of sequence ${before ?? 'none yet'}`, `${result}: one of ${previousSequence}`);
    }
    case 'gap':
      book.invalidate();
      counts.gaps += 1;
      return;
    default:
      return;
  }
  counts.changes += 1;
  const { bestBid, bestAsk } = book;
  if (bestBid === undefined || bestAsk === undefined || compare(bestBid.price, bestAsk.price) < 0) return;
  throw new Mismatch('a book that is not crossed', `${bestBid.price} and ${bestAsk.price} at ${sequence}`);
}

function expectSorted({ bids, asks }: BookSnapshot): void {
  const prices = (levels: readonly Level[]) => levels.map(({ price }) => Number(price));
  const ascends = (values: readonly number[]) =>
    values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
  if (!ascends(prices(asks))) throw new Mismatch('asks that ascend', 'asks that do not');
  if (!ascends(prices(bids).reverse())) throw new Mismatch('bids that descend', 'bids that do not');
}
