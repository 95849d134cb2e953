/**
 * Commands to the venue and what became of them.
 *
 * D1  Every command resolves to one outcome for each of its orders, in order, and never rejects.
 * D2  A success whose body cannot be read is unknown, not accepted: the venue took something, we cannot say what.
 * D3  A batch is one request; cancels of several symbols, which venues do not take in one, are one for each symbol.
 * D4  A replacing amend whose cancel worked and whose placing did not is its successor's refusal, and the end of its
 *     predecessor is said as an event of that order.
 * D5  An answer about another order is no answer: its order is unknown, whatever that answer says.
 */

import { isRecord } from '@trunkline/kit/record';
import { assertNever } from '@trunkline/proto/assert';
import type { Clock } from '@trunkline/proto/clock';
import {
  type AmendOrder,
  Denied,
  type Order,
  OrderOutcome,
  type OrderReference,
  type PlaceOrder,
  RejectReason,
  UnknownCause,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Caller, CallResult, CallSpec } from './caller.ts';
import { classify, type ErrorTable, type Verdict } from './error-table.ts';
import { type Json, reading, Unreadable } from './fields.ts';
import type { Cost } from './rate-budget.ts';
import type { Sanitize } from './sanitizer.ts';
import type { Admit } from './venue.ts';

/** One request as the venue's client sends it. */
export interface Sending {
  readonly cost: Cost;
  readonly send: () => Promise<unknown>;
}

/** What an answer is an answer to: some venues tell little more than an id. */
export type Asked =
  | { readonly kind: 'place'; readonly order: PlaceOrder }
  | { readonly kind: 'amend'; readonly amend: AmendOrder }
  | { readonly kind: 'cancel'; readonly order: OrderReference };

/** By our wall clock. */
export interface AnswerTimes {
  /** Just before the request was handed to the socket: the venue cannot have acted earlier. */
  readonly postedAtUs: number;
  readonly receivedAtUs: number;
}

/** How a venue takes commands. Senders may throw (within `send`) for content that its client refuses. */
export interface CommandDialect {
  readonly place: (order: PlaceOrder) => Sending;
  readonly placeBatch: (orders: readonly PlaceOrder[]) => Sending;
  readonly amend: (amend: AmendOrder) => Sending;
  readonly cancel: (order: OrderReference) => Sending;
  /** All of one symbol. */
  readonly cancelBatch: (symbol: string, orders: readonly OrderReference[]) => Sending;
  /** An order of an answer; undefined where the venue confirms and tells nothing of it. Throws `Unreadable`. */
  readonly readOrder: (body: Json, asked: Asked, times: AnswerTimes) => Order | undefined;
  /** The entries of a batch's answer, in the order of the request, undefined where there is none; throws `Unreadable`. */
  readonly batchEntries: (body: unknown, asked: readonly Asked[]) => readonly unknown[];
  /** Where an amend replaces the order: the parts of its answer, success or failure. Undefined when it has no parts. */
  readonly replacement?: (body: unknown) => Replacement | undefined;
  readonly errorOf: (entry: unknown) => { readonly code: string; readonly message: string } | undefined;
  readonly errors: ErrorTable;
}

/** A cancel and a placing in one request, each with a result of its own. */
export interface Replacement {
  /** What tells the successor's fate: its order, or the error of the step that failed. */
  readonly entry: unknown;
  /** The order that the cancel ended, when it did. */
  readonly cancelled: unknown;
}

export interface CommandDeskOptions {
  readonly clock: Clock;
  readonly caller: Caller;
  readonly dialect: CommandDialect;
  readonly sanitize: Sanitize;
  /** The venue confirmed a change of this order: its stream must tell of it, too. */
  readonly accepted: (venueOrderId: string, postedAtUs: number) => void;
  /** An order that ended with a request about another one. */
  readonly ended: (order: Order) => void;
}

/** Which order an outcome is about. */
interface Subject {
  readonly asked: Asked;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
}

