/**
 * The engine's market stream of one connector, kept up over any `Exchange`: subscribes, pays credit as it consumes,
 * keeps the books, and hands typed values to its listener.
 *
 * D1  After every loss it opens a new stream, with backoff, and subscribes again; a new stream begins with snapshots.
 * D2  A book handed on is whole: each update chained to the one before. One that does not is a gap, and the topic is
 *     subscribed anew for its snapshot.
 * D3  Malformed values are counted and dropped. Nothing that a connector sends throws here.
 * D4  Messages of a stream that was given up are dropped by identity.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Caller, Exchange, StreamEnd, StreamSender } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type {
  MarketDataRequest,
  MarketDataResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  Channel,
  GapReason,
  type MarketDataRequestFrame,
  type MarketEvent,
  type Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HEARTBEAT_INTERVAL_MS, SILENCE_LIMIT_MS } from '@trunkline/proto/heartbeat';
import { backoffDelayMs, failuresAfter } from '@trunkline/proto/link/backoff';
import { costsMarketCredit, MARKET_WINDOW } from '@trunkline/proto/market-credit';
import { OrderBook } from '@trunkline/proto/order-book';
import type { Rng } from '@trunkline/proto/rng';
import { topicKey } from '@trunkline/proto/topic';
import { PROTOCOL_VERSION } from '@trunkline/proto/version';
import { LatencySamples } from './latency-samples.ts';
import { type MarketValue, readMarketValue } from './market-value.ts';

/** When a value was seen where. Venue and connector stamp by their own clocks. */
export interface MarketTimes {
  readonly venueTimeUs: number;
  readonly receivedAtUs: number;
  /** When the connector handed it to the line. */
  readonly sentAtUs: number;
  /** By our clock. */
  readonly arrivedAtUs: number;
}

export type ReadonlyBook = Pick<OrderBook, 'bestBid' | 'bestAsk' | 'view' | 'sequence'>;

export type MarketUpdate =
  | { readonly kind: 'value'; readonly topic: Topic; readonly value: MarketValue; readonly times: MarketTimes }
  /** `book` is the live copy: read what is needed now, keep `view()`. */
  | { readonly kind: 'book'; readonly topic: Topic; readonly book: ReadonlyBook; readonly times: MarketTimes }
  | { readonly kind: 'gap'; readonly topic: Topic; readonly reason: GapReason; readonly missed: number }
  | { readonly kind: 'stale'; readonly topic: Topic; readonly stale: boolean }
  | { readonly kind: 'refused'; readonly topic: Topic; readonly reason: ErrorReason; readonly message: string }
  | { readonly kind: 'connected'; readonly bootId: string }
  /** Nothing that was handed on may be relied on until it comes again. */
  | { readonly kind: 'lost'; readonly reason: string };

export interface MarketFeedOptions {
  readonly exchange: Pick<Exchange, 'marketData'>;
  readonly caller: Caller;
  readonly clientId: string;
  readonly topics: readonly Topic[];
  readonly clock: Clock;
  readonly rng: Rng;
  /** Connector clock minus ours, microseconds, as the trading session measures it; undefined before its first sample. */
  readonly clockOffsetUs: () => number | undefined;
  readonly onUpdate: (update: MarketUpdate) => void;
}

export interface MarketCounters {
  quotes: number;
  books: number;
  trades: number;
  /** Older values that one sent stood for. */
  conflated: number;
  gaps: number;
  malformed: number;
  streams: number;
}

type Phase =
  | { readonly kind: 'waiting'; readonly retry: Timer }
  | {
      readonly kind: 'open';
      readonly stream: object;
      readonly sender: StreamSender<MarketDataRequest>;
      readonly openedAtUs: number;
    }
  | { readonly kind: 'closed' };

