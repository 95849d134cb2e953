/**
 * One stream of the order lane: its frames in and out, its place in the event log, its heartbeats. What the frames mean
 * is its owner's (order-lane.ts).
 *
 * T1  The first frame is a hello of a version we serve. Nothing but heartbeats may come before the welcome.
 * T2  What became known during one turn leaves as one message (more where it would grow too large). Nothing is queued
 *     here: events wait in the log, and no more than the window goes out beyond the last ack.
 * T3  Heartbeats are answered at once, ours go out every 2 s, 6 s of silence lose the stream.
 * T4  `closed` is told once, never within the call that opened the stream, and nothing after it (E2, E3).
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { StreamEnd, StreamReceiver } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { TradeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  type Command,
  ErrorReason,
  type GoodbyeReason,
  type Heartbeat,
  type Hello,
  type SessionEvent,
  type TradeRequestFrame,
  type TradeResponseFrame,
  type Welcome,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HEARTBEAT_INTERVAL_MS, SILENCE_LIMIT_MS } from '@trunkline/proto/heartbeat';
import { isProtocolCompatible, PROTOCOL_VERSION } from '@trunkline/proto/version';
import type { EventLog } from './event-log.ts';
import { echo } from './outcome.ts';
import { PeerClock } from './peer-clock.ts';

/** What a stream asks of the lane. */
export interface TradeStreamOwner {
  readonly clock: Clock;
  readonly log: EventLog;
  /** Runs once at the end of this turn of the event loop. */
  readonly endOfTurn: (run: () => void) => void;
  hello(stream: TradeStream, hello: Hello): void;
  command(stream: TradeStream, command: Command): void;
  acknowledged(stream: TradeStream): void;
  goodbye(stream: TradeStream, reason: GoodbyeReason): void;
  /** The stream is gone, whatever the cause; called once. */
  gone(stream: TradeStream): void;
}

/** A message is closed once its frames weigh this many outcomes or events: some 300 bytes each, so well below 1 MiB. */
const MESSAGE_UNITS = 1_000;

type Phase = 'silent' | 'greeted' | 'open' | 'closed';

export class TradeStream {
  readonly id: number;
  readonly peerClock: PeerClock;
  readonly #owner: TradeStreamOwner;
  readonly #receiver: StreamReceiver<TradeResponse>;
  #control: TradeResponseFrame[] = [];
  #phase: Phase = 'silent';
  #isFlushScheduled = false;
  #heardAtUs: number;
  #heartbeat: Timer;
  #greetedAtUs = 0;
  /** The next event to send, the last one acknowledged, and how far beyond it we may go. */
  #cursor = 1;
  #acked = 0;
  #window = 0;

  constructor(id: number, owner: TradeStreamOwner, receiver: StreamReceiver<TradeResponse>) {
    this.id = id;
    this.#owner = owner;
    this.#receiver = receiver;
    this.peerClock = new PeerClock(owner.clock);
    this.#heardAtUs = owner.clock.monotonicUs();
    this.#heartbeat = owner.clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#beat());
  }

