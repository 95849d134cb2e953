/**
 * Keeps one trading session alive over any `Exchange`, through as many streams as it takes (T1 to T4 of
 * trading-session.ts).
 *
 * R1  Everything of one stream is held in its phase; what an old stream still says is dropped by identity.
 * R2  `hello` names the last event that was acknowledged, so whatever was received but never committed comes again;
 *     what was already handed on is not handed on twice.
 * R3  What is sent in one turn of the event loop leaves as one message.
 * R4  A heartbeat leaves straight after welcome and each 2 s; 6 s of silence lose the stream.
 */
import type { Logger } from '@trunkline/kit/log';
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import { clockSample } from '@trunkline/proto/clock-offset';
import type { Exchange, StreamEnd, StreamSender } from '@trunkline/proto/exchange';
import type { ExchangeError } from '@trunkline/proto/exchange-error';
import type { TradeRequest, TradeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { DenyRule } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import {
  ErrorReason,
  type GoodbyeReason,
  type Heartbeat,
  type HeartbeatEcho,
  type SessionEvent,
  SessionMode,
  type TradeRequestFrame,
  type Welcome,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HEARTBEAT_INTERVAL_MS, SILENCE_LIMIT_MS } from '@trunkline/proto/heartbeat';
import { backoffDelayMs, failuresAfter } from '@trunkline/proto/link/backoff';
import type { Rng } from '@trunkline/proto/rng';
import { isCancel } from '@trunkline/proto/session-limits';
import { PROTOCOL_VERSION } from '@trunkline/proto/version';
import { SessionPosition } from './session-position.ts';
import type {
  CommandBody,
  SendResult,
  SessionEnded,
  SessionHandler,
  TradingSession,
  TradingSessionOptions,
} from './trading-session.ts';

/** How long `close` waits for the connector to close in turn. */
const CLOSE_WAIT_MS = 1_000;

export interface OpenSessionOptions extends TradingSessionOptions {
  readonly exchange: Pick<Exchange, 'trade'>;
  readonly handler: SessionHandler;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
}

/** One stream: identity (R1), its sender, and what is about to leave on it. */
interface Stream {
  readonly sender: StreamSender<TradeRequest>;
  readonly openedAtUs: number;
  outbox: TradeRequestFrame[];
  heardAtUs: number;
  beat: Timer;
  /** Of the newest message that carried a time, for the next heartbeat. */
  echo: HeartbeatEcho | undefined;
}

type Phase =
  | { readonly kind: 'waiting'; readonly retry: Timer }
  | { readonly kind: 'greeting'; readonly stream: Stream }
  | { readonly kind: 'serving'; readonly stream: Stream; readonly credit: Credit }
  | { readonly kind: 'closing'; readonly stream: Stream; readonly deadline: Timer }
  | { readonly kind: 'ended' };

interface Credit {
  readonly commands: number;
  readonly cancels: number;
}

/** Starts connecting at once. */
export function openTradingSession(options: OpenSessionOptions): TradingSession {
  return new SessionDriver(options);
}

class SessionDriver implements TradingSession {
  readonly #options: OpenSessionOptions;
  readonly #closed = Promise.withResolvers<void>();
  readonly #position: SessionPosition;
  #phase: Phase = { kind: 'ended' };
  #failures = 0;
  #streams = 0;

  constructor(options: OpenSessionOptions) {
    this.#options = options;
    this.#position = new SessionPosition(options.epoch, options.lastSeen);
    this.#connect();
  }

  get connected(): boolean {
    return this.#phase.kind === 'serving';
  }

  send(body: CommandBody, validUntilUs: number): SendResult {
    const phase = this.#phase;
    if (phase.kind !== 'serving') return denied(DenyRule.NOT_READY, 'session', 'the connector is not connected');
    const { commands, cancels } = phase.credit;
    const inFlight = this.#position.pending;
    if (inFlight >= (isCancel(body) ? commands + cancels : commands)) {
      return denied(DenyRule.BACKPRESSURE, 'command_credit', `${inFlight} commands are in flight`);
    }
    const commandSeq = this.#position.command();
    const sentAtUs = this.#options.clock.wallUs();
    this.#push(phase.stream, {
      $case: 'command',
      value: { commandSeq, validUntilUs, sentAtUs, traceparent: '', command: body },
    });
    return { kind: 'sent', commandSeq };
  }

  ack(seq: number, bootId: string): void {
    const isNews = this.#position.ack(seq, bootId);
    if (isNews && this.#phase.kind === 'serving') this.#push(this.#phase.stream, { $case: 'ack', value: { seq } });
  }

  close(reason: GoodbyeReason): Promise<void> {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'serving': {
        const { stream } = phase;
        this.#push(stream, { $case: 'goodbye', value: { reason } });
        this.#flush(stream);
        stream.sender.end();
        const deadline = this.#options.clock.schedule(CLOSE_WAIT_MS, () => this.#end({ kind: 'closed' }));
        this.#phase = { kind: 'closing', stream, deadline };
        break;
      }
      case 'waiting':
      case 'greeting':
        this.#end({ kind: 'closed' });
        break;
      case 'closing':
      case 'ended':
        break;
      default:
        assertNever(phase);
    }
    return this.#closed.promise;
  }

  #connect(): void {
    const { exchange, caller, clock, engineId, epoch, eventWindow, nextAttempt } = this.#options;
    const openedAtUs = clock.monotonicUs();
    const sender = exchange.trade(
      { caller },
      { message: (message) => this.#received(stream, message), closed: (end) => this.#streamClosed(stream, end) },
    );
    const stream: Stream = {
      sender,
      openedAtUs,
      outbox: [],
      heardAtUs: openedAtUs,
      echo: undefined,
      beat: clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#beat(stream)),
    };
    this.#phase = { kind: 'greeting', stream };
    this.#push(stream, {
      $case: 'hello',
      value: {
        protocolVersion: PROTOCOL_VERSION,
        engineId,
        mode: SessionMode.TRADE,
        epoch,
        attempt: nextAttempt(),
        lastSeen: this.#position.lastSeen,
        sentAtUs: clock.wallUs(),
        eventWindow,
      },
    });
  }

  #received(stream: Stream, message: TradeResponse): void {
    if (!this.#isCurrent(stream)) return;
    stream.heardAtUs = this.#options.clock.monotonicUs();
    let lastSeq: number | undefined;
    let repeatedSeq: number | undefined;
    for (const { frame } of message.frames) {
      // What came before the end of the stream was handed on, and is still to be committed.
      if (!this.#isCurrent(stream)) break;
      switch (frame?.$case) {
        case 'welcome':
          this.#welcomed(stream, frame.value);
          break;
        case 'event':
          if (this.#event(stream, frame.value)) lastSeq = frame.value.seq;
          else repeatedSeq = frame.value.seq;
          break;
        case 'heartbeat':
          this.#heard(stream, frame.value);
          break;
        case 'goodbye':
          this.#lose(stream, 'the connector said Goodbye');
          break;
        case undefined:
          this.#options.log.warn({}, 'a frame of an unknown kind');
          break;
        default:
          assertNever(frame);
      }
    }
    if (repeatedSeq !== undefined) this.#ackAgain(repeatedSeq);
    const { bootId } = this.#position;
    if (lastSeq !== undefined && bootId !== undefined) this.#options.handler.batchEnd(lastSeq, bootId);
  }

  #welcomed(stream: Stream, welcome: Welcome): void {
    if (this.#phase.kind !== 'greeting') {
      this.#lose(stream, 'a second welcome');
      return;
    }
    const { handler } = this.#options;
    const { notDelivered, orphaned } = this.#position.welcome(welcome);
    if (notDelivered.length > 0) handler.notDelivered(notDelivered);
    if (orphaned.length > 0) handler.orphaned(orphaned);
    this.#streams++;
    this.#phase = {
      kind: 'serving',
      stream,
      credit: { commands: welcome.commandCredit, cancels: welcome.cancelCredit },
    };
    if (welcome.echo) this.#measure(welcome.echo, welcome.sentAtUs);
    stream.echo = { peerSentAtUs: welcome.sentAtUs, receivedAtUs: this.#options.clock.wallUs() };
    this.#pushHeartbeat(stream);
    handler.established({
      bootId: welcome.bootId,
      resumed: welcome.resumed,
      venueStatus: welcome.venueStatus,
      boots: this.#position.boots,
      streams: this.#streams,
    });
  }

  /** True if the event was handed on. */
  #event(stream: Stream, event: SessionEvent): boolean {
    if (this.#phase.kind !== 'serving') return false;
    const { nextSeq } = this.#position;
    const place = this.#position.event(event);
    if (place === 'ahead') this.#lose(stream, `event ${nextSeq} is missing: ${event.seq} came`);
    if (place !== 'next') return false;
    this.#options.handler.event(event);
    return true;
  }

  /**
   * The connector sends again what hello did not name. What became durable since then has no other ack to come: without
   * one, a window that is full of it would stay full.
   */
  #ackAgain(repeatedSeq: number): void {
    if (this.#phase.kind !== 'serving') return;
    const seq = Math.min(repeatedSeq, this.#position.ackedSeq);
    if (seq > 0) this.#push(this.#phase.stream, { $case: 'ack', value: { seq } });
  }

  #heard(stream: Stream, heartbeat: Heartbeat): void {
    stream.echo = { peerSentAtUs: heartbeat.sentAtUs, receivedAtUs: this.#options.clock.wallUs() };
    if (heartbeat.echo) this.#measure(heartbeat.echo, heartbeat.sentAtUs);
  }

  #measure(echo: HeartbeatEcho, theirAnswerUs: number): void {
    const arrivedAtUs = this.#options.clock.wallUs();
    const { peerSentAtUs: sentAtUs, receivedAtUs: theirArrivalUs } = echo;
    const sample = clockSample({ sentAtUs, theirArrivalUs, theirAnswerUs, arrivedAtUs });
    if (!sample) return;
    const { roundTripUs, offsetUs, uncertaintyUs } = sample;
    this.#options.handler.quality({ roundTripUs, clockOffsetUs: offsetUs, uncertaintyUs });
  }

  #beat(stream: Stream): void {
    if (!this.#isCurrent(stream)) return;
    const { clock } = this.#options;
    if (clock.monotonicUs() - stream.heardAtUs >= SILENCE_LIMIT_MS * 1_000) {
      this.#lose(stream, `nothing was heard for ${SILENCE_LIMIT_MS / 1_000} s`);
      return;
    }
    stream.beat = clock.schedule(HEARTBEAT_INTERVAL_MS, () => this.#beat(stream));
    if (this.#phase.kind === 'serving') this.#pushHeartbeat(stream);
  }

  #pushHeartbeat(stream: Stream): void {
    this.#push(stream, { $case: 'heartbeat', value: { sentAtUs: this.#options.clock.wallUs(), echo: stream.echo } });
  }

  #streamClosed(stream: Stream, end: StreamEnd): void {
    if (!this.#isCurrent(stream)) return;
    const over = end.kind === 'failed' ? endOf(end.error) : undefined;
    if (this.#phase.kind === 'closing') this.#end({ kind: 'closed' });
    else if (over) this.#end(over);
    else this.#lose(stream, end.kind === 'failed' ? end.error.message : 'the stream ended');
  }

  /** The stream is gone, the session is not: the next attempt follows. */
  #lose(stream: Stream, reason: string): void {
    const { clock, rng, handler } = this.#options;
    const phase = this.#phase;
    if (phase.kind === 'closing') {
      this.#end({ kind: 'closed' });
      return;
    }
    stream.beat.cancel();
    stream.sender.cancel();
    this.#failures = failuresAfter(this.#failures, (clock.monotonicUs() - stream.openedAtUs) / 1_000);
    const retry = clock.schedule(backoffDelayMs(this.#failures, rng), () => this.#connect());
    this.#phase = { kind: 'waiting', retry };
    if (phase.kind === 'serving') handler.lost(reason);
  }

  #end(how: SessionEnded): void {
    const phase = this.#phase;
    if (phase.kind === 'ended') return;
    this.#phase = { kind: 'ended' };
    if (phase.kind === 'waiting') phase.retry.cancel();
    else {
      phase.stream.beat.cancel();
      phase.stream.sender.cancel();
    }
    if (phase.kind === 'closing') phase.deadline.cancel();
    const { handler } = this.#options;
    const orphaned = this.#position.abandon();
    if (orphaned.length > 0) handler.orphaned(orphaned);
    handler.ended(how);
    this.#closed.resolve();
  }

  #isCurrent(stream: Stream): boolean {
    const phase = this.#phase;
    return phase.kind !== 'waiting' && phase.kind !== 'ended' && phase.stream === stream;
  }

  #push(stream: Stream, frame: NonNullable<TradeRequestFrame['frame']>): void {
    if (stream.outbox.length === 0) queueMicrotask(() => this.#flush(stream));
    stream.outbox.push({ frame });
  }

  #flush(stream: Stream): void {
    if (stream.outbox.length === 0) return;
    const frames = stream.outbox;
    stream.outbox = [];
    stream.sender.send({ frames });
  }
}

/** The errors after which no further stream can help. */
function endOf({ reason, message }: ExchangeError): SessionEnded | undefined {
  switch (reason) {
    case ErrorReason.FENCED:
    case ErrorReason.STALE_EPOCH:
      return { kind: 'fenced', message };
    case ErrorReason.NOT_GRANTED:
    case ErrorReason.PROTOCOL_VERSION:
      return { kind: 'refused', message };
    default:
      return undefined;
  }
}

function denied(rule: DenyRule, field: string, message: string): SendResult {
  return { kind: 'denied', denied: { rule, field, message } };
}
