/**
 * What a card works with: the wires, sessions, the quote, and the means to wait. One bench a card.
 *
 * B1  `leave` undoes what the card did: orders that are open still, the position that its fills made, its streams and
 *     its session. It never throws; what could not be undone is told by the transcript.
 */
import { type Clock, sleep } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  ListOpenOrdersRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type { OrderReference } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason, GoodbyeReason, Hello, SessionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { PROTOCOL_VERSION } from '@trunkline/proto/version';
import type { Caller, Reach } from '../wire/reach.ts';
import type { UnaryMethod, Wire } from '../wire/wire.ts';
import { flatten } from './flatten.ts';
import { MarketStream } from './market-stream.ts';
import { Mismatch } from './mismatch.ts';
import { OrderMaker, type Quote } from './orders.ts';
import type { Pacer } from './pacer.ts';
import type { QuoteBoard } from './quote-board.ts';
import { Session, type SessionTools } from './session.ts';
import type { SimControl } from './sim-control.ts';
import type { Target } from './target.ts';
import { TradeStream } from './trade-stream.ts';
import { Transcript } from './transcript.ts';
import { reasonOf } from './words.ts';

/** How long a card waits for one thing, unless the run says otherwise. */
export const WAIT_MS = 8_000;
const EVENT_WINDOW = 4_096;
const RATE_RETRIES = 10;
const RATE_WAIT_MS = 300;

/** What all cards of a run share. */
export interface Shared {
  readonly target: Target;
  readonly reach: Reach;
  readonly clock: Clock;
  readonly quotes: QuoteBoard;
  readonly pacer: Pacer;
  /** How long a card waits for one thing. */
  readonly waitMs: number;
  /** A fresh epoch, above all before it. */
  readonly nextEpoch: () => number;
  readonly engineId: string;
  /** A client order id that carries the account's tag and `epoch`. */
  readonly mintOrderId: (epoch: number) => string;
}

export interface SessionOptions extends Partial<Hello> {
  /** Acks are sent as events come, unless a card is about them. */
  readonly acknowledges?: boolean;
  readonly caller?: Caller;
}

export class Bench {
  readonly transcript = new Transcript();
  readonly target: Target;
  readonly clock: Clock;
  readonly orders: OrderMaker;
  readonly #shared: Shared;
  readonly #wires = new Map<Caller, Wire>();
  readonly #tradeStreams: TradeStream[] = [];
  readonly #marketStreams: MarketStream[] = [];
  readonly #sessions: Session[] = [];
  readonly #placed = new Set<string>();
  #epoch = 0;
  #usesSim = false;

  constructor(shared: Shared, wire: Wire) {
    this.#shared = shared;
    this.target = shared.target;
    this.clock = shared.clock;
    this.#wires.set('main', wire);
    this.orders = new OrderMaker(shared.target.instrument, () => this.mint());
  }

  get symbol(): string {
    return this.target.instrument.symbol;
  }

  /** Of a card that names it among its needs. */
  get sim(): SimControl {
    const { sim } = this.target;
    if (sim === undefined) throw new Error('a card uses the emulator without naming it among its needs');
    this.#usesSim = true;
    return sim;
  }

  get waitMs(): number {
    return this.#shared.waitMs;
  }

  get pacer(): Pacer {
    return this.#shared.pacer;
  }

  get engineId(): string {
    return this.#shared.engineId;
  }

  mint(): string {
    return this.#shared.mintOrderId(Math.max(1, this.#epoch));
  }

  nextEpoch(): number {
    this.#epoch = this.#shared.nextEpoch();
    return this.#epoch;
  }

  note(line: string): void {
    this.transcript.say(line);
  }

  async wire(caller: Caller = 'main'): Promise<Wire> {
    const held = this.#wires.get(caller);
    if (held !== undefined) return held;
    const opened = await this.#shared.reach.open(caller);
    if (!opened.ok) throw new Mismatch(`a connection as ${caller}`, opened.reason);
    this.#wires.set(caller, opened.wire);
    return opened.wire;
  }

  /** Tries to connect, for the card that wants it refused. */
  tryToReach(caller: Caller, limitMs: number) {
    return this.#shared.reach.open(caller, limitMs);
  }

