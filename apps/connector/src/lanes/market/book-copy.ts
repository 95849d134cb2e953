/**
 * The connector's copy of one venue book, and its readers' views of it at their own depths.
 *
 * K1  A reader gets a snapshot of the copy at once, then updates that chain: each one's `previousSequence` is the
 *     sequence of the one before it.
 * K2  After a gap, or after it was out of credit, a reader gets a snapshot again (after a gap, once the copy is whole).
 * K3  An update is the difference of two views, so levels that enter or leave a view because of others are in it.
 */
import type { MarketEvent, MarketGap, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { askChanges, type BookView, bidChanges, OrderBook } from '@trunkline/proto/order-book';
import { GapCount, type ReadResult, type TakeResult, type TopicData, type TopicReader } from './topic-data.ts';

export class BookCopy implements TopicData {
  readonly #book = new OrderBook();
  readonly #gaps = new GapCount();
  /** Changes so far; a snapshot counts as one. */
  #version = 0;
  #venueTimeUs = 0;
  #receivedAtUs = 0;

  take(event: MarketEvent): TakeResult {
    const isUpdate = event.event?.$case === 'bookUpdate';
    if (isUpdate && this.#book.sequence === undefined) return 'waiting';
    const result = this.#apply(event);
    if (result === undefined) return 'foreign';
    if (result !== 'applied') {
      // Until the snapshot that mends it, there is no book: a wrong one would be traded on.
      this.#book.invalidate();
      return 'broken';
    }
    this.#version += 1 + event.conflated;
    this.#venueTimeUs = event.venueTimeUs;
    this.#receivedAtUs = event.receivedAtUs;
    return 'taken';
  }

  gap(gap: MarketGap, receivedAtUs: number): void {
    this.#gaps.add(gap, receivedAtUs);
    this.#book.invalidate();
  }

  reader(topic: Topic): TopicReader {
    let seenGaps = this.#gaps.count;
    let seen = Math.max(0, this.#version - 1);
    let sent: { readonly view: BookView; readonly sequence: number } | undefined;
    return {
      read: (): ReadResult => {
        const events: MarketEvent[] = [];
        const gap = this.#gaps.since(seenGaps, topic);
        if (gap) {
          events.push(gap);
          sent = undefined;
        }
        seenGaps = this.#gaps.count;
        const sequence = this.#book.sequence;
        if (sequence === undefined || (sent !== undefined && seen === this.#version)) return { events, more: false };
        const view = this.#book.view(topic.depth);
        const event = sent === undefined ? snapshot(view) : difference(sent.view, view, sent.sequence);
        if (event !== undefined) {
          const conflated = Math.max(0, this.#version - seen - 1);
          const times = { venueTimeUs: this.#venueTimeUs, receivedAtUs: this.#receivedAtUs };
          events.push({ topic, sequence, ...times, conflated, event });
          sent = { view, sequence };
        }
        seen = this.#version;
        return { events, more: false };
      },
      starve: () => {
        sent = undefined;
      },
    };
  }

  #apply({ event, sequence }: MarketEvent) {
    if (event?.$case === 'bookSnapshot') return this.#book.applySnapshot(event.value, sequence);
    if (event?.$case === 'bookUpdate') return this.#book.applyUpdate(event.value, sequence);
    return undefined;
  }
}

function snapshot(view: BookView): MarketEvent['event'] {
  return { $case: 'bookSnapshot', value: { bids: [...view.bids], asks: [...view.asks] } };
}

/** Undefined when nothing of it is within the depth: the reader's book is right as it is. */
function difference(before: BookView, after: BookView, previousSequence: number): MarketEvent['event'] {
  const bids = bidChanges(before.bids, after.bids);
  const asks = askChanges(before.asks, after.asks);
  if (bids.length === 0 && asks.length === 0) return undefined;
  return { $case: 'bookUpdate', value: { bids, asks, previousSequence } };
}
