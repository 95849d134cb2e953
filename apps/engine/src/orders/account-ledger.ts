/**
 * All that is known of one account's orders and positions: the one place where an event changes them, and where every
 * change is handed to the journal.
 *
 * L1  An event that teaches nothing is not journaled (R4); one that does is applied in memory at once and reported to
 *     listeners after its commit, in order.
 * L2  A fill moves its position in the same append in which it is journaled.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { CanonicalValue } from '../journal/canonical-json.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { FundingPayment } from '../positions/funding.ts';
import { type Position, type PositionBaseline, positionEventRow } from '../positions/position.ts';
import type { PositionBook } from '../positions/position-book.ts';
import type { Entry } from './journal-writer.ts';
import type { OpeningEvent, OrderEvent, OrderFill } from './order-event.ts';
import { beginOrder, type OrderEffect, step } from './order-reducer.ts';
import { fillRow, orderEventRow } from './order-rows.ts';
import type { Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';

export interface AccountLedgerOptions {
  readonly account: string;
  readonly clock: Clock;
  readonly table: OrderTable;
  readonly positions: PositionBook;
  readonly push: (entry: Entry) => void;
  readonly effect: (order: Order, effect: OrderEffect) => void;
}

export class AccountLedger {
  readonly #options: AccountLedgerOptions;

  constructor(options: AccountLedgerOptions) {
    this.#options = options;
  }

  /** Applies an event to an order that is in the table; undefined if it is not. */
  apply(clientOrderId: string, event: OrderEvent): Order | undefined {
    const { table, clock, push, effect } = this.#options;
    const before = table.get(clientOrderId);
    if (!before) return undefined;
    const atUs = clock.wallUs();
    const { order, changed, effects } = step(before, event, atUs);
    if (!changed) return order;
    table.put(order);
    const filled = effects.find((each) => each.kind === 'fill');
    push({
      event: orderEventRow(order, event, atUs),
      order,
      ...(filled?.kind === 'fill' && this.#moved(order, filled.fill, atUs)),
    });
    for (const each of effects) effect(order, each);
    return order;
  }

  /** Starts an order whose opening needs no commit before anything else: somebody else's. */
  open(clientOrderId: string, event: OpeningEvent): Order {
    const { account, table, clock, push } = this.#options;
    const atUs = clock.wallUs();
    const order = beginOrder(account, clientOrderId, event, atUs);
    table.put(order);
    push({ event: orderEventRow(order, event, atUs), order });
    return order;
  }

  /** What the venue held when the account was first seen. */
  baseline(symbol: string, baseline: PositionBaseline): void {
    const { account, positions, clock, push } = this.#options;
    const atUs = clock.wallUs();
    push({
      event: positionEventRow(account, symbol, { kind: 'baseline', content: baseline }, atUs),
      position: positions.baseline(symbol, baseline, atUs),
    });
  }

  /** A funding payment; told again it teaches nothing. */
  funding(symbol: string, payment: FundingPayment): void {
    const { account, positions, clock, push } = this.#options;
    const atUs = clock.wallUs();
    const position = positions.funding(symbol, payment, atUs);
    if (!position) return;
    push({ event: positionEventRow(account, symbol, { kind: 'funding', content: payment }, atUs), position });
  }

  /** Journals something about the account as a whole. */
  note(kind: string, content: CanonicalValue): void {
    const { account, clock, push } = this.#options;
    const event = { account, subjectId: account, kind, payload: canonicalJson(content), atUs: clock.wallUs() };
    push({ event: { ...event, subject: 'account' } });
  }

  #moved(order: Order, fill: OrderFill, atUs: number): { fill: ReturnType<typeof fillRow>; position: Position } {
    return { fill: fillRow(order, fill), position: this.#options.positions.fill(order.terms.symbol, fill, atUs) };
  }
}
