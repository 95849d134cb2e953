/**
 * What a topic's data and its readers have in common. The data of a topic is held once, however many streams read
 * it; a reader is only a cursor into it. So nothing is queued for a stream, a slow one costs no memory, and what it
 * missed is the distance between its cursor and the data.
 */
import type { MarketEvent, MarketGap, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';

/**
 * `broken`: data is missing that only a new snapshot can mend. `waiting`: that snapshot is not here yet, nothing
 * changed. `foreign`: not an event of this channel, nothing changed.
 */
export type TakeResult = 'taken' | 'broken' | 'waiting' | 'foreign';

export interface TopicData {
  take(event: MarketEvent): TakeResult;
  /** Notes that data is missing from here. */
  gap(gap: MarketGap, receivedAtUs: number): void;
  /** A cursor for one stream, under the topic by which that stream subscribed. */
  reader(topic: Topic): TopicReader;
}

export interface ReadResult {
  readonly events: readonly MarketEvent[];
  /** There is more to read than the limit let through. */
  readonly more: boolean;
}

export interface TopicReader {
  /** What is new, at most `limit` events (and at least one that is due). */
  read(limit: number): ReadResult;
  /** The stream is out of credit and this topic has news: whatever was to be sent in steps is lost. */
  starve(): void;
}

export const NOTHING: ReadResult = { events: [], more: false };

/** The last gap of a topic and how many there were; a reader that is behind sees one that stands for all. */
export class GapCount {
  count = 0;
  #last: MarketGap | undefined;
  #receivedAtUs = 0;

  add(gap: MarketGap, receivedAtUs: number): void {
    this.count += 1;
    this.#last = gap;
    this.#receivedAtUs = receivedAtUs;
  }

  /** The event for a reader that has seen `seen` gaps; undefined when it has seen all. */
  since(seen: number, topic: Topic): MarketEvent | undefined {
    if (this.#last === undefined || seen === this.count) return undefined;
    return gapEvent(topic, this.#last, this.#receivedAtUs, this.count - seen - 1);
  }
}

export function gapEvent(
  topic: Topic | undefined,
  gap: MarketGap,
  receivedAtUs: number,
  conflated: number,
): MarketEvent {
  return { topic, sequence: 0, venueTimeUs: 0, receivedAtUs, conflated, event: { $case: 'gap', value: gap } };
}