export interface CommandDesk {
  place(order: PlaceOrder, admit: Admit): Promise<OrderOutcome>;
  placeBatch(orders: readonly PlaceOrder[], admit: Admit): Promise<OrderOutcome[]>;
  amend(amend: AmendOrder, admit: Admit): Promise<OrderOutcome>;
  cancel(order: OrderReference, admit: Admit): Promise<OrderOutcome>;
  cancelBatch(orders: readonly OrderReference[], admit: Admit): Promise<OrderOutcome[]>;
}

export function commandDesk(options: CommandDeskOptions): CommandDesk {
  const { clock, caller, dialect, sanitize, accepted, ended } = options;

  const run = async (subject: Subject, priority: CallSpec['priority'], admit: Admit, sending: Sending) => {
    const receivedAtUs = clock.wallUs();
    const result = await caller.call({ cost: sending.cost, priority, admit }, sending.send);
    const parts =
      subject.asked.kind === 'amend' && result.kind !== 'denied' ? dialect.replacement?.(result.body) : undefined;
    if (parts !== undefined) sayEnded(subject, parts.cancelled, timesOf(result, receivedAtUs));
    const answer = parts?.entry ?? (result.kind === 'answered' ? result.body : undefined);
    return outcome(
      subject,
      receivedAtUs,
      result,
      parts !== undefined || result.kind === 'answered'
        ? fateOfEntry(subject, answer, timesOf(result, receivedAtUs))
        : undefined,
    );
  };

  const runBatch = async (
    subjects: readonly Subject[],
    priority: CallSpec['priority'],
    admit: Admit,
    sending: Sending,
  ): Promise<OrderOutcome[]> => {
    const receivedAtUs = clock.wallUs();
    const result = await caller.call({ cost: sending.cost, priority, admit }, sending.send);
    const asked = subjects.map((subject) => subject.asked);
    const entries = result.kind === 'answered' ? reading(() => dialect.batchEntries(result.body, asked)) : [];
    return subjects.map((subject, index) => {
      const fate =
        result.kind !== 'answered'
          ? undefined
          : entries instanceof Unreadable || entries.length !== subjects.length
            ? unreadable('the answer does not have one entry for each order')
            : fateOfEntry(subject, entries[index], timesOf(result, receivedAtUs));
      return outcome(subject, receivedAtUs, result, fate);
    });
  };

  const fateOfEntry = (subject: Subject, entry: unknown, times: AnswerTimes): OrderOutcome['fate'] => {
    const error = dialect.errorOf(entry);
    // The batch itself was a success: an entry's code is judged as that of a plain 400.
    if (error !== undefined)
      return refusal(classify(dialect.errors, 400, error.code, error.message), error.code, sanitize(error.message));
    const order = readEntry(entry, subject.asked, times);
    if (order instanceof Unreadable) return unreadable(order.message);
    return { $case: 'accepted', value: { order } };
  };

  const timesOf = (result: CallResult, askedAtUs: number): AnswerTimes => ({
    postedAtUs: (result.kind === 'denied' ? undefined : result.times.postedAtUs) ?? askedAtUs,
    receivedAtUs: clock.wallUs(),
  });

  const readEntry = (entry: unknown, asked: Asked, times: AnswerTimes) =>
    reading(() => {
      if (!isRecord(entry)) throw new Unreadable('the answer is not an object');
      const order = dialect.readOrder(entry, asked, times);
      if (order !== undefined && !isAbout(order, asked)) throw new Unreadable('the answer is about another order');
      return order;
    });

  const sayEnded = ({ asked }: Subject, cancelled: unknown, times: AnswerTimes) => {
    if (asked.kind !== 'amend' || asked.amend.order === undefined || cancelled === undefined) return;
    // Unreadable: the stream tells of it, too.
    const order = readEntry(cancelled, { kind: 'cancel', order: asked.amend.order }, times);
    if (order !== undefined && !(order instanceof Unreadable)) ended(order);
  };

  const outcome = (subject: Subject, receivedAtUs: number, result: CallResult, entry: OrderOutcome['fate']) => {
    const fate = entry ?? fateOfCall(result);
    const times = result.kind === 'denied' ? {} : result.times;
    if (fate?.$case === 'accepted') {
      const venueOrderId = fate.value.order?.venueOrderId ?? subject.venueOrderId;
      if (venueOrderId !== '') accepted(venueOrderId, times.postedAtUs ?? receivedAtUs);
    }
    return OrderOutcome.fromPartial({
      clientOrderId: subject.clientOrderId,
      venueOrderId: subject.venueOrderId,
      receivedAtUs,
      ...times,
      ...(fate === undefined ? {} : { fate }),
    });
  };

  return {
    place: (order, admit) => run(placing(order), 'order', admit, dialect.place(order)),
    placeBatch: (orders, admit) => runBatch(orders.map(placing), 'order', admit, dialect.placeBatch(orders)),
    amend: (amend, admit) => {
      const asked = { kind: 'amend', amend } as const;
      const subject = { asked, clientOrderId: amend.newClientOrderId, venueOrderId: '' };
      return run(subject, 'order', admit, dialect.amend(amend));
    },
    cancel: (order, admit) => run(cancelling(order), 'cancel', admit, dialect.cancel(order)),
    async cancelBatch(orders, admit) {
      const symbols = [...new Set(orders.map((order) => order.symbol))];
      const outcomes = new Map<OrderReference, OrderOutcome>();
      for (const symbol of symbols) {
        const own = orders.filter((order) => order.symbol === symbol);
        const results = await runBatch(own.map(cancelling), 'cancel', admit, dialect.cancelBatch(symbol, own));
        for (const [index, order] of own.entries()) {
          const result = results[index];
          if (result !== undefined) outcomes.set(order, result);
        }
      }
      return orders.flatMap((order) => outcomes.get(order) ?? []);
    },
  };
}