export class MarketFeed {
  readonly counters: MarketCounters = {
    quotes: 0,
    books: 0,
    trades: 0,
    conflated: 0,
    gaps: 0,
    malformed: 0,
    streams: 0,
  };
  /** Corrected by the venue's clock offset, where the connector tells it. */
  readonly venueToConnector = new LatencySamples();
  readonly connectorToEngine = new LatencySamples();
  readonly #options: MarketFeedOptions;
  readonly #topicKeys: ReadonlySet<string>;
  readonly #books = new Map<string, OrderBook>();
  #phase: Phase = { kind: 'closed' };
  #failures = 0;
  #unpaid = 0;
  #heardAtUs = 0;
  #venueOffsetUs: number | undefined;
  #beat: Timer;

  /** Opens its first stream at once. */
  constructor(options: MarketFeedOptions) {
    this.#options = options;
    this.#topicKeys = new Set(options.topics.map(topicKey));
    this.#beat = options.clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#onBeat());
    this.#open();
  }

  /** The lane has come up: do not wait out the backoff. */
  retryNow(): void {
    if (this.#phase.kind !== 'waiting') return;
    this.#phase.retry.cancel();
    this.#open();
  }

  close(): void {
    const phase = this.#phase;
    this.#phase = { kind: 'closed' };
    this.#beat.cancel();
    if (phase.kind === 'waiting') phase.retry.cancel();
    if (phase.kind === 'open') phase.sender.end();
  }

  #open(): void {
    const { exchange, caller, clientId, clock, topics } = this.#options;
    const stream = {};
    const isCurrent = () => this.#phase.kind === 'open' && this.#phase.stream === stream;
    const sender = exchange.marketData(
      { caller },
      {
        message: (message) => {
          if (isCurrent()) this.#take(message);
        },
        closed: (end) => {
          if (isCurrent()) this.#lose(end);
        },
      },
    );
    this.#phase = { kind: 'open', stream, sender, openedAtUs: clock.monotonicUs() };
    this.#heardAtUs = clock.monotonicUs();
    this.#unpaid = 0;
    this.counters.streams += 1;
    const hello = {
      protocolVersion: PROTOCOL_VERSION,
      clientId,
      sentAtUs: clock.wallUs(),
      initialCredit: MARKET_WINDOW,
    };
    this.#send({ $case: 'hello', value: hello }, { $case: 'subscribe', value: { topics: [...topics] } });
  }

