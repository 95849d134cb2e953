/**
 * One client's market stream: hello, subscriptions, credit, heartbeats, and one message a turn.
 *
 * M1  The first frame is a hello of a version we serve; anything else ends the stream with PROTOCOL(_VERSION).
 * M2  What became known during one turn of the event loop leaves as one message (more only where a message would grow
 *     too large): control always, data while there is credit. Nothing else is queued: without credit the data stays
 *     in the feeds, which are bounded.
 * M3  The client's heartbeats are answered at once; ours go out every 2 s; 6 s of silence end the stream.
 * M4  `closed` is told once, never from within the call that opened the stream, and nothing after it (E2, E3).
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { StreamEnd, StreamReceiver } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { MarketDataResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type {
  MarketDataRequestFrame,
  MarketEvent,
  MarketHello,
  SubscriptionResult,
  Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  ErrorReason,
  type GoodbyeReason,
  type Heartbeat,
  type VenueStatus,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HEARTBEAT_INTERVAL_MS, SILENCE_LIMIT_MS } from '@trunkline/proto/heartbeat';
import { MAX_MARKET_CREDIT } from '@trunkline/proto/market-credit';
import { topicKey } from '@trunkline/proto/topic';
import { isProtocolCompatible, PROTOCOL_VERSION } from '@trunkline/proto/version';
import type { Feed } from './feed.ts';
import { resultEvent, Subscription, type SubscriptionOwner } from './subscription.ts';
import { echoOf } from './topic.ts';

/** More in one frame is no honest subscription. */
export const MAX_TOPICS_PER_FRAME = 256;

/**
 * Bounds a message below 1 MiB: an event is at most some 150 bytes without its levels, a level at most 90, typically 28.
 * A message is closed once it holds this many units, so the largest is one full book past it.
 */
const MESSAGE_UNITS = 4_000;
const UNITS_PER_EVENT = 4;
const MAX_EVENTS = MESSAGE_UNITS / UNITS_PER_EVENT;

/** What a stream asks of the lane. */
export interface StreamHost {
  readonly clock: Clock;
  readonly bootId: string;
  readonly venueStatus: VenueStatus;
  /** The feed of a topic, asked of the venue if nobody has it yet; or why it is not served. */
  acquire(topic: Topic): Feed | ExchangeError;
  /** The feed lost a reader. */
  release(feed: Feed): void;
  gone(stream: MarketStream): void;
}

type Phase = 'greeting' | 'open' | 'closed';

export class MarketStream implements SubscriptionOwner {
  readonly #host: StreamHost;
  readonly #receiver: StreamReceiver<MarketDataResponse>;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #news = new Set<Subscription>();
  /** Control of this turn, and answers to subscriptions. */
  #control: Partial<MarketDataResponse> = {};
  #answers: MarketEvent[] = [];
  #phase: Phase = 'greeting';
  #credit = 0;
  #isFlushScheduled = false;
  #heardAtUs: number;
  #heartbeat: Timer;

  constructor(host: StreamHost, receiver: StreamReceiver<MarketDataResponse>) {
    this.#host = host;
    this.#receiver = receiver;
    this.#heardAtUs = host.clock.monotonicUs();
    this.#heartbeat = host.clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#beat());
  }

  /** Frames of the client, in order. */
  take(frames: readonly MarketDataRequestFrame[]): void {
    this.#heardAtUs = this.#host.clock.monotonicUs();
    for (const { frame } of frames) {
      if (this.#phase === 'closed') return;
      // A frame of a newer minor version reads as none.
      if (frame === undefined) continue;
      if (this.#phase === 'greeting') this.#greet(frame.$case === 'hello' ? frame.value : undefined);
      else this.#takeFrame(frame);
    }
  }

  hasNews(subscription: Subscription): void {
    this.#news.add(subscription);
    this.#scheduleFlush();
  }

  refused(subscription: Subscription, result: SubscriptionResult): void {
    this.#drop(subscription);
    this.#answer(resultEvent(subscription.topic, result));
  }

  tellVenueStatus(venueStatus: VenueStatus): void {
    if (this.#phase === 'open') this.#say({ venueStatus });
  }

  /** Says goodbye and ends. */
  goodbye(reason: GoodbyeReason): void {
    if (this.#phase === 'open') {
      this.#say({ goodbye: { reason } });
      this.#flush();
    }
    this.close({ kind: 'ended' });
  }

  close(end: StreamEnd): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#heartbeat.cancel();
    for (const subscription of this.#subscriptions.values()) this.#drop(subscription);
    this.#host.gone(this);
    queueMicrotask(() => this.#receiver.closed(end));
  }

  #greet(hello: MarketHello | undefined): void {
    if (hello === undefined) {
      this.#fail(ErrorReason.PROTOCOL, 'a market stream begins with hello');
      return;
    }
    if (!isProtocolCompatible(hello.protocolVersion)) {
      const text = `protocol ${hello.protocolVersion.slice(0, 16)} is not served; this is ${PROTOCOL_VERSION}`;
      this.#fail(ErrorReason.PROTOCOL_VERSION, text);
      return;
    }
    this.#phase = 'open';
    this.#grant(hello.initialCredit);
    this.#say({
      welcome: {
        protocolVersion: PROTOCOL_VERSION,
        bootId: this.#host.bootId,
        echo: { peerSentAtUs: hello.sentAtUs, receivedAtUs: this.#host.clock.wallUs() },
        sentAtUs: this.#host.clock.wallUs(),
      },
      venueStatus: this.#host.venueStatus,
    });
  }

  #takeFrame(frame: NonNullable<MarketDataRequestFrame['frame']>): void {
    switch (frame.$case) {
      case 'hello':
        this.#fail(ErrorReason.PROTOCOL, 'hello came twice');
        break;
      case 'subscribe':
        this.#eachTopic(frame.value.topics, (topic) => this.#subscribe(topic));
        break;
      case 'unsubscribe':
        this.#eachTopic(frame.value.topics, (topic) => this.#unsubscribe(topic));
        break;
      case 'credit':
        this.#grant(frame.value.messages);
        break;
      case 'heartbeat':
        this.#answerHeartbeat(frame.value);
        break;
      case 'goodbye':
        this.close({ kind: 'ended' });
        break;
      default:
        assertNever(frame);
    }
  }

  #eachTopic(topics: readonly Topic[], run: (topic: Topic) => void): void {
    if (topics.length <= MAX_TOPICS_PER_FRAME) for (const topic of topics) run(topic);
    else this.#fail(ErrorReason.PROTOCOL, `at most ${MAX_TOPICS_PER_FRAME} topics in a frame`);
  }

