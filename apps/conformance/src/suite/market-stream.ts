/** One stream of the market lane under a card's hands. Credit is the card's to give, unless `keepsCredit`. */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { StreamEnd } from '@trunkline/proto/exchange';
import type {
  MarketDataRequest,
  MarketDataResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  type MarketDataRequestFrame,
  type MarketEvent,
  MarketHello,
  type MarketWelcome,
  type Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { HEARTBEAT_INTERVAL_MS } from '@trunkline/proto/heartbeat';
import { costsMarketCredit } from '@trunkline/proto/market-credit';
import { topicKey } from '@trunkline/proto/topic';
import { PROTOCOL_VERSION } from '@trunkline/proto/version';
import type { WireStream } from '../wire/wire-stream.ts';
import { until } from './news.ts';
import type { Transcript } from './transcript.ts';
import { reasonOf, sayEnd, sayMarket } from './words.ts';

export type MarketFrame = NonNullable<MarketDataRequestFrame['frame']>;

export interface MarketStreamOptions {
  readonly stream: WireStream<MarketDataRequest, MarketDataResponse>;
  readonly clock: Clock;
  readonly transcript: Transcript;
  /** Each message that cost credit is paid back at once. */
  readonly keepsCredit: boolean;
  readonly limitMs: number;
}

export class MarketStream {
  readonly events: MarketEvent[] = [];
  readonly messages: MarketDataResponse[] = [];
  readonly #options: MarketStreamOptions;
  #beat: Timer;

  constructor(options: MarketStreamOptions) {
    this.#options = options;
    options.stream.onNews((message) => this.#take(message));
    this.#beat = options.clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#sendBeat());
  }

  get end(): StreamEnd | undefined {
    return this.#options.stream.end;
  }

  get welcome(): MarketWelcome | undefined {
    return this.messages.find(({ welcome }) => welcome !== undefined)?.welcome;
  }

  /** Messages so far that cost credit. */
  get paid(): number {
    return this.messages.filter(costsMarketCredit).length;
  }

  hello(changes: Partial<MarketHello> = {}): void {
    const sentAtUs = this.#options.clock.wallUs();
    const usual = { protocolVersion: PROTOCOL_VERSION, clientId: 'conformance', sentAtUs, initialCredit: 64 };
    this.send({ $case: 'hello', value: MarketHello.fromPartial({ ...usual, ...changes }) });
  }

  send(...frames: readonly MarketFrame[]): void {
    for (const frame of frames) this.#options.transcript.say(`> market ${frame.$case}`);
    this.#options.stream.send({ frames: frames.map((frame) => ({ frame })) });
  }

  sendBytes(bytes: Buffer, what: string): void {
    this.#options.transcript.say(`> ${bytes.length} bytes: ${what}`);
    this.#options.stream.sendBytes(bytes);
  }

  subscribe(...topics: readonly Topic[]): void {
    this.send({ $case: 'subscribe', value: { topics: [...topics] } });
  }

  unsubscribe(...topics: readonly Topic[]): void {
    this.send({ $case: 'unsubscribe', value: { topics: [...topics] } });
  }

  credit(messages: number): void {
    this.send({ $case: 'credit', value: { messages } });
  }

  /** The events of one topic, answers to the subscription included. */
  of(topic: Topic): MarketEvent[] {
    const key = topicKey(topic);
    return this.events.filter((event) => event.topic !== undefined && topicKey(event.topic) === key);
  }

  until<T>(look: () => T | undefined, what: string, limitMs = this.#options.limitMs): Promise<T> {
    const { clock, stream } = this.#options;
    const seen = () => (stream.end === undefined ? 'nothing of the kind' : sayEnd(stream.end));
    return until({ clock, subscribe: (listener) => stream.onNews(listener) }, look, what, limitMs, seen);
  }

  ending(what: string): Promise<string> {
    const { clock, stream, limitMs } = this.#options;
    const look = () => (stream.end === undefined ? undefined : reasonOf(stream.end));
    return until(
      { clock, subscribe: (listener) => stream.onNews(listener) },
      look,
      what,
      limitMs,
      () => 'an open stream',
    );
  }

  cancel(): void {
    this.#beat.cancel();
    this.#options.stream.cancel();
  }

  #take(message: MarketDataResponse | undefined): void {
    const { transcript, stream, keepsCredit } = this.#options;
    if (message === undefined) {
      this.#beat.cancel();
      if (stream.end) transcript.say(`< ${sayEnd(stream.end)}`);
      return;
    }
    this.messages.push(message);
    for (const event of message.events) {
      this.events.push(event);
      transcript.say(sayMarket(event));
    }
    if (message.welcome) transcript.say(`< market welcome ${message.welcome.bootId}`);
    if (keepsCredit && costsMarketCredit(message)) {
      stream.send({ frames: [{ frame: { $case: 'credit', value: { messages: 1 } } }] });
    }
  }

  #sendBeat(): void {
    const { clock, stream } = this.#options;
    this.#beat = clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#sendBeat());
    if (this.welcome === undefined) return;
    stream.send({ frames: [{ frame: { $case: 'heartbeat', value: { sentAtUs: clock.wallUs() } } }] });
  }
}
