/**
 * One stream of the order lane under a card's hands: the card says each frame, the stream keeps what came.
 *
 * T1  It answers and sends heartbeats by itself, as session.proto demands of every client, unless told to be silent.
 * T2  It acknowledges nothing by itself: acks are credit, and credit is what cards are about. `acknowledges` turns it on.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { StreamEnd } from '@trunkline/proto/exchange';
import type { TradeRequest, TradeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type {
  HeartbeatEcho,
  SessionEvent,
  TradeRequestFrame,
  TradeResponseFrame,
  Welcome,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HEARTBEAT_INTERVAL_MS } from '@trunkline/proto/heartbeat';
import type { WireStream } from '../wire/wire-stream.ts';
import { until } from './news.ts';
import type { Transcript } from './transcript.ts';
import { reasonOf, sayEnd, sayRequest, sayResponse } from './words.ts';

export type RequestFrame = NonNullable<TradeRequestFrame['frame']>;

export interface TradeStreamOptions {
  readonly stream: WireStream<TradeRequest, TradeResponse>;
  readonly clock: Clock;
  readonly transcript: Transcript;
  readonly acknowledges: boolean;
  readonly limitMs: number;
}

export class TradeStream {
  readonly frames: NonNullable<TradeResponseFrame['frame']>[] = [];
  readonly events: SessionEvent[] = [];
  readonly #options: TradeStreamOptions;
  #beat: Timer;
  #isSilent = false;
  #echo: HeartbeatEcho | undefined;

  constructor(options: TradeStreamOptions) {
    this.#options = options;
    options.stream.onNews((message) => this.#take(message));
    this.#beat = options.clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#sendBeat());
  }

  get end(): StreamEnd | undefined {
    return this.#options.stream.end;
  }

  get welcome(): Welcome | undefined {
    for (const frame of this.frames) if (frame.$case === 'welcome') return frame.value;
    return undefined;
  }

  send(...frames: readonly RequestFrame[]): void {
    for (const frame of frames) this.#options.transcript.say(sayRequest({ frame }));
    this.#options.stream.send({ frames: frames.map((frame) => ({ frame })) });
  }

  sendBytes(bytes: Buffer, what: string): void {
    this.#options.transcript.say(`> ${bytes.length} bytes: ${what}`);
    this.#options.stream.sendBytes(bytes);
  }

  heartbeat(): void {
    this.send({ $case: 'heartbeat', value: { sentAtUs: this.#options.clock.wallUs(), echo: this.#echo } });
  }

  /** Nothing leaves by itself from now on: no heartbeat, no ack. */
  fallSilent(): void {
    this.#isSilent = true;
    this.#beat.cancel();
  }

  halfClose(): void {
    this.#options.transcript.say('> half-close');
    this.#beat.cancel();
    this.#options.stream.halfClose();
  }

  cancel(): void {
    this.#options.transcript.say('> cancel');
    this.#beat.cancel();
    this.#options.stream.cancel();
  }

  /** The first value that `look` gives; looked at after each message. Fails if the stream ends first. */
  until<T>(look: () => T | undefined, what: string, limitMs = this.#options.limitMs): Promise<T> {
    const { clock, stream } = this.#options;
    const seen = () => (stream.end === undefined ? 'nothing of the kind' : sayEnd(stream.end));
    return until({ clock, subscribe: (listener) => stream.onNews(listener) }, look, what, limitMs, seen);
  }

  /** How the stream ended: `ended`, or the name of its reason. */
  ending(what: string, limitMs = this.#options.limitMs): Promise<string> {
    const { clock, stream } = this.#options;
    const look = () => (stream.end === undefined ? undefined : reasonOf(stream.end));
    return until(
      { clock, subscribe: (listener) => stream.onNews(listener) },
      look,
      what,
      limitMs,
      () => 'an open stream',
    );
  }

  #take(message: TradeResponse | undefined): void {
    const { transcript, stream, clock, acknowledges } = this.#options;
    if (message === undefined) {
      this.#beat.cancel();
      if (stream.end) transcript.say(`< ${sayEnd(stream.end)}`);
      return;
    }
    let lastSeq = 0;
    for (const each of message.frames) {
      const { frame } = each;
      if (frame === undefined) continue;
      this.frames.push(frame);
      if (frame.$case === 'event') {
        this.events.push(frame.value);
        lastSeq = frame.value.seq;
      }
      if (frame.$case !== 'heartbeat') transcript.say(sayResponse(each));
      if (frame.$case === 'heartbeat' || frame.$case === 'welcome') {
        this.#echo = { peerSentAtUs: frame.value.sentAtUs, receivedAtUs: clock.wallUs() };
      }
    }
    if (acknowledges && !this.#isSilent && lastSeq > 0)
      stream.send({ frames: [{ frame: { $case: 'ack', value: { seq: lastSeq } } }] });
  }

  #sendBeat(): void {
    this.#beat = this.#options.clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#sendBeat());
    if (this.welcome !== undefined) {
      const value = { sentAtUs: this.#options.clock.wallUs(), echo: this.#echo };
      this.#options.stream.send({ frames: [{ frame: { $case: 'heartbeat', value } }] });
    }
  }
}
