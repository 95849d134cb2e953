/**
 * The only door to an exchange: decides orders, makes them durable, and only then sends them.
 *
 * D1  risk check -> intent -> commit (with the lease) -> send. Nothing is sent whose intent is not durable, and a placing
 *     or amending command is sent at most once.
 * D2  Capacity is taken in the same turn in which the order is decided: the order is in the table before its commit, so
 *     the next decision sees it.
 * D3  A halt, a cancel or a lost lease that comes during the commit still stops the order: it is looked at again after.
 * D4  Cancels need no commit and pass every gate. A wanted cancel is repeated by `repeatCancels` until the order ends.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Price, Quantity } from '@trunkline/proto/decimal';
import type { Denied } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { DenyRule } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { ClientOrderId } from '@trunkline/proto/ids';
import type { TradingSession } from '../exchange/trading-session.ts';
import type { Journal, LeaseClaim } from '../journal/journal.ts';
import type { Denial } from '../risk/risk-check.ts';
import type { AccountLedger } from './account-ledger.ts';
import type { JournalWriter } from './journal-writer.ts';
import type { OrderTerms } from './order-event.ts';
import { beginOrder } from './order-reducer.ts';
import { orderEventRow, orderRow } from './order-rows.ts';
import { isEnded, isWorking, type Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';
import type { SentCommands } from './sent-commands.ts';
import { type CancelOutcome, deniedEvent, placeMessage, sideMessage } from './venue-messages.ts';

export type PlaceDecision =
  /** It is on its way; its fate comes as order changes. */
  | { readonly kind: 'sent'; readonly clientOrderId: string }
  /** It was certainly not sent. `clientOrderId` is set when an intent of it was journaled. */
  | { readonly kind: 'denied'; readonly denial: Denial; readonly clientOrderId: string | undefined };

export type CancelDecision =
  | { readonly kind: 'sent' }
  /** Wanted, and sent as soon as it can be. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly reason: 'no_such_order' | 'already_ended' | 'not_ours' };

export interface HeldLease {
  readonly claim: LeaseClaim;
  /** Wall microseconds, as last renewed; in the past once it is lost. */
  expiresAtUs(): number;
}

export interface OrderDeskOptions {
  readonly account: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly lease: HeldLease;
  readonly table: OrderTable;
  readonly ledger: AccountLedger;
  readonly writer: JournalWriter;
  readonly sent: SentCommands;
  readonly session: () => TradingSession | undefined;
  readonly mint: () => ClientOrderId;
  /** Gate and limits for a new order, or for new terms of `amended`. */
  readonly check: (terms: OrderTerms, amended: Order | undefined) => Denial | undefined;
  /** The gate alone, for the look after the commit (D3). */
  readonly gate: (terms: OrderTerms) => Denial | undefined;
  readonly amend: 'none' | 'in_place' | 'replace';
  /** How long a command may be under way before the connector drops it. */
  readonly commandTtlMs: number;
  readonly skewMs: number;
  readonly failpoint: (name: string) => void;
}

const CANCELED_FIRST: Denial = {
  rule: DenyRule.NOT_DELIVERED,
  field: 'canceled',
  message: 'canceled before it was sent',
};

export class OrderDesk {
  readonly #options: OrderDeskOptions;
  /** Intents whose commit is under way, and whether they are to be canceled. */
  readonly #committing = new Map<string, { canceled: boolean }>();

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  get committing(): number {
    return this.#committing.size;
  }

  isCommitting(clientOrderId: string): boolean {
    return this.#committing.has(clientOrderId);
  }

  async place(terms: OrderTerms): Promise<PlaceDecision> {
    const { account, clock, table, mint, check } = this.#options;
    const denial = check(terms, undefined);
    if (denial) return { kind: 'denied', denial, clientOrderId: undefined };

    const clientOrderId = mint();
    const validUntilUs = this.#validUntilUs();
    const event = { kind: 'intent', terms, validUntilUs, replaces: null } as const;
    const atUs = clock.wallUs();
    const order = beginOrder(account, clientOrderId, event, atUs);
    table.put(order);
    const pending = { canceled: false };
    this.#committing.set(clientOrderId, pending);
    const failed = await this.#commit({ events: [orderEventRow(order, event, atUs)], orders: [orderRow(order)] });
    this.#committing.delete(clientOrderId);
    if (failed) {
      table.forget(clientOrderId);
      return { kind: 'denied', denial: failed, clientOrderId: undefined };
    }
    const stopped = pending.canceled ? CANCELED_FIRST : this.#stopped(terms, validUntilUs);
    return stopped ? this.#denied(clientOrderId, stopped) : this.#send(order, validUntilUs);
  }