  async call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    caller: Caller = 'main',
  ): Promise<Response> {
    const wire = await this.wire(caller);
    const name = method.path.split('/').at(-1) ?? '';
    await this.pacer.turn(name);
    this.note(`> ${name} ${JSON.stringify(request)}`);
    for (let again = 0; ; again++) {
      try {
        const answer = await wire.call(method, request);
        this.note(`< ${name} ${JSON.stringify(answer)}`);
        return answer;
      } catch (error) {
        // The venue's budget is spent for now: that breaks no promise, and costs a moment.
        const isLimited = error instanceof ExchangeError && error.reason === ErrorReason.RATE_LIMITED;
        if (!isLimited || again >= RATE_RETRIES) throw error;
        await this.sleep(RATE_WAIT_MS);
      }
    }
  }

  /** The reason with which a call is refused. */
  async refusal<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    caller: Caller = 'main',
  ): Promise<ExchangeError> {
    try {
      const answer = await this.call(method, request, caller);
      throw new Mismatch('a refusal', `the answer ${JSON.stringify(answer).slice(0, 200)}`);
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      this.note(`< refused ${error.reasonName} ${error.field} ${error.message}`);
      return error;
    }
  }

  quote(): Promise<Quote> {
    return this.#shared.quotes.fresh(this.symbol, this.waitMs);
  }

  sleep(ms: number): Promise<void> {
    return sleep(this.clock, ms);
  }

  /** What a session needs; with another clock for an engine whose clock is wrong. */
  tools(clock = this.clock): SessionTools {
    return { clock, pacer: this.pacer, placed: (id) => this.#placed.add(id) };
  }

  /** A trading stream that has said nothing yet. */
  async tradeStream(options: { readonly acknowledges?: boolean; readonly caller?: Caller } = {}): Promise<TradeStream> {
    const wire = await this.wire(options.caller);
    const { clock, transcript } = this;
    const acknowledges = options.acknowledges ?? false;
    const stream = new TradeStream({ stream: wire.trade(), clock, transcript, acknowledges, limitMs: this.waitMs });
    this.#tradeStreams.push(stream);
    return stream;
  }

  hello(changes: Partial<Hello> = {}): { $case: 'hello'; value: Hello } {
    const value = Hello.fromPartial({
      protocolVersion: PROTOCOL_VERSION,
      engineId: this.engineId,
      mode: SessionMode.TRADE,
      attempt: 1,
      sentAtUs: this.clock.wallUs(),
      eventWindow: EVENT_WINDOW,
      ...changes,
    });
    return { $case: 'hello', value };
  }

  /** Hello, welcome and the first heartbeat: a session that may command. A new epoch unless one is given. */
  async session({ acknowledges = true, caller = 'main', ...changes }: SessionOptions = {}): Promise<Session> {
    const stream = await this.tradeStream({ acknowledges, caller });
    const epoch = changes.epoch ?? this.nextEpoch();
    this.#epoch = epoch;
    stream.send(this.hello({ ...changes, epoch }));
    const welcome = await stream.until(() => stream.welcome, 'a welcome');
    stream.heartbeat();
    const session = new Session(stream, welcome, this.tools());
    this.#sessions.push(session);
    return session;
  }

  /** A market stream, greeted unless the card wants to do that itself. */
  async market(
    options: { readonly keepsCredit?: boolean; readonly greets?: boolean; readonly initialCredit?: number } = {},
  ): Promise<MarketStream> {
    const { keepsCredit = true, greets = true, initialCredit } = options;
    const wire = await this.wire();
    const { clock, transcript } = this;
    const stream = new MarketStream({
      stream: wire.marketData(),
      clock,
      transcript,
      keepsCredit,
      limitMs: this.waitMs,
    });
    this.#marketStreams.push(stream);
    if (!greets) return stream;
    stream.hello(initialCredit === undefined ? {} : { initialCredit });
    await stream.until(() => stream.welcome, 'a market welcome');
    return stream;
  }

  /** Subscribes and waits for the venue's answer. */
  async subscribed(stream: MarketStream, topic: Topic): Promise<void> {
    stream.subscribe(topic);
    await stream.until(
      () => stream.of(topic).find(({ event }) => event?.$case === 'subscription' && event.value.active),
      'an active subscription',
    );
  }

  /** Every order of this symbol that is open now. */
  async openOrders() {
    const answer = await this.call(Service.listOpenOrders, ListOpenOrdersRequest.fromPartial({ symbol: this.symbol }));
    return answer.orders;
  }

  reference(clientOrderId: string, venueOrderId = ''): OrderReference {
    return { symbol: this.symbol, clientOrderId, venueOrderId };
  }

  /** B1. */
  async leave(): Promise<void> {
    for (const stream of this.#marketStreams) stream.cancel();
    if (this.#usesSim) await this.sim.lift();
    if (this.#sessions.length > 0) {
      try {
        await this.#undo();
      } catch (error) {
        if (!(error instanceof Mismatch || error instanceof ExchangeError)) throw error;
        this.note(`could not clean up: ${error.message}`);
      }
    }
    for (const stream of this.#tradeStreams) if (stream.end === undefined) stream.cancel();
  }

  async #undo(): Promise<void> {
    const trading = this.#sessions.filter(({ welcome }) => welcome.commandCredit > 0);
    if (trading.length === 0) return;
    const placed = [...this.#placed];
    const live = trading.findLast(({ stream }) => reasonOf(stream.end) === 'open');
    const session = live ?? (await this.#takeOver());
    if (placed.length > 0) await flatten(this, session, trading, placed);
    await session.goodbye(GoodbyeReason.DONE);
  }

  /** The card's session is gone: a new epoch owns the account. */
  async #takeOver(): Promise<Session> {
    return await this.session();
  }
}

export function isNotReady(error: ExchangeError): boolean {
  return error.reason === ErrorReason.NOT_READY || error.reason === ErrorReason.VENUE_UNAVAILABLE;
}