  #lose(end: StreamEnd): void {
    if (this.#phase.kind !== 'open') return;
    const { clock, rng } = this.#options;
    this.#failures = failuresAfter(this.#failures, (clock.monotonicUs() - this.#phase.openedAtUs) / 1_000);
    this.#phase = {
      kind: 'waiting',
      retry: clock.schedule(backoffDelayMs(this.#failures, rng), () => this.#open()),
    };
    this.#books.clear();
    const reason = end.kind === 'ended' ? 'ended by the connector' : `${end.error.reasonName}: ${end.error.message}`;
    this.#options.onUpdate({ kind: 'lost', reason });
  }

  #onBeat(): void {
    const { clock } = this.#options;
    this.#beat = clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#onBeat());
    if (this.#phase.kind !== 'open') return;
    if (clock.monotonicUs() - this.#heardAtUs < SILENCE_LIMIT_MS * 1_000) {
      this.#send({ $case: 'heartbeat', value: { sentAtUs: clock.wallUs() } });
      return;
    }
    const { sender } = this.#phase;
    this.#lose({ kind: 'failed', error: new ExchangeError(ErrorReason.SILENT, 'nothing was heard') });
    sender.cancel();
  }

  #take(message: MarketDataResponse): void {
    const arrivedAtUs = this.#options.clock.wallUs();
    this.#heardAtUs = this.#options.clock.monotonicUs();
    this.#venueOffsetUs = message.venueStatus?.clockOffsetUs ?? this.#venueOffsetUs;
    if (message.welcome) this.#options.onUpdate({ kind: 'connected', bootId: message.welcome.bootId });
    for (const event of message.events) {
      // A listener may close the feed on any event: then the rest of the batch is nobody's.
      if (this.#phase.kind === 'open') this.#takeEvent(event, message.sentAtUs, arrivedAtUs);
    }
    const offsetUs = this.#options.clockOffsetUs();
    if (offsetUs !== undefined) this.connectorToEngine.add(arrivedAtUs + offsetUs - message.sentAtUs);
    if (costsMarketCredit(message)) this.#pay();
  }

  #takeEvent(event: MarketEvent, sentAtUs: number, arrivedAtUs: number): void {
    const { topic, venueTimeUs, receivedAtUs } = event;
    if (topic === undefined || event.event === undefined || !this.#topicKeys.has(topicKey(topic))) {
      this.counters.malformed += 1;
      return;
    }
    const times = { venueTimeUs, receivedAtUs, sentAtUs, arrivedAtUs };
    switch (event.event.$case) {
      case 'gap':
        this.#gap(topic, event.event.value.reason, event.event.value.missed);
        return;
      case 'staleness':
        this.#options.onUpdate({ kind: 'stale', topic, stale: event.event.value.stale });
        return;
      case 'subscription': {
        const { active, reason, message } = event.event.value;
        if (!active) this.#options.onUpdate({ kind: 'refused', topic, reason, message });
        return;
      }
      case 'bookSnapshot':
      case 'bookUpdate':
        this.#takeBook(topic, event, times);
        break;
      default: {
        const value = readMarketValue(event);
        if (value === 'none' || value === 'malformed') {
          this.counters.malformed += 1;
          return;
        }
        if (value.kind === 'quote') this.counters.quotes += 1;
        if (value.kind === 'trade') this.counters.trades += 1;
        this.#options.onUpdate({ kind: 'value', topic, value, times });
      }
    }
    this.counters.conflated += event.conflated;
    if (venueTimeUs > 0) this.venueToConnector.add(receivedAtUs + (this.#venueOffsetUs ?? 0) - venueTimeUs);
  }

  #takeBook(topic: Topic, { event, sequence }: MarketEvent, times: MarketTimes): void {
    const book = this.#bookOf(topic);
    const result =
      event?.$case === 'bookSnapshot'
        ? book.applySnapshot(event.value, sequence)
        : event?.$case === 'bookUpdate'
          ? book.applyUpdate(event.value, sequence)
          : 'malformed';
    if (result === 'applied') {
      this.counters.books += 1;
      this.#options.onUpdate({ kind: 'book', topic, book, times });
      return;
    }
    if (result === 'malformed') this.counters.malformed += 1;
    // Updates of a book that is already waiting for its snapshot say nothing new.
    if (result === 'out_of_sequence' && book.sequence === undefined) return;
    this.#gap(topic, GapReason.VENUE_SEQUENCE, 0);
    this.#send(
      { $case: 'unsubscribe', value: { topics: [topic] } },
      { $case: 'subscribe', value: { topics: [topic] } },
    );
  }

  #gap(topic: Topic, reason: GapReason, missed: number): void {
    this.counters.gaps += 1;
    if (topic.channel === Channel.BOOK) this.#bookOf(topic).invalidate();
    this.#options.onUpdate({ kind: 'gap', topic, reason, missed });
  }

  #bookOf(topic: Topic): OrderBook {
    const held = this.#books.get(topicKey(topic));
    if (held) return held;
    const book = new OrderBook();
    this.#books.set(topicKey(topic), book);
    return book;
  }

  /** Refills at half of the window, so that the connector never waits for a grant under a steady load. */
  #pay(): void {
    this.#unpaid += 1;
    if (this.#unpaid < MARKET_WINDOW / 2) return;
    this.#send({ $case: 'credit', value: { messages: this.#unpaid } });
    this.#unpaid = 0;
  }

  #send(...frames: NonNullable<MarketDataRequestFrame['frame']>[]): void {
    if (this.#phase.kind === 'open') this.#phase.sender.send({ frames: frames.map((frame) => ({ frame })) });
  }
}
