/**
 * One venue subscription, shared by every stream that reads its topic: its data, and whether it may be relied on.
 *
 * F1  A feed is stale when nothing was heard for its channel's bound, and from a disconnect until the next data.
 * F2  Only data makes it live again. A gap or an answer to a subscription does not.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock } from '@trunkline/proto/clock';
import {
  Channel,
  GapReason,
  type MarketEvent,
  type SubscriptionResult,
  type Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { BookCopy } from './book-copy.ts';
import { LatestValue } from './latest-value.ts';
import type { TakeResult, TopicData } from './topic-data.ts';
import { TradeRing } from './trade-ring.ts';

/**
 * Silence after which a channel is stale, in milliseconds. Quotes and books of a traded symbol change within
 * seconds; mark prices are pushed every 1 to 3 s. The others are silent whenever nobody trades: no bound.
 */
export const STALE_AFTER_MS: Readonly<Partial<Record<Channel, number>>> = {
  [Channel.BEST_QUOTE]: 5_000,
  [Channel.BOOK]: 5_000,
  [Channel.MARK_PRICE]: 15_000,
};

/** Whoever reads a feed; told that there is news, and takes it when it can. */
export interface FeedReader {
  feedChanged(): void;
  /** The venue serves the topic no longer, or never did. */
  feedRefused(result: SubscriptionResult): void;
}

export class Feed {
  /** As the venue knows it. */
  readonly topic: Topic;
  readonly data: TopicData;
  readonly readers = new Set<FeedReader>();
  /** The venue's answer; undefined until it came. */
  result: SubscriptionResult | undefined;
  readonly #clock: Clock;
  readonly #staleAfterMs: number | undefined;
  #stale = false;
  #hasData = false;
  #heardAtUs: number;
  #silentSinceUs: number;

  constructor(topic: Topic, clock: Clock) {
    this.topic = topic;
    this.data = dataOf(topic.channel);
    this.#clock = clock;
    this.#staleAfterMs = STALE_AFTER_MS[topic.channel];
    this.#heardAtUs = clock.monotonicUs();
    this.#silentSinceUs = clock.wallUs();
  }

  get stale(): boolean {
    return this.#stale;
  }

  /** Since when nothing was heard, by our wall clock. */
  get silentSinceUs(): number {
    return this.#silentSinceUs;
  }

  /** There is data, and it may be relied on. */
  get fresh(): boolean {
    return this.#hasData && !this.#stale;
  }

  take(event: MarketEvent): TakeResult {
    const result = this.data.take(event);
    if (result === 'taken') {
      this.#hasData = true;
      this.#stale = false;
      this.#heardAtUs = this.#clock.monotonicUs();
      this.#silentSinceUs = event.receivedAtUs;
    } else if (result === 'broken') {
      this.data.gap({ reason: GapReason.VENUE_SEQUENCE, lastId: '', nextId: '', missed: 0 }, event.receivedAtUs);
    }
    return result;
  }

  /** What is held is the past, whatever the clock says (F2). */
  expire(): void {
    this.#stale = true;
  }

  /** The venue is gone: data is missing from here. */
  disconnect(): void {
    this.data.gap({ reason: GapReason.VENUE_DISCONNECT, lastId: '', nextId: '', missed: 0 }, this.#clock.wallUs());
    this.expire();
  }

  /** Silent for longer than its channel may be, and not yet said to be stale. */
  get overdue(): boolean {
    if (this.#stale || this.#staleAfterMs === undefined) return false;
    return this.#clock.monotonicUs() - this.#heardAtUs >= this.#staleAfterMs * 1_000;
  }

  tellReaders(): void {
    for (const reader of this.readers) reader.feedChanged();
  }
}

function dataOf(channel: Channel): TopicData {
  switch (channel) {
    case Channel.BEST_QUOTE:
      return new LatestValue('bestQuote');
    case Channel.TICKER:
      return new LatestValue('ticker');
    case Channel.MARK_PRICE:
      return new LatestValue('markPrice');
    case Channel.CANDLES:
      return new LatestValue('candle');
    case Channel.OPEN_INTEREST:
      return new LatestValue('openInterest');
    case Channel.BOOK:
      return new BookCopy();
    case Channel.TRADES:
      return new TradeRing();
    case Channel.UNSPECIFIED:
    case Channel.UNRECOGNIZED:
      throw new Error(`no feed can be of channel ${channel}: topics are judged before`);
    default:
      return assertNever(channel);
  }
}
