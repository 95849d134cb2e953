/**
 * The market subscriptions of a venue: one socket subscription a topic, kept alive, with every break said.
 *
 * F1  `subscribe` is answered at once: active, or refused with a reason. It stays until `unsubscribe`, whatever the
 *     venue does in between.
 * F2  A lost or silent subscription gives a gap and a stale mark, then is opened again after a growing delay. Trades
 *     say the gap when the next trade comes, with the ids that were missed.
 * F3  Books come as a snapshot and updates that chain (`book-sync.ts`); a gap is followed by a new snapshot.
 * F4  Data of a topic that is not subscribed, or of an older socket, is dropped.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import {
  type Candle,
  CandleInterval,
  Channel,
  GapReason,
  MarketEvent,
  type Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { backoffDelayMs, failuresAfter } from '@trunkline/proto/link/backoff';
import type { Rng } from '@trunkline/proto/rng';
import { type BookOutput, BookSync, type Delta, type SequenceRule, type Snapshot } from './book-sync.ts';

export interface MarketDialect {
  readonly sequenceRule: SequenceRule;
  /** `consecutive` unless said otherwise: then two ids tell how many trades lie between them. */
  readonly tradeIds?: 'consecutive' | 'opaque';
  /** Why the topic is not served; undefined when it is. */
  readonly refuse: (topic: Topic) => { readonly reason: ErrorReason; readonly message: string } | undefined;
  /** Subscribes; pends while the subscription lives, rejects when it is lost. */
  readonly open: (topic: Topic) => Promise<unknown>;
  /** Ends the subscription and its socket. */
  readonly close: (topic: Topic) => void;
  /** Absent where a book's stream begins with its snapshot, which is then handed to `MarketFeed.snapshot`. */
  readonly snapshot?: (symbol: string) => Promise<Snapshot>;
}

export interface MarketFeedOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly dialect: MarketDialect;
  /** Silence after which quotes, books and mark prices are opened again. */
  readonly silenceMs: number;
  readonly emit: (event: MarketEvent) => void;
}

/** What the venue said of a topic, already in the contract's words. */
export type MarketData = Extract<
  NonNullable<MarketEvent['event']>,
  { $case: 'bestQuote' | 'trade' | 'candle' | 'markPrice' | 'ticker' | 'openInterest' }
>;

interface Subscription {
  readonly topic: Topic;
  /** Undefined for everything but books. */
  readonly book: BookSync | undefined;
  /** New with each opening: late promises and timers of an older one are dropped. */
  generation: object;
  failures: number;
  /** When this generation was first heard. */
  liveAtUs: number | undefined;
  timers: Timer[];
  heardAtUs: number;
  heardWallUs: number;
  lastTradeId: string;
  tradeGap: boolean;
  snapshotFailures: number;
}

/** How long a stream must be quiet before an unproven snapshot is believed. */
const QUIET_MS = 1_000;
const WATCHED: ReadonlySet<Channel> = new Set([Channel.BEST_QUOTE, Channel.BOOK, Channel.MARK_PRICE]);

