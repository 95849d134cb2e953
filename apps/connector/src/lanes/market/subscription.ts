/**
 * One topic of one stream: a cursor into the feed's data, and what this stream was last told of the feed itself.
 *
 * N1  Order of what reads give: the venue's answer, `stale: false`, data, `stale: true`. So data that ends a silence
 *     is never delivered under a stale mark, and a mark never comes before data that is older than it.
 */
import type { MarketEvent, SubscriptionResult, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type { Feed, FeedReader } from './feed.ts';
import type { ReadResult, TopicReader } from './topic-data.ts';

/** How a subscription reaches its stream. */
export interface SubscriptionOwner {
  hasNews(subscription: Subscription): void;
  refused(subscription: Subscription, result: SubscriptionResult): void;
}

export class Subscription implements FeedReader {
  /** As the stream asked for it; its events carry the same. */
  readonly topic: Topic;
  readonly feed: Feed;
  readonly #owner: SubscriptionOwner;
  readonly #reader: TopicReader;
  #toldResult: SubscriptionResult | undefined;
  #toldStale = false;

  constructor(topic: Topic, feed: Feed, owner: SubscriptionOwner) {
    this.topic = topic;
    this.feed = feed;
    this.#owner = owner;
    this.#reader = feed.data.reader(topic);
    feed.readers.add(this);
  }

  feedChanged(): void {
    this.#owner.hasNews(this);
  }

  feedRefused(result: SubscriptionResult): void {
    this.#owner.refused(this, result);
  }

  /** The venue's answer, once for each it gave. Control: it needs no credit. */
  readResult(): MarketEvent | undefined {
    const { result } = this.feed;
    if (result === undefined || result === this.#toldResult) return undefined;
    this.#toldResult = result;
    return resultEvent(this.topic, result);
  }

  /** The stream asked for what it has: it is told again. */
  repeatResult(): void {
    this.#toldResult = undefined;
    this.#owner.hasNews(this);
  }

  read(limit: number): ReadResult {
    const data = this.#reader.read(limit);
    const { stale } = this.feed;
    if (this.#toldStale === stale || (stale && data.more)) return data;
    this.#toldStale = stale;
    const mark = this.#staleness();
    return { events: stale ? [...data.events, mark] : [mark, ...data.events], more: data.more };
  }

  /** The stream has no credit: what would have gone out in steps is given up. */
  starve(): void {
    this.#reader.starve();
  }

  close(): void {
    this.feed.readers.delete(this);
  }

  #staleness(): MarketEvent {
    const { stale, silentSinceUs } = this.feed;
    return {
      topic: this.topic,
      sequence: 0,
      venueTimeUs: 0,
      receivedAtUs: silentSinceUs,
      conflated: 0,
      event: { $case: 'staleness', value: { stale, silentSinceUs } },
    };
  }
}

export function resultEvent(topic: Topic, value: SubscriptionResult): MarketEvent {
  return { topic, sequence: 0, venueTimeUs: 0, receivedAtUs: 0, conflated: 0, event: { $case: 'subscription', value } };
}
