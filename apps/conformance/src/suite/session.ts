/**
 * A trading session as a well-behaved engine holds it, for the cards that are about orders; the cards about sessions
 * take the stream itself.
 *
 * N1  Commands are numbered from 1 in each epoch; each is valid for `VALID_MS` unless the card says otherwise.
 * N2  Everything that was placed is remembered, so that the card's end can leave nothing behind.
 */
import type { Clock } from '@trunkline/proto/clock';
import { add, compare, type Decimal, parseDecimal, sum, ZERO } from '@trunkline/proto/decimal';
import {
  type Fill,
  type Order,
  type OrderOutcome,
  type OrderReference,
  OrderStatus,
  type PlaceOrder,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type {
  Command,
  CommandResult,
  GoodbyeReason,
  SessionEvent,
  Welcome,
} from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { expect, Mismatch } from './mismatch.ts';
import type { Pacer } from './pacer.ts';
import type { TradeStream } from './trade-stream.ts';
import { sayFate } from './words.ts';

export type CommandBody = NonNullable<Command['command']>;

export const VALID_MS = 10_000;

export interface SessionTools {
  readonly clock: Clock;
  readonly pacer: Pacer;
  /** Told of every id that is placed. */
  readonly placed: (id: string) => void;
}

/** What `run` paces by itself; single orders are often impossible ones, which cost the venue nothing. */
const PACED: Readonly<Partial<Record<CommandBody['$case'], string>>> = {
  placeBatch: 'orders',
  amend: 'orders',
  cancelBatch: 'cancels',
  // It asks for the open orders first.
  cancelAll: 'ListOpenOrders',
};

const ENDED: ReadonlySet<OrderStatus> = new Set([
  OrderStatus.FILLED,
  OrderStatus.CANCELED,
  OrderStatus.EXPIRED,
  OrderStatus.REJECTED,
]);

export interface CommandOptions {
  readonly validMs?: number;
  readonly commandSeq?: number;
}

export class Session {
  readonly stream: TradeStream;
  readonly welcome: Welcome;
  readonly epoch: number;
  readonly #clock: Clock;
  readonly #placed: (id: string) => void;
  readonly #pacer: Pacer;
  #commandSeq = 0;

  constructor(stream: TradeStream, welcome: Welcome, { clock, placed, pacer }: SessionTools) {
    this.stream = stream;
    this.welcome = welcome;
    this.epoch = welcome.epoch;
    this.#clock = clock;
    this.#placed = placed;
    this.#pacer = pacer;
    this.#commandSeq = welcome.lastCommandSeq;
  }

  get events(): readonly SessionEvent[] {
    return this.stream.events;
  }

  /** Sends a command and returns its number. */
  command(body: CommandBody | undefined, options: CommandOptions = {}): number {
    const frame = this.frame(body, options);
    this.stream.send(frame);
    return frame.value.commandSeq;
  }

  /** The frame of a command, numbered, to be sent with others. */
  frame(body: CommandBody | undefined, { validMs = VALID_MS, commandSeq = this.#commandSeq + 1 }: CommandOptions = {}) {
    this.#commandSeq = commandSeq;
    for (const id of idsPlacedBy(body)) this.#placed(id);
    const nowUs = this.#clock.wallUs();
    const times = { sentAtUs: nowUs, validUntilUs: nowUs + validMs * 1_000 };
    return { $case: 'command' as const, value: { commandSeq, ...times, traceparent: '', command: body } };
  }

  result(commandSeq: number, limitMs?: number): Promise<CommandResult> {
    return this.stream.until(() => this.results(commandSeq)[0], `the result of command ${commandSeq}`, limitMs);
  }

  /** Every result so far of that command of this epoch: one, if all is well. */
  results(commandSeq: number): CommandResult[] {
    return this.events.flatMap(({ event }) =>
      event?.$case === 'result' && event.value.commandSeq === commandSeq && event.value.epoch === this.epoch
        ? [event.value]
        : [],
    );
  }

  async run(body: CommandBody | undefined, options: CommandOptions = {}): Promise<readonly OrderOutcome[]> {
    const kind = body === undefined ? undefined : PACED[body.$case];
    if (kind !== undefined) await this.#pacer.turn(kind);
    return (await this.result(this.command(body, options))).outcomes;
  }

  /** Of a command that names one order. */
  async one(body: CommandBody, options: CommandOptions = {}): Promise<OrderOutcome> {
    const outcomes = await this.run(body, options);
    const [outcome] = outcomes;
    if (outcome === undefined || outcomes.length > 1) {
      throw new Mismatch('exactly one outcome for a command of one order', `${outcomes.length} outcomes`);
    }
    return outcome;
  }

  async place(order: PlaceOrder, options: CommandOptions = {}): Promise<OrderOutcome> {
    await this.#pacer.turn('orders');
    return this.one({ $case: 'place', value: order }, options);
  }

  async cancel(order: OrderReference, options: CommandOptions = {}): Promise<OrderOutcome> {
    await this.#pacer.turn('cancels');
    return this.one({ $case: 'cancel', value: { order } }, options);
  }

  /** Places an order that must be accepted. */
  async accept(order: PlaceOrder): Promise<Order> {
    return acceptedOrder(await this.place(order), `${order.clientOrderId} to be accepted`);
  }

  /** The first order event of this id that fits. */
  order(clientOrderId: string, fits: (order: Order) => boolean, what: string): Promise<Order> {
    return this.stream.until(() => this.orders(clientOrderId).find(fits), what);
  }

  status(clientOrderId: string, status: OrderStatus): Promise<Order> {
    return this.order(
      clientOrderId,
      (order) => order.status === status,
      `an order event ${clientOrderId} ${OrderStatus[status]}`,
    );
  }

  /** The last word on an order, and that it is a last word. */
  ended(clientOrderId: string): Promise<Order> {
    return this.order(clientOrderId, ({ status }) => ENDED.has(status), `an order event that ends ${clientOrderId}`);
  }

  orders(clientOrderId: string): Order[] {
    return this.events.flatMap(({ event }) =>
      event?.$case === 'order' && event.value.clientOrderId === clientOrderId ? [event.value] : [],
    );
  }

  fills(clientOrderId: string): Fill[] {
    return this.events.flatMap(({ event }) =>
      event?.$case === 'fill' && event.value.clientOrderId === clientOrderId ? [event.value] : [],
    );
  }

  /** Waits until the fills of an order add up to what was filled. */
  async filled(clientOrderId: string, quantity: Decimal): Promise<readonly Fill[]> {
    return await this.stream.until(() => {
      const fills = this.fills(clientOrderId);
      const total = filledBy(fills);
      expect(compare(total, quantity) <= 0, `fills of ${clientOrderId} that add up to ${quantity}`, `${total}`);
      return total === quantity ? fills : undefined;
    }, `fills of ${clientOrderId} that add up to ${quantity}`);
  }

  async goodbye(reason: GoodbyeReason): Promise<string> {
    this.stream.send({ $case: 'goodbye', value: { reason } });
    return await this.stream.ending('the stream to end after Goodbye');
  }
}

export function hasEnded({ status }: Pick<Order, 'status'>): boolean {
  return ENDED.has(status);
}

export function filledBy(fills: readonly Fill[]): Decimal {
  return sum(fills.map(({ quantity }) => read(quantity, 'fill.quantity')));
}

export function netOf(fills: readonly Fill[], isBuy: (fill: Fill) => boolean): Decimal {
  return fills.reduce((total, fill) => {
    const quantity = read(fill.quantity, 'fill.quantity');
    return add(total, isBuy(fill) ? quantity : read(`-${quantity}`, 'fill.quantity'));
  }, ZERO);
}

/** The order of an outcome that must be an acceptance. */
export function acceptedOrder(outcome: OrderOutcome, what: string): Order {
  const { fate } = outcome;
  if (fate?.$case !== 'accepted' || fate.value.order === undefined) throw new Mismatch(what, sayFate(outcome));
  return fate.value.order;
}

/** A decimal of the wire; anything else breaks the contract. */
export function read(text: string | undefined, what: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new Mismatch(`${what} to be a decimal`, JSON.stringify(text) ?? 'nothing');
  return value;
}

function idsPlacedBy(body: CommandBody | undefined): readonly string[] {
  switch (body?.$case) {
    case 'place':
      return [body.value.clientOrderId];
    case 'placeBatch':
      return body.value.orders.map(({ clientOrderId }) => clientOrderId);
    case 'amend':
      return [body.value.newClientOrderId];
    default:
      return [];
  }
}