  /** When hello came, by our wall clock. */
  get greetedAtUs(): number {
    return this.#greetedAtUs;
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  get acked(): number {
    return this.#acked;
  }

  /** As many events as the engine allows are unacknowledged, sent or about to be. */
  get isWindowUsedUp(): boolean {
    return this.#owner.log.nextSeq > this.#acked + this.#window;
  }

  take(frames: readonly TradeRequestFrame[]): void {
    this.#heardAtUs = this.#owner.clock.monotonicUs();
    for (const { frame } of frames) {
      if (this.#phase === 'closed') return;
      // A frame of a newer minor version reads as none.
      if (frame === undefined) continue;
      if (frame.$case === 'heartbeat') this.#takeHeartbeat(frame.value);
      else if (this.#phase === 'silent') this.#greet(frame.$case === 'hello' ? frame.value : undefined);
      else this.#takeFrame(frame);
    }
  }

  /** Opens the stream: the welcome, then events from `nextEventSeq` on. */
  welcome(welcome: Welcome, window: number): void {
    if (this.#phase !== 'greeted') return;
    this.#phase = 'open';
    // Waiting for the welcome was our doing: the engine's silence is counted from here.
    this.#heardAtUs = this.#owner.clock.monotonicUs();
    this.#cursor = welcome.nextEventSeq;
    this.#acked = welcome.nextEventSeq - 1;
    this.#window = window;
    this.#say({ frame: { $case: 'welcome', value: welcome } });
  }

  /** There are new events in the log. */
  eventsRecorded(): void {
    this.#scheduleFlush();
  }

  /** Sends what is due now, with a goodbye if one is to be said, and ends. */
  part(goodbye?: GoodbyeReason): void {
    if (this.#phase === 'open') this.#flush();
    // After the events: the peer reads no further than a goodbye.
    if (goodbye !== undefined) this.#control.push({ frame: { $case: 'goodbye', value: { reason: goodbye } } });
    if (this.#phase === 'open') this.#flush();
    this.close({ kind: 'ended' });
  }

  fail(reason: ErrorReason, message: string): void {
    this.close({ kind: 'failed', error: new ExchangeError(reason, message) });
  }

  close(end: StreamEnd): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#heartbeat.cancel();
    this.#control = [];
    this.#owner.gone(this);
    queueMicrotask(() => this.#receiver.closed(end));
  }

  #greet(hello: Hello | undefined): void {
    if (hello === undefined) {
      this.fail(ErrorReason.PROTOCOL, 'a trading stream begins with hello');
    } else if (isProtocolCompatible(hello.protocolVersion)) {
      this.#phase = 'greeted';
      this.#greetedAtUs = this.#owner.clock.wallUs();
      this.peerClock.takeHello(hello.sentAtUs);
      this.#owner.hello(this, hello);
    } else {
      const text = `protocol ${echo(hello.protocolVersion)} is not served; this is ${PROTOCOL_VERSION}`;
      this.fail(ErrorReason.PROTOCOL_VERSION, text);
    }
  }

  #takeFrame(frame: Exclude<NonNullable<TradeRequestFrame['frame']>, { $case: 'heartbeat' }>): void {
    if (frame.$case === 'goodbye') {
      this.#owner.goodbye(this, frame.value.reason);
      return;
    }
    if (this.#phase !== 'open') {
      this.fail(ErrorReason.PROTOCOL, `${frame.$case} came before the welcome`);
      return;
    }
    switch (frame.$case) {
      case 'hello':
        this.fail(ErrorReason.PROTOCOL, 'hello came twice');
        break;
      case 'command':
        this.#owner.command(this, frame.value);
        break;
      case 'ack':
        this.#takeAck(frame.value.seq);
        break;
      default:
        assertNever(frame);
    }
  }

  #takeAck(seq: number): void {
    if (seq >= this.#cursor) {
      this.fail(ErrorReason.PROTOCOL, `event ${seq} is acknowledged, ${this.#cursor - 1} is the last one sent`);
      return;
    }
    if (seq <= this.#acked) return;
    this.#acked = seq;
    this.#owner.acknowledged(this);
    this.#scheduleFlush();
  }

  #takeHeartbeat(heartbeat: Heartbeat): void {
    this.peerClock.takeHeartbeat(heartbeat);
    const receivedAtUs = this.#owner.clock.wallUs();
    const echoed = { peerSentAtUs: heartbeat.sentAtUs, receivedAtUs };
    this.#say({ frame: { $case: 'heartbeat', value: { sentAtUs: receivedAtUs, echo: echoed } } });
  }

  #beat(): void {
    const { clock } = this.#owner;
    if (this.#phase !== 'greeted' && clock.monotonicUs() - this.#heardAtUs >= SILENCE_LIMIT_MS * 1_000) {
      this.fail(ErrorReason.SILENT, `nothing was heard for ${SILENCE_LIMIT_MS / 1_000} s`);
      return;
    }
    this.#heartbeat = clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#beat());
    if (this.#phase === 'open') this.#say({ frame: { $case: 'heartbeat', value: { sentAtUs: clock.wallUs() } } });
  }

  get #room(): number {
    return this.#acked + this.#window + 1 - this.#cursor;
  }

  #say(frame: TradeResponseFrame): void {
    this.#control.push(frame);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled || this.#phase !== 'open') return;
    this.#isFlushScheduled = true;
    this.#owner.endOfTurn(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushScheduled = false;
    while (this.#phase === 'open') {
      const frames = [...this.#control, ...this.#readEvents()];
      if (this.#isClosed() || frames.length === 0) return;
      this.#control = [];
      this.#receiver.message({ frames, sentAtUs: this.#owner.clock.wallUs() });
    }
  }

  /** Reading may have closed the stream; the compiler does not see that. */
  #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #readEvents(): TradeResponseFrame[] {
    const read = this.#owner.log.read(this.#cursor, Math.min(this.#room, MESSAGE_UNITS));
    if (read.kind === 'overwritten') {
      this.fail(ErrorReason.NOT_READY, 'the event log ran over: the events that this stream waits for are gone');
      return [];
    }
    const frames: TradeResponseFrame[] = [];
    let units = 0;
    for (const value of read.events) {
      if (units >= MESSAGE_UNITS) break;
      units += unitsOf(value);
      frames.push({ frame: { $case: 'event', value } });
    }
    this.#cursor += frames.length;
    return frames;
  }
}

function unitsOf({ event }: SessionEvent): number {
  return event?.$case === 'result' ? Math.max(1, event.value.outcomes.length) : 1;
}
