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

/** Where we stand in one boot's events and commands. */
interface Boot {
  readonly bootId: string;
  /** The next event that is handed on. */
  nextSeq: number;
  ackedSeq: number;
  nextCommandSeq: number;
}

/** Starts connecting at once. */
export function openTradingSession(options: OpenSessionOptions): TradingSession {
  return new SessionDriver(options);
}

class SessionDriver implements TradingSession {
  readonly #options: OpenSessionOptions;
  readonly #closed = Promise.withResolvers<void>();
  #phase: Phase = { kind: 'ended' };
  #boot: Boot | undefined;
  /** Commands without a result, by their number in the present boot. */
  #pending = new Set<number>();
  #attempt = 0;
  #failures = 0;
  #boots = 0;
  #streams = 0;

  constructor(options: OpenSessionOptions) {
    this.#options = options;
    const { lastSeen } = options;
    if (lastSeen) this.#boot = bootAt(lastSeen.bootId, lastSeen.seq);
    this.#connect();
  }

  get connected(): boolean {
    return this.#phase.kind === 'serving';
  }

  send(body: CommandBody, validUntilUs: number): SendResult {
    const phase = this.#phase;
    const boot = this.#boot;
    if (phase.kind !== 'serving' || !boot)
      return denied(DenyRule.NOT_READY, 'session', 'the connector is not connected');
    const { commands, cancels } = phase.credit;
    const limit = isCancel(body) ? commands + cancels : commands;
    if (this.#pending.size >= limit) {
      return denied(DenyRule.BACKPRESSURE, 'command_credit', `${this.#pending.size} commands are in flight`);
    }
    const commandSeq = boot.nextCommandSeq++;
    this.#pending.add(commandSeq);
    const sentAtUs = this.#options.clock.wallUs();
    this.#push(phase.stream, {
      $case: 'command',
      value: { commandSeq, validUntilUs, sentAtUs, traceparent: '', command: body },
    });
    return { kind: 'sent', commandSeq };
  }

  ack(seq: number, bootId: string): void {
    const boot = this.#boot;
    if (boot?.bootId !== bootId || seq <= boot.ackedSeq || seq >= boot.nextSeq) return;
    boot.ackedSeq = seq;
    if (this.#phase.kind === 'serving') this.#push(this.#phase.stream, { $case: 'ack', value: { seq } });
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
    const { exchange, caller, clock, engineId, epoch, eventWindow } = this.#options;
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
    const lastSeen = this.#boot && { bootId: this.#boot.bootId, seq: this.#boot.ackedSeq };
    this.#attempt++;
    this.#push(stream, {
      $case: 'hello',
      value: {
        protocolVersion: PROTOCOL_VERSION,
        engineId,
        mode: SessionMode.TRADE,
        epoch,
        attempt: this.#attempt,
        lastSeen,
        sentAtUs: clock.wallUs(),
        eventWindow,
      },
    });
  }

  #received(stream: Stream, message: TradeResponse): void {
    if (!this.#isCurrent(stream)) return;
    stream.heardAtUs = this.#options.clock.monotonicUs();
    let lastSeq: number | undefined;
    for (const { frame } of message.frames) {
      if (!this.#isCurrent(stream)) return;
      switch (frame?.$case) {
        case 'welcome':
          this.#welcomed(stream, frame.value);
          break;
        case 'event':
          lastSeq = this.#event(stream, frame.value) ?? lastSeq;
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
    if (lastSeq !== undefined && this.#boot) this.#options.handler.batchEnd(lastSeq, this.#boot.bootId);
  }

  #welcomed(stream: Stream, welcome: Welcome): void {
    if (this.#phase.kind !== 'greeting') {
      this.#lose(stream, 'a second welcome');
      return;
    }
    const { handler } = this.#options;
    const before = this.#boot;
    const isSameBoot = before?.bootId === welcome.bootId;
    if (!isSameBoot) this.#boots++;
    else if (this.#boots === 0) this.#boots = 1;
    this.#settlePending(isSameBoot, welcome);
    const boot = isSameBoot && before ? before : bootAt(welcome.bootId, welcome.nextEventSeq - 1);
    // Without a resume the sequence goes on wherever the connector is; what lies between is the reconciler's to find.
    if (!welcome.resumed) Object.assign(boot, { nextSeq: welcome.nextEventSeq, ackedSeq: welcome.nextEventSeq - 1 });
    this.#boot = boot;
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
      boots: this.#boots,
      streams: this.#streams,
    });
  }

  /** T2 for the commands of earlier streams. */
  #settlePending(isSameBoot: boolean, welcome: Welcome): void {
    const { handler } = this.#options;
    const sent = [...this.#pending];
    const undelivered = isSameBoot ? sent.filter((seq) => seq > welcome.lastCommandSeq) : [];
    const isOrphan = (seq: number) => !isSameBoot || (!welcome.resumed && seq <= welcome.lastCommandSeq);
    const orphans = sent.filter(isOrphan);
    this.#pending = new Set(sent.filter((seq) => !undelivered.includes(seq) && !orphans.includes(seq)));
    if (undelivered.length > 0) handler.notDelivered(undelivered);
    if (orphans.length > 0) handler.orphaned(orphans);
    // A number that never arrived is used again: the connector counts what it received.
    const boot = this.#boot;
    if (isSameBoot && boot && undelivered.length > 0) boot.nextCommandSeq = welcome.lastCommandSeq + 1;
  }

  /** The sequence if the event was handed on. */
  #event(stream: Stream, event: SessionEvent): number | undefined {
    const boot = this.#boot;
    if (this.#phase.kind !== 'serving' || !boot || event.seq < boot.nextSeq) return undefined;
    if (event.seq > boot.nextSeq) {
      this.#lose(stream, `event ${boot.nextSeq} is missing: ${event.seq} came`);
      return undefined;
    }
    boot.nextSeq++;
    if (event.event?.$case === 'result' && event.event.value.epoch === this.#options.epoch) {
      this.#pending.delete(event.event.value.commandSeq);
    }
    this.#options.handler.event(event);
    return event.seq;
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
    const orphans = [...this.#pending];
    this.#pending.clear();
    if (orphans.length > 0) handler.orphaned(orphans);
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

function bootAt(bootId: string, ackedSeq: number): Boot {
  return { bootId, ackedSeq, nextSeq: ackedSeq + 1, nextCommandSeq: 1 };
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