  /** New price and total quantity for an open order of ours. */
  async amend(clientOrderId: string, price: Price, quantity: Quantity): Promise<PlaceDecision> {
    const { table, ledger, writer, mint, check, amend, sent, session, failpoint } = this.#options;
    const order = table.get(clientOrderId);
    const refuse = (rule: DenyRule, field: string, message: string): PlaceDecision => {
      return { kind: 'denied', denial: { rule, field, message }, clientOrderId: undefined };
    };
    if (order?.origin !== 'ours') return refuse(DenyRule.INVALID, 'order', `no order ${clientOrderId} of ours`);
    if (!isWorking(order.status)) return refuse(DenyRule.INVALID, 'order', `${clientOrderId} is ${order.status}`);
    if (amend === 'none') return refuse(DenyRule.UNSUPPORTED, 'amend', 'the venue takes no amends');
    if (order.amends.some(({ fate }) => fate === 'pending')) {
      return refuse(DenyRule.BACKPRESSURE, 'order', `${clientOrderId} has an amend in flight`);
    }
    const terms = { ...order.terms, price, quantity };
    const denial = check(terms, order);
    if (denial) return { kind: 'denied', denial, clientOrderId: undefined };

    const amendId = mint();
    const successor = amend === 'replace';
    const validUntilUs = this.#validUntilUs();
    ledger.apply(clientOrderId, { kind: 'amend_requested', amendId, price, quantity });
    if (successor) ledger.open(amendId, { kind: 'intent', terms, validUntilUs, replaces: clientOrderId });
    failpoint('engine.beforeCommit');
    await writer.drained();
    failpoint('engine.afterCommit');
    // Not durable yet: it is denied in memory now, and the denial follows it into the journal.
    const stopped = writer.working
      ? (this.#overtaken(clientOrderId, amendId) ?? this.#stopped(terms, validUntilUs))
      : notDurable('the journal cannot be written');
    const value = { newClientOrderId: amendId, side: sideMessage(terms.side), price, quantity };
    const body = { $case: 'amend', value: { ...value, order: referenceTo(order) } } as const;
    const result = stopped ? { kind: 'denied' as const, denied: stopped } : session()?.send(body, validUntilUs);
    if (result?.kind === 'sent') {
      sent.add(result.commandSeq, { kind: 'amend', clientOrderId, amendId, successor });
      failpoint('engine.afterSend');
      return { kind: 'sent', clientOrderId: successor ? amendId : clientOrderId };
    }
    const reason = result?.denied ?? notConnected();
    ledger.apply(clientOrderId, {
      kind: 'amend_outcome',
      amendId,
      fate: 'denied',
      venueCode: '',
      message: reason.message,
    });
    if (successor) ledger.apply(amendId, deniedEvent(reason));
    return { kind: 'denied', denial: reason, clientOrderId: successor ? amendId : undefined };
  }

  cancel(clientOrderId: string): CancelDecision {
    const { table, ledger } = this.#options;
    const order = table.get(clientOrderId);
    if (!order) return { kind: 'refused', reason: 'no_such_order' };
    if (order.origin !== 'ours') return { kind: 'refused', reason: 'not_ours' };
    if (isEnded(order.status)) return { kind: 'refused', reason: 'already_ended' };
    const committing = this.#committing.get(clientOrderId);
    if (committing) {
      committing.canceled = true;
      return { kind: 'waiting' };
    }
    ledger.apply(clientOrderId, { kind: 'cancel_requested' });
    return { kind: this.#sendCancel(order, referenceTo(order)) ? 'sent' : 'waiting' };
  }

  /** Cancels every order of ours at the venue, those that we have lost sight of included. */
  cancelAll(): void {
    const { table, ledger, session, sent } = this.#options;
    for (const pending of this.#committing.values()) pending.canceled = true;
    for (const order of table.live()) {
      if (order.origin !== 'ours' || isEnded(order.status) || this.#committing.has(order.clientOrderId)) continue;
      ledger.apply(order.clientOrderId, { kind: 'cancel_requested' });
    }
    const result = session()?.send({ $case: 'cancelAll', value: { symbol: '' } }, this.#validUntilUs());
    if (result?.kind === 'sent') sent.add(result.commandSeq, { kind: 'cancel_all' });
  }

  /** Sends again what is wanted and not done (D4); with `all`, wants it of every order of ours. */
  repeatCancels(all: boolean): void {
    for (const order of this.#options.table.live()) {
      const { clientOrderId, cancelRequestedAtUs, origin, status } = order;
      if (origin !== 'ours' || isEnded(status) || this.#committing.has(clientOrderId)) continue;
      if (cancelRequestedAtUs === null && !all) continue;
      if (cancelRequestedAtUs === null) this.cancel(clientOrderId);
      else if (isWorking(status) || status === 'unknown') this.#sendCancel(order, referenceTo(order));
    }
  }

  /** A cancel by client id alone, whose end tells whether the order is there; undefined if none can be sent now. */
  async probe(order: Order): Promise<CancelOutcome | undefined> {
    const { symbol } = order.terms;
    const reference = { symbol, clientOrderId: order.clientOrderId, venueOrderId: '' };
    if (!this.#sendCancel(order, reference)) return undefined;
    return this.#options.sent.cancelEnd(order.clientOrderId);
  }

  /** Undefined once durable. */
  async #commit(append: Pick<Parameters<Journal['append']>[0], 'events' | 'orders'>): Promise<Denial | undefined> {
    const { journal, lease, clock, writer, failpoint } = this.#options;
    failpoint('engine.beforeCommit');
    const result = await journal.append({ ...append, lease: lease.claim, nowUs: clock.wallUs() });
    failpoint('engine.afterCommit');
    if (result.kind === 'committed') return undefined;
    writer.report(result);
    if (result.kind === 'refused') return { rule: DenyRule.FENCED, field: 'lease', message: result.message };
    return notDurable(result.message);
  }

  #send(order: Order, validUntilUs: number): PlaceDecision {
    const { session, sent, failpoint } = this.#options;
    const { clientOrderId, terms } = order;
    const result = session()?.send({ $case: 'place', value: placeMessage(clientOrderId, terms) }, validUntilUs);
    if (result?.kind !== 'sent') return this.#denied(clientOrderId, result?.denied ?? notConnected());
    sent.add(result.commandSeq, { kind: 'place', clientOrderId });
    failpoint('engine.afterSend');
    return { kind: 'sent', clientOrderId };
  }

  #sendCancel(order: Order, reference: ReturnType<typeof referenceTo>): boolean {
    const { session, sent } = this.#options;
    if (sent.has('cancel', order.clientOrderId)) return true;
    const result = session()?.send({ $case: 'cancel', value: { order: reference } }, this.#validUntilUs());
    if (result?.kind !== 'sent') return false;
    sent.add(result.commandSeq, { kind: 'cancel', clientOrderId: order.clientOrderId });
    return true;
  }

  #denied(clientOrderId: string, denial: Denial | Denied): PlaceDecision {
    this.#options.ledger.apply(clientOrderId, deniedEvent(denial));
    return { kind: 'denied', denial, clientOrderId };
  }

  #stopped(terms: OrderTerms, validUntilUs: number): Denial | undefined {
    if (this.#options.clock.wallUs() < validUntilUs) return this.#options.gate(terms);
    return {
      rule: DenyRule.EXPIRED,
      field: 'valid_until_us',
      message: 'the commit took longer than the order may wait',
    };
  }

  /** An amend must not follow the cancel of its order, or its end: where it replaces the order, it would open another. */
  #overtaken(clientOrderId: string, amendId: string): Denial | undefined {
    const { table } = this.#options;
    const order = table.get(clientOrderId);
    if (!order || !isWorking(order.status)) {
      return { rule: DenyRule.INVALID, field: 'order', message: `${clientOrderId} is ${order?.status ?? 'gone'}` };
    }
    const isCanceled =
      order.cancelRequestedAtUs !== null || typeof table.get(amendId)?.cancelRequestedAtUs === 'number';
    return isCanceled ? CANCELED_FIRST : undefined;
  }

  #validUntilUs(): number {
    const { clock, commandTtlMs, lease, skewMs } = this.#options;
    return Math.min(clock.wallUs() + commandTtlMs * 1_000, lease.expiresAtUs() - skewMs * 1_000);
  }
}

function referenceTo(order: Order) {
  const { clientOrderId, venueOrderId, terms } = order;
  return { symbol: terms.symbol, clientOrderId, venueOrderId: venueOrderId ?? '' };
}

function notDurable(message: string): Denial {
  return { rule: DenyRule.NOT_READY, field: 'journal', message };
}

function notConnected(): Denial {
  return { rule: DenyRule.NOT_READY, field: 'session', message: 'the connector is not connected' };
}