export class MarketFeed {
  readonly #options: MarketFeedOptions;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: MarketFeedOptions) {
    this.#options = options;
  }

  subscribe(topic: Topic): void {
    const { dialect, clock } = this.#options;
    const refusal = dialect.refuse(topic);
    if (refusal !== undefined) {
      this.#emit(topic, { $case: 'subscription', value: { active: false, ...refusal } });
      return;
    }
    this.#emit(topic, { $case: 'subscription', value: { active: true, reason: ErrorReason.UNSPECIFIED, message: '' } });
    const key = topicKey(topic.channel, topic.symbol, topic.interval);
    if (this.#subscriptions.has(key)) return;
    const subscription: Subscription = {
      topic,
      book:
        topic.channel === Channel.BOOK
          ? new BookSync(dialect.sequenceRule, dialect.snapshot === undefined ? 'streamed' : 'asked')
          : undefined,
      generation: {},
      failures: 0,
      liveAtUs: undefined,
      timers: [],
      heardAtUs: clock.monotonicUs(),
      heardWallUs: clock.wallUs(),
      lastTradeId: '',
      tradeGap: false,
      snapshotFailures: 0,
    };
    this.#subscriptions.set(key, subscription);
    this.#open(subscription);
  }

  unsubscribe(topic: Topic): void {
    const key = topicKey(topic.channel, topic.symbol, topic.interval);
    const subscription = this.#subscriptions.get(key);
    if (subscription === undefined) return;
    this.#subscriptions.delete(key);
    this.#leave(subscription);
  }

  resnapshot(topic: Topic): void {
    const subscription = this.#subscriptions.get(topicKey(topic.channel, topic.symbol, topic.interval));
    const snapshot = subscription?.book?.current();
    if (subscription !== undefined && snapshot !== undefined) this.#emitSnapshot(subscription, snapshot);
  }

  close(): void {
    for (const subscription of this.#subscriptions.values()) this.#leave(subscription);
    this.#subscriptions.clear();
  }

  /** A value of the venue's stream. `sequence` is the venue's own, 0 where it has none. */
  data(channel: Channel, symbol: string, event: MarketData, sequence: number, venueTimeUs: number): void {
    const interval = event.$case === 'candle' ? event.value.interval : CandleInterval.CANDLE_INTERVAL_UNSPECIFIED;
    const subscription = this.#subscriptions.get(topicKey(channel, symbol, interval));
    if (subscription === undefined) return;
    this.#heard(subscription);
    if (event.$case === 'trade') this.#beforeTrade(subscription, event.value.tradeId);
    this.#emit(subscription.topic, event, sequence, venueTimeUs);
  }

  /** A delta of the book's stream; undefined when it could not be read, which is a break like any other. */
  delta(symbol: string, delta: Delta | undefined): void {
    const subscription = this.#bookOf(symbol);
    if (subscription?.book === undefined) return;
    this.#heard(subscription);
    this.#perform(subscription, delta === undefined ? subscription.book.broken() : subscription.book.delta(delta));
  }

  /** A whole book that came on its stream; undefined when it could not be read. */
  snapshot(symbol: string, snapshot: Snapshot | undefined): void {
    const subscription = this.#bookOf(symbol);
    if (subscription?.book === undefined) return;
    this.#heard(subscription);
    const { book } = subscription;
    this.#perform(subscription, snapshot === undefined ? book.broken() : book.streamed(snapshot));
  }

  /** The venue confirmed the book's subscription: snapshots taken from now on fit its stream. */
  bookBegan(symbol: string): void {
    const subscription = this.#bookOf(symbol);
    if (subscription?.book !== undefined) this.#perform(subscription, subscription.book.begin());
  }

  #bookOf(symbol: string): Subscription | undefined {
    return this.#subscriptions.get(topicKey(Channel.BOOK, symbol, CandleInterval.CANDLE_INTERVAL_UNSPECIFIED));
  }

  #open(subscription: Subscription): void {
    const generation = {};
    subscription.generation = generation;
    subscription.heardAtUs = this.#options.clock.monotonicUs();
    this.#watchSilence(subscription);
    this.#options.dialect.open(subscription.topic).then(
      () => this.#lost(subscription, generation),
      () => this.#lost(subscription, generation),
    );
  }

  #watchSilence(subscription: Subscription): void {
    if (!WATCHED.has(subscription.topic.channel)) return;
    const { clock, silenceMs } = this.#options;
    const { generation } = subscription;
    const check = () => {
      if (subscription.generation !== generation) return;
      const leftMs = silenceMs - (clock.monotonicUs() - subscription.heardAtUs) / 1_000;
      if (leftMs > 0) this.#after(subscription, Math.ceil(leftMs), check);
      else this.#lost(subscription, generation);
    };
    this.#after(subscription, silenceMs, check);
  }

  #lost(subscription: Subscription, generation: object): void {
    if (subscription.generation !== generation || !this.#isHeld(subscription)) return;
    this.#leave(subscription);
    if (subscription.topic.channel === Channel.TRADES) subscription.tradeGap = subscription.lastTradeId !== '';
    else if (subscription.book !== undefined)
      this.#perform(subscription, subscription.book.lost(), GapReason.VENUE_DISCONNECT);
    else if (subscription.liveAtUs !== undefined) this.#gap(subscription, GapReason.VENUE_DISCONNECT, '', '', 0);
    this.#emit(subscription.topic, {
      $case: 'staleness',
      value: { stale: true, silentSinceUs: subscription.heardWallUs },
    });
    const uptimeMs = subscription.liveAtUs === undefined ? 0 : (subscription.heardAtUs - subscription.liveAtUs) / 1_000;
    subscription.failures = failuresAfter(subscription.failures, uptimeMs);
    subscription.liveAtUs = undefined;
    this.#after(subscription, backoffDelayMs(subscription.failures, this.#options.rng), () => this.#open(subscription));
  }

  #heard(subscription: Subscription): void {
    subscription.heardAtUs = this.#options.clock.monotonicUs();
    subscription.heardWallUs = this.#options.clock.wallUs();
    subscription.liveAtUs ??= subscription.heardAtUs;
  }

  #beforeTrade(subscription: Subscription, tradeId: string): void {
    const { lastTradeId, tradeGap } = subscription;
    subscription.lastTradeId = tradeId;
    if (!tradeGap) return;
    subscription.tradeGap = false;
    const counted = this.#options.dialect.tradeIds !== 'opaque';
    const missed = counted ? Number(tradeId) - Number(lastTradeId) - 1 : 0;
    if (counted && missed === 0) return;
    this.#gap(subscription, GapReason.VENUE_DISCONNECT, lastTradeId, tradeId, Math.max(missed, 0));
  }

  #perform(subscription: Subscription, outputs: readonly BookOutput[], reason = GapReason.VENUE_SEQUENCE): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'snapshot':
          subscription.snapshotFailures = 0;
          this.#emitSnapshot(subscription, output.snapshot);
          break;
        case 'update': {
          const { bids, asks, last, venueTimeUs } = output.delta;
          const update = { bids: [...bids], asks: [...asks], previousSequence: output.previousSequence };
          this.#emit(subscription.topic, { $case: 'bookUpdate', value: update }, last, venueTimeUs);
          break;
        }
        case 'gap': {
          const next = output.nextSequence === 0 ? '' : String(output.nextSequence);
          this.#gap(subscription, reason, String(output.lastSequence), next, 0);
          break;
        }
        case 'need_snapshot':
          if (output.retry) this.#snapshotLater(subscription);
          else this.#snapshotNow(subscription);
          break;
        case 'reopen':
          this.#lost(subscription, subscription.generation);
          break;
        case 'hold':
          this.#after(subscription, QUIET_MS, () => this.#perform(subscription, subscription.book?.settle() ?? []));
          break;
        default:
          assertNever(output);
      }
    }
  }

  #snapshotNow(subscription: Subscription): void {
    const { generation } = subscription;
    const asked = this.#options.dialect.snapshot?.(subscription.topic.symbol);
    asked?.then(
      (snapshot) => {
        if (subscription.generation === generation)
          this.#perform(subscription, subscription.book?.snapshot(snapshot) ?? []);
      },
      () => {
        if (subscription.generation === generation) this.#snapshotLater(subscription);
      },
    );
  }

  #snapshotLater(subscription: Subscription): void {
    subscription.snapshotFailures++;
    const delayMs = backoffDelayMs(subscription.snapshotFailures, this.#options.rng);
    this.#after(subscription, delayMs, () => this.#snapshotNow(subscription));
  }

  #emitSnapshot(subscription: Subscription, { bids, asks, sequence, venueTimeUs }: Snapshot): void {
    const value = { bids: [...bids], asks: [...asks] };
    this.#emit(subscription.topic, { $case: 'bookSnapshot', value }, sequence, venueTimeUs);
  }

  #gap(subscription: Subscription, reason: GapReason, lastId: string, nextId: string, missed: number): void {
    this.#emit(subscription.topic, { $case: 'gap', value: { reason, lastId, nextId, missed } });
  }

  #emit(topic: Topic, event: NonNullable<MarketEvent['event']>, sequence = 0, venueTimeUs = 0): void {
    const receivedAtUs = this.#options.clock.wallUs();
    this.#options.emit(MarketEvent.fromPartial({ topic, sequence, venueTimeUs, receivedAtUs, event }));
  }

  /** Runs later, unless the subscription left its generation or ended. */
  #after(subscription: Subscription, delayMs: number, run: () => void): void {
    const { generation } = subscription;
    const timer = this.#options.clock.schedule(delayMs, () => {
      subscription.timers = subscription.timers.filter((each) => each !== timer);
      if (subscription.generation === generation && this.#isHeld(subscription)) run();
    });
    subscription.timers.push(timer);
  }

  /** Ends what belongs to the present socket. */
  #leave(subscription: Subscription): void {
    subscription.generation = {};
    for (const timer of subscription.timers) timer.cancel();
    subscription.timers = [];
    this.#options.dialect.close(subscription.topic);
  }

  #isHeld(subscription: Subscription): boolean {
    const { channel, symbol, interval } = subscription.topic;
    return this.#subscriptions.get(topicKey(channel, symbol, interval)) === subscription;
  }
}

function topicKey(channel: Channel, symbol: string, interval: Candle['interval']): string {
  return `${channel}|${symbol}|${interval}`;
}
