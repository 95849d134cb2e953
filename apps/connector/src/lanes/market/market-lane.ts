/**
 * The market lane of a connector: any number of client streams over one set of venue subscriptions.
 *
 * L1  The venue holds at most one subscription a topic, for as long as at least one stream wants it.
 * L2  Nothing here grows with a slow client: see topic-data.ts.
 * L3  A symbol is stale when its quote and its book were asked for and neither may be relied on.
 *
 * Who may open a stream is judged before (core.ts).
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { CallContext, StreamReceiver, StreamSender } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type {
  MarketDataRequest,
  MarketDataResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel, type MarketEvent, type Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  ErrorReason,
  GoodbyeReason,
  VenueState,
  type VenueStatus,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Venue, VenueEvent } from '../../venues/venue.ts';
import { Feed } from './feed.ts';
import { MarketStream, type StreamHost } from './market-stream.ts';
import { feedKey, refuseTopic, venueTopic } from './topic.ts';

/** How often silence is judged: a feed is said to be stale at most this long after its bound. */
export const SILENCE_CHECK_MS = 500;
/** Engines, observers and tools of one connector; more is a leak of theirs. */
export const MAX_STREAMS = 64;

export interface MarketLaneOptions {
  readonly venue: Pick<Venue, 'profile' | 'status' | 'subscribe' | 'unsubscribe' | 'resnapshot'>;
  /** The connector's symbols; no other is served. */
  readonly symbols: readonly string[];
  readonly bootId: string;
  readonly clock: Clock;
}

export class MarketLane implements StreamHost {
  readonly clock: Clock;
  readonly bootId: string;
  readonly #venue: MarketLaneOptions['venue'];
  readonly #symbols: ReadonlySet<string>;
  readonly #feeds = new Map<string, Feed>();
  readonly #streams = new Set<MarketStream>();
  #venueState: VenueState;
  #silenceCheck: Timer;
  #isClosed = false;

  constructor(options: MarketLaneOptions) {
    this.clock = options.clock;
    this.bootId = options.bootId;
    this.#venue = options.venue;
    this.#symbols = new Set(options.symbols);
    this.#venueState = options.venue.status.state;
    this.#silenceCheck = this.clock.schedule(SILENCE_CHECK_MS, () => this.#checkSilence());
  }

  get venueStatus(): VenueStatus {
    return this.#venue.status;
  }

  open(context: CallContext, receiver: StreamReceiver<MarketDataResponse>): StreamSender<MarketDataRequest> {
    const stream = new MarketStream(this, {
      message: (response) => receiver.message(response),
      closed(end) {
        context.signal?.removeEventListener('abort', cancel);
        receiver.closed(end);
      },
    });
    const cancel = () => stream.close({ kind: 'failed', error: new ExchangeError(ErrorReason.CANCELLED, 'cancelled') });
    this.#streams.add(stream);
    context.signal?.addEventListener('abort', cancel);
    if (context.signal?.aborted) cancel();
    else if (this.#isClosed) refuse(stream, ErrorReason.DRAINING, 'the connector is leaving');
    else if (this.#streams.size > MAX_STREAMS) refuse(stream, ErrorReason.NOT_READY, `${MAX_STREAMS} streams are open`);
    return {
      send: (request) => stream.take(request.frames),
      end: () => stream.close({ kind: 'ended' }),
      cancel,
    };
  }

  onVenueEvent(event: VenueEvent): void {
    if (event.kind === 'market') this.#takeMarket(event.event);
    else if (event.kind === 'status') this.#takeStatus(event.status);
  }

  /** Whether the market of `symbol` is unknown right now. A symbol that nobody watches is not stale (L3). */
  isStale(symbol: string): boolean {
    const watched = [...this.#feeds.values()].filter(
      ({ topic }) =>
        topic.symbol === symbol && (topic.channel === Channel.BEST_QUOTE || topic.channel === Channel.BOOK),
    );
    return watched.length > 0 && !watched.some((feed) => feed.fresh);
  }

  /** Says goodbye to every stream and lets the venue's subscriptions go. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#silenceCheck.cancel();
    for (const stream of this.#streams) stream.goodbye(GoodbyeReason.DRAINED);
  }

  acquire(topic: Topic): Feed | ExchangeError {
    const { capabilities } = this.#venue.profile;
    const refusal = refuseTopic(topic, capabilities, this.#symbols);
    if (refusal) return refusal;
    const held = this.#feeds.get(feedKey(topic));
    if (held) return held;
    const feed = new Feed(venueTopic(topic, capabilities), this.clock);
    this.#feeds.set(feedKey(topic), feed);
    this.#venue.subscribe(feed.topic);
    // A venue that refuses at once does so before the feed has a reader to tell.
    const result = feed.result;
    if (result === undefined || result.active) return feed;
    this.release(feed);
    return new ExchangeError(result.reason, result.message);
  }

  release(feed: Feed): void {
    if (feed.readers.size > 0 || this.#feeds.get(feedKey(feed.topic)) !== feed) return;
    this.#feeds.delete(feedKey(feed.topic));
    this.#venue.unsubscribe(feed.topic);
  }

  gone(stream: MarketStream): void {
    this.#streams.delete(stream);
  }

  #takeMarket(event: MarketEvent): void {
    const feed = event.topic && this.#feeds.get(feedKey(event.topic));
    // An event of a topic that was given up is still on its way for a moment.
    if (feed === undefined || event.event === undefined) return;
    switch (event.event.$case) {
      case 'subscription':
        feed.result = event.event.value;
        if (!event.event.value.active) {
          for (const reader of [...feed.readers]) reader.feedRefused(event.event.value);
        }
        break;
      case 'gap':
        feed.data.gap(event.event.value, event.receivedAtUs);
        break;
      case 'staleness':
        if (event.event.value.stale) feed.expire();
        break;
      default:
        if (feed.take(event) === 'broken') this.#venue.resnapshot(feed.topic);
    }
    feed.tellReaders();
  }

  #takeStatus(status: VenueStatus): void {
    const before = this.#venueState;
    this.#venueState = status.state;
    for (const stream of this.#streams) stream.tellVenueStatus(status);
    if (status.state === before) return;
    for (const feed of this.#feeds.values()) {
      if (status.state === VenueState.DISCONNECTED) {
        feed.disconnect();
        feed.tellReaders();
      } else if (before === VenueState.DISCONNECTED && feed.topic.channel === Channel.BOOK) {
        // The venue may not have lost this book's stream: then nothing but us would ask for a snapshot.
        this.#venue.resnapshot(feed.topic);
      }
    }
  }

  #checkSilence(): void {
    for (const feed of this.#feeds.values()) {
      if (!feed.overdue) continue;
      feed.expire();
      feed.tellReaders();
    }
    this.#silenceCheck = this.clock.schedule(SILENCE_CHECK_MS, () => this.#checkSilence());
  }
}

function refuse(stream: MarketStream, reason: ErrorReason, message: string): void {
  stream.close({ kind: 'failed', error: new ExchangeError(reason, message) });
}