function placing(order: PlaceOrder): Subject {
  return { asked: { kind: 'place', order }, clientOrderId: order.clientOrderId, venueOrderId: '' };
}

function cancelling(order: OrderReference): Subject {
  const { clientOrderId, venueOrderId } = order;
  return { asked: { kind: 'cancel', order }, clientOrderId, venueOrderId };
}

/** D5. */
function isAbout({ clientOrderId, venueOrderId }: Order, asked: Asked): boolean {
  switch (asked.kind) {
    case 'place':
      return clientOrderId === asked.order.clientOrderId;
    case 'amend': {
      const { order, newClientOrderId } = asked.amend;
      return clientOrderId === newClientOrderId || (order !== undefined && isNamed(order, clientOrderId, venueOrderId));
    }
    case 'cancel':
      return isNamed(asked.order, clientOrderId, venueOrderId);
    default:
      return assertNever(asked);
  }
}

/** As requests name it: by the venue's id where that is known. */
function isNamed(order: OrderReference, clientOrderId: string, venueOrderId: string): boolean {
  return order.venueOrderId === '' ? clientOrderId === order.clientOrderId : venueOrderId === order.venueOrderId;
}

function fateOfCall(result: CallResult): OrderOutcome['fate'] {
  switch (result.kind) {
    case 'denied':
      return { $case: 'denied', value: Denied.fromPartial(result.denied) };
    case 'failed':
      return refusal(result.verdict, result.code, result.message);
    case 'answered':
      return unreadable('the answer holds no order');
    default:
      return assertNever(result);
  }
}

function refusal(verdict: Verdict, venueCode: string, message: string): OrderOutcome['fate'] {
  switch (verdict.kind) {
    case 'rejected':
      return { $case: 'rejected', value: { reason: verdict.reason, venueCode, message } };
    case 'rate_limited':
      return { $case: 'rejected', value: { reason: RejectReason.RATE_LIMITED, venueCode, message } };
    case 'unknown':
      return { $case: 'unknown', value: { cause: verdict.cause, venueCode, message } };
    default:
      return assertNever(verdict);
  }
}

function unreadable(message: string): OrderOutcome['fate'] {
  return { $case: 'unknown', value: { cause: UnknownCause.UNREADABLE, venueCode: '', message } };
}

/** Of what an answer to it is about. */
export function symbolOf(asked: Asked): string {
  return asked.kind === 'amend' ? (asked.amend.order?.symbol ?? '') : asked.order.symbol;
}