  #subscribe(topic: Topic): void {
    const held = this.#subscriptions.get(topicKey(topic));
    const feed = held?.feed ?? this.#host.acquire(topic);
    if (held) {
      held.repeatResult();
    } else if (feed instanceof ExchangeError) {
      this.#answer(resultEvent(echoOf(topic), { active: false, reason: feed.reason, message: feed.message }));
    } else {
      const subscription = new Subscription(topic, feed, this);
      this.#subscriptions.set(topicKey(topic), subscription);
      this.hasNews(subscription);
    }
  }

  #unsubscribe(topic: Topic): void {
    const held = this.#subscriptions.get(topicKey(topic));
    if (held) this.#drop(held);
  }

  #drop(subscription: Subscription): void {
    subscription.close();
    this.#subscriptions.delete(topicKey(subscription.topic));
    this.#news.delete(subscription);
    this.#host.release(subscription.feed);
  }

  #grant(messages: number): void {
    this.#credit = Math.min(MAX_MARKET_CREDIT, this.#credit + messages);
    if (this.#news.size > 0) this.#scheduleFlush();
  }

  #answerHeartbeat({ sentAtUs }: Heartbeat): void {
    const receivedAtUs = this.#host.clock.wallUs();
    this.#say({ heartbeat: { sentAtUs: receivedAtUs, echo: { peerSentAtUs: sentAtUs, receivedAtUs } } });
  }

  #beat(): void {
    const { clock } = this.#host;
    if (clock.monotonicUs() - this.#heardAtUs >= SILENCE_LIMIT_MS * 1_000) {
      this.#fail(ErrorReason.SILENT, `nothing was heard for ${SILENCE_LIMIT_MS / 1_000} s`);
      return;
    }
    if (this.#phase === 'open') this.#say({ heartbeat: { sentAtUs: clock.wallUs() } });
    this.#heartbeat = clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#beat());
  }

  #fail(reason: ErrorReason, message: string): void {
    this.close({ kind: 'failed', error: new ExchangeError(reason, message) });
  }

  #say(control: Partial<MarketDataResponse>): void {
    this.#control = { ...this.#control, ...control };
    this.#scheduleFlush();
  }

  #answer(event: MarketEvent): void {
    this.#answers.push(event);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled || this.#phase !== 'open') return;
    this.#isFlushScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushScheduled = false;
    for (const subscription of this.#news) {
      const answer = subscription.readResult();
      if (answer) this.#answers.push(answer);
    }
    while (this.#phase === 'open') {
      const data = this.#credit > 0 ? this.#readData() : [];
      const events = [...this.#answers, ...data];
      if (events.length === 0 && Object.keys(this.#control).length === 0) break;
      const message = MarketDataResponse.fromPartial({ ...this.#control, sentAtUs: this.#host.clock.wallUs() });
      message.events = events;
      this.#control = {};
      this.#answers = [];
      if (data.length > 0) this.#credit -= 1;
      this.#receiver.message(message);
    }
    for (const subscription of this.#news) subscription.starve();
  }

  /** One message's worth of data. Whatever does not fit stays news. */
  #readData(): MarketEvent[] {
    const events: MarketEvent[] = [];
    let units = 0;
    for (const subscription of this.#news) {
      const read = subscription.read(MAX_EVENTS - events.length);
      if (!read.more) this.#news.delete(subscription);
      for (const event of read.events) {
        events.push(event);
        units += unitsOf(event);
      }
      if (units >= MESSAGE_UNITS || events.length >= MAX_EVENTS) break;
    }
    return events;
  }
}

function unitsOf({ event }: MarketEvent): number {
  const levels =
    event?.$case === 'bookSnapshot' || event?.$case === 'bookUpdate'
      ? event.value.bids.length + event.value.asks.length
      : 0;
  return UNITS_PER_EVENT + levels;
}
