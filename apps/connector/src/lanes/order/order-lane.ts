/**
 * The order lane: one trading session and a few observers over one event log. session-machine.ts decides who holds the
 * session, command-runner.ts what becomes of a command; this file joins them to the streams and to the venue's events.
 *
 * L1  An event is numbered before anybody sees it, and everybody sees the same numbers.
 * L2  Balances, positions and budgets alone wait to be numbered, conflated, while the trading engine takes no events.
 * L3  Observers see what the trading engine sees, and cannot hold it up.
 */
import type { Logger } from '@trunkline/kit/log';
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import { sleep } from '@trunkline/proto/clock';
import type { CallContext, Caller, StreamReceiver, StreamSender } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { TradeRequest, TradeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  type Command,
  type CommandResult,
  ErrorReason,
  GoodbyeReason,
  type Hello,
  SessionMode,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { OrderTag } from '@trunkline/proto/ids';
import { CANCEL_CREDIT, COMMAND_CREDIT } from '@trunkline/proto/session-limits';
import { PROTOCOL_VERSION } from '@trunkline/proto/version';
import { type Grants, refuseCaller } from '../../grants.ts';
import type { Venue, VenueEvent } from '../../venues/venue.ts';
import { refuseHello } from './check-hello.ts';
import { CommandIntake, type IntakeOwner } from './command-intake.ts';
import type { CommandRunner } from './command-runner.ts';
import { Conflation } from './conflation.ts';
import { DeadMan } from './dead-man.ts';
import { type EventBody, EventLog } from './event-log.ts';
import { resume } from './resumption.ts';
import {
  bootSession,
  isHeld,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  step,
} from './session-machine.ts';
import { sweep } from './sweeper.ts';
import { TradeStream, type TradeStreamOwner } from './trade-stream.ts';

export interface OrderLaneConfig {
  readonly graceMs: number;
  /** What becomes of our orders when a session is lost for longer than its grace. */
  readonly onSessionLost: 'cancel_ours' | 'hold';
  /** Nobody else trades the account: venue-wide means (the dead-man countdown) may be used. */
  readonly exclusiveAccount: boolean;
  readonly deadManMs: number;
  readonly logCapacity: number;
}

export interface OrderLaneOptions {
  readonly venue: Venue;
  readonly runner: CommandRunner;
  readonly clock: Clock;
  readonly bootId: string;
  readonly tag: OrderTag;
  readonly symbols: readonly string[];
  readonly grants: Grants;
  readonly config: OrderLaneConfig;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly failpoint: (name: string) => void;
  readonly endOfTurn: (run: () => void) => void;
}

/** Streams of every kind; more is a leak of the peers. */
const MAX_STREAMS = 64;
const MAX_OBSERVERS = 16;
/** What a drain keeps for cancelling our orders: a grace that would outlast the drain ends so much before it. */
const SWEEP_RESERVE_MS = 5_000;

interface Entry {
  readonly stream: TradeStream;
  readonly caller: Caller;
  hello: Hello | undefined;
}

export class OrderLane implements TradeStreamOwner, IntakeOwner {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly endOfTurn: (run: () => void) => void;
  readonly runner: CommandRunner;
  readonly logger: OrderLaneOptions['logger'];
  readonly #options: OrderLaneOptions;
  readonly #entries = new Map<number, Entry>();
  readonly #conflation = new Conflation();
  readonly #deadMan: DeadMan | undefined;
  readonly #closing = new AbortController();
  #session: SessionState;
  #intake: CommandIntake;
  #grace: Timer | undefined;
  #lastStreamId = 0;
  #sweeps = 0;
  #sweeping: Promise<void> = Promise.resolve();
  #isDraining = false;
  #onLeft: (() => void)[] = [];

  constructor(options: OrderLaneOptions) {
    const { clock, endOfTurn, config, venue, symbols, runner, logger } = options;
    this.clock = clock;
    this.runner = runner;
    this.logger = logger;
    this.endOfTurn = endOfTurn;
    this.log = new EventLog(config.logCapacity);
    this.#options = options;
    const hasDeadMan = config.exclusiveAccount && config.onSessionLost === 'cancel_ours';
    if (hasDeadMan && venue.profile.capabilities.deadMan !== undefined) {
      this.#deadMan = new DeadMan({ venue, clock, symbols, countdownMs: config.deadManMs, log: logger });
    }
    this.#intake = new CommandIntake(0, this);
    const boot = bootSession();
    this.#session = boot.state;
    for (const effect of boot.effects) this.#act(effect);
  }

  /** A trading session is held: by a stream, or by one that was lost within its grace. */
  get isHeld(): boolean {
    return isHeld(this.#session);
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  open(context: CallContext, receiver: StreamReceiver<TradeResponse>): StreamSender<TradeRequest> {
    const stream = new TradeStream(++this.#lastStreamId, this, receiver);
    const cancel = () => stream.fail(ErrorReason.CANCELLED, 'cancelled');
    const refusal = refuseCaller(this.#options.grants, context.caller, ['trade', 'observe', 'tool']);
    if (this.#closing.signal.aborted) stream.fail(ErrorReason.DRAINING, 'the connector is leaving');
    else if (refusal) stream.close({ kind: 'failed', error: refusal });
    else if (this.#entries.size >= MAX_STREAMS) stream.fail(ErrorReason.NOT_READY, `${MAX_STREAMS} streams are open`);
    else if (context.signal?.aborted) cancel();
    else this.#entries.set(stream.id, { stream, caller: context.caller, hello: undefined });
    context.signal?.addEventListener('abort', cancel, { once: true });
    return { send: (request) => stream.take(request.frames), end: () => stream.close({ kind: 'ended' }), cancel };
  }

  onVenueEvent(event: VenueEvent): void {
    switch (event.kind) {
      case 'order':
        this.#emit({ $case: 'order', value: event.order });
        break;
      case 'fill':
        this.#emit({ $case: 'fill', value: event.fill });
        break;
      case 'funding':
        this.#emit({ $case: 'funding', value: event.payment });
        break;
      case 'settings':
        this.#emit({ $case: 'settings', value: event.settings });
        break;
      case 'private_gap':
        this.#emit({ $case: 'gap', value: { sinceUs: event.sinceUs, reason: event.reason } });
        break;
      case 'status':
        this.#emit({ $case: 'venueStatus', value: event.status });
        break;
      case 'balances':
      case 'positions':
      case 'rate_budgets':
        this.#conflation.add(event);
        this.#releaseConflated();
        break;
      case 'market':
        break;
      default:
        assertNever(event);
    }
  }

  /**
   * Tells the engine to leave and waits until it did, or cancels what is ours if nobody is there, or has not come back
   * by `SWEEP_RESERVE_MS` before the deadline; then until the requests in flight are answered. Resolves at the deadline
   * at the latest. New orders are denied from now on.
   */
  async drain(deadlineMs: number, reason: string): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const deadlineUs = this.clock.wallUs() + deadlineMs * 1_000;
    this.#emit({ $case: 'draining', value: { deadlineUs, reason } });
    const stopWaiting = new AbortController();
    const lastCall = this.clock.schedule(deadlineMs - SWEEP_RESERVE_MS, () => this.#step({ kind: 'grace_over' }));
    await Promise.race([this.#leave(), sleep(this.clock, deadlineMs, stopWaiting.signal)]);
    lastCall.cancel();
    stopWaiting.abort();
  }

  /** Says goodbye to every stream and stops every timer. */
  close(): void {
    this.#closing.abort();
    for (const { stream } of [...this.#entries.values()]) stream.part(GoodbyeReason.DRAINED);
    this.#grace?.cancel();
    this.#deadMan?.close();
    this.runner.posts.close();
  }

  hello(stream: TradeStream, hello: Hello): void {
    const entry = this.#entries.get(stream.id);
    if (entry === undefined) return;
    const refusal = refuseHello(hello, entry.caller, this.#options.grants) ?? this.#refuseObserver(hello);
    if (refusal) {
      stream.close({ kind: 'failed', error: refusal });
      return;
    }
    entry.hello = hello;
    if (hello.mode === SessionMode.OBSERVE) {
      this.#welcome(entry, hello);
      return;
    }
    const { engineId, epoch, attempt } = hello;
    this.#step({ kind: 'hello', claim: { stream: stream.id, engineId, epoch, attempt } });
  }

  command(stream: TradeStream, command: Command): void {
    if (!this.#isTrading(stream)) {
      stream.fail(ErrorReason.NOT_GRANTED, 'an observer may not command');
      return;
    }
    if (!this.#intake.take(stream, command)) {
      stream.fail(ErrorReason.PROTOCOL, `command ${command.commandSeq} came after ${this.#intake.lastSeq}`);
    }
  }

  /** A result event for a command of `intake` (IntakeOwner). */
  result(value: CommandResult): void {
    this.#emit({ $case: 'result', value });
  }

  owns(epoch: number): boolean {
    return this.isHeld && this.#session.highestEpoch === epoch;
  }

  acknowledged(stream: TradeStream): void {
    if (this.#isTrading(stream)) this.#releaseConflated();
  }

  goodbye(stream: TradeStream, reason: GoodbyeReason): void {
    if (!this.#isTrading(stream)) {
      stream.part();
      return;
    }
    this.logger.info({ reason: GoodbyeReason[reason] }, 'the engine said goodbye');
    this.#step({ kind: 'goodbye', stream: stream.id, reason });
    if (this.#isDraining) this.#left();
  }

  gone(stream: TradeStream): void {
    this.#entries.delete(stream.id);
    if (!this.#closing.signal.aborted) this.#step({ kind: 'stream_lost', stream: stream.id });
  }

  #refuseObserver({ mode }: Hello): ExchangeError | undefined {
    const observers = [...this.#entries.values()].filter((entry) => entry.hello?.mode === SessionMode.OBSERVE);
    if (mode !== SessionMode.OBSERVE || observers.length < MAX_OBSERVERS) return undefined;
    return new ExchangeError(ErrorReason.NOT_READY, `${MAX_OBSERVERS} observers are here`);
  }

  #emit(body: EventBody): void {
    if (body.$case === 'result' || body.$case === 'order' || body.$case === 'fill') {
      this.#options.failpoint('connector.beforeEvent');
    }
    this.log.record(body);
    for (const { stream } of this.#entries.values()) stream.eventsRecorded();
  }

  #releaseConflated(): void {
    const stream = this.#tradingStream();
    if (this.isHeld && (stream === undefined || !stream.isOpen || stream.isWindowUsedUp)) return;
    for (const body of this.#conflation.take()) this.#emit(body);
  }

  #tradingStream(): TradeStream | undefined {
    const { phase } = this.#session;
    if (phase.kind !== 'serving' && phase.kind !== 'settling') return undefined;
    return this.#entries.get(phase.claim.stream)?.stream;
  }

  #isTrading(stream: TradeStream): boolean {
    return this.#tradingStream() === stream;
  }

  #step(event: SessionEvent): void {
    const before = this.#session.phase.kind;
    const next = step(this.#session, event);
    this.#session = next.state;
    const { phase, highestEpoch: epoch } = next.state;
    if (phase.kind !== before) this.logger.info({ epoch, from: before, to: phase.kind }, 'session');
    for (const effect of next.effects) this.#act(effect);
  }

  #act(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'refuse':
        this.logger.warn({ reason: ErrorReason[effect.reason], text: effect.message }, 'a trading stream ends');
        this.#entries.get(effect.stream)?.stream.fail(effect.reason, effect.message);
        break;
      case 'settle':
        this.runner.posts.whenSettled(() => this.#step({ kind: 'settled' }));
        break;
      case 'welcome': {
        const entry = this.#entries.get(effect.claim.stream);
        if (entry?.hello) this.#welcome(entry, entry.hello);
        break;
      }
      case 'start_grace':
        this.#grace = this.clock.schedule(this.#options.config.graceMs, () => this.#step({ kind: 'grace_over' }));
        break;
      case 'stop_grace':
        this.#grace?.cancel();
        break;
      case 'sweep':
        this.#sweep(effect.maxEpoch);
        break;
      case 'part':
        this.#entries.get(effect.stream)?.stream.part();
        break;
      case 'over':
        this.#releaseConflated();
        this.#disarm();
        this.#left();
        break;
      default:
        assertNever(effect);
    }
  }

  #welcome({ stream }: Entry, hello: Hello): void {
    const { venue, bootId, config } = this.#options;
    const trades = hello.mode === SessionMode.TRADE;
    if (trades && this.#intake.epoch !== hello.epoch) this.#intake = new CommandIntake(hello.epoch, this);
    const nowUs = this.clock.wallUs();
    stream.welcome(
      {
        protocolVersion: PROTOCOL_VERSION,
        bootId,
        ...resume(hello.lastSeen, bootId, this.log),
        lastCommandSeq: trades ? this.#intake.lastSeq : 0,
        epoch: trades ? hello.epoch : this.#session.highestEpoch,
        attempt: hello.attempt,
        commandCredit: trades ? COMMAND_CREDIT : 0,
        cancelCredit: trades ? CANCEL_CREDIT : 0,
        graceMs: config.graceMs,
        venueStatus: venue.status,
        echo: { peerSentAtUs: hello.sentAtUs, receivedAtUs: stream.greetedAtUs },
        sentAtUs: nowUs,
      },
      Math.min(Math.max(1, hello.eventWindow), Math.floor(this.log.capacity / 2)),
    );
    if (!trades) return;
    this.#deadMan?.arm();
    this.#releaseConflated();
  }

  #sweep(maxEpoch: number | undefined): void {
    if (this.#options.config.onSessionLost === 'hold') return;
    const generation = ++this.#sweeps;
    const { signal } = this.#closing;
    const mayGoOn = () => !signal.aborted && !this.isHeld && generation === this.#sweeps;
    this.#sweeping = sweep({ ...this.#options, log: this.logger, signal }, maxEpoch, mayGoOn).catch((error: unknown) =>
      this.logger.error({ error }, 'the sweep broke'),
    );
  }

  #disarm(): void {
    this.#deadMan?.disarm().catch((error: unknown) => this.logger.error({ error }, 'the dead-man was not disarmed'));
  }

  async #leave(): Promise<void> {
    if (this.isHeld) await new Promise<void>((resolve) => this.#onLeft.push(resolve));
    // What a newer owner placed through another connector is not ours to cancel; of owners we have seen none, all is.
    else this.#sweep(this.#session.highestEpoch || undefined);
    await this.#sweeping;
    await new Promise<void>((resolve) => this.runner.posts.whenSettled(resolve));
    await this.#deadMan?.disarm();
  }

  #left(): void {
    for (const resolve of this.#onLeft.splice(0)) resolve();
  }
}
