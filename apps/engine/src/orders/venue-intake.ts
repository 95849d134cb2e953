/**
 * Takes what the venue says of orders and fills, from any source, to the order that it is about.
 *
 * A1  Ours is told by the journal, not by a guess: an id with our tag that neither memory nor journal knows is kept as
 *     an external order with an anomaly (a journal restored from a backup).
 * A2  Orders of others are held under `~` and the venue's id, so that their fills count once too. They are never
 *     cancelled from here.
 * A3  A fill that names no order that is known, and carries no client id, waits for the reconciler, which can ask.
 */
import type * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type OrderTag, readClientOrderId } from '@trunkline/proto/ids';
import type { Journal } from '../journal/journal.ts';
import type { AccountLedger } from './account-ledger.ts';
import { readOrderRow } from './order-rows.ts';
import type { Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';
import { readFill, readTerms, readVenueState, sourceOf, termsOfFill } from './venue-messages.ts';

export interface VenueIntakeOptions {
  readonly account: string;
  readonly tag: OrderTag;
  readonly journal: Journal;
  readonly table: OrderTable;
  readonly ledger: AccountLedger;
}

type Named = { readonly clientOrderId: string; readonly venueOrderId: string; readonly symbol: string };

export class VenueIntake {
  readonly #options: VenueIntakeOptions;

  constructor(options: VenueIntakeOptions) {
    this.#options = options;
  }

  /** Brings the orders that these messages are about into memory; afterwards `order` and `fill` need no wait. */
  async prepare(messages: readonly Named[]): Promise<void> {
    for (const message of messages) {
      if (this.find(message)) continue;
      for (const id of [message.clientOrderId, externalId(message.venueOrderId)]) {
        if (id.length > 1) await this.load(id);
      }
    }
  }

  /** Brings one order into memory by its id; undefined if the account never had it. */
  async load(clientOrderId: string): Promise<Order | undefined> {
    const { account, journal, table } = this.#options;
    const held = table.get(clientOrderId);
    if (held) return held;
    const row = await journal.loadOrder(account, clientOrderId);
    // It may have come in by another way during the read.
    if (row && !table.get(clientOrderId)) table.restore(readOrderRow(row));
    return table.get(clientOrderId);
  }

  find({ clientOrderId, venueOrderId, symbol }: Named): Order | undefined {
    const { table } = this.#options;
    const byClient = clientOrderId === '' ? undefined : table.get(clientOrderId);
    return byClient ?? table.get(externalId(venueOrderId)) ?? table.findByVenueId(symbol, venueOrderId);
  }

  /** Applies a venue state. `evidence` names the query it came from; empty for the stream. */
  order(message: contract.Order, evidence: string): Order | undefined {
    const { ledger } = this.#options;
    const state = readVenueState(message);
    const order = this.find(message) ?? this.#external(message);
    if (!order) return undefined;
    if (!state) {
      const detail = `status ${message.status}, ${message.filledQuantity} of ${message.quantity}`;
      return ledger.apply(order.clientOrderId, { kind: 'anomaly', code: 'unreadable_state', detail });
    }
    return ledger.apply(order.clientOrderId, { kind: 'venue', state, source: sourceOf(message), evidence });
  }

  /** Applies a fill; false if it cannot be told whose it is (A3) or cannot be read. */
  fill(message: contract.Fill, evidence: string): boolean {
    const { ledger } = this.#options;
    const fill = readFill(message);
    let order = this.find(message);
    if (!fill) {
      if (order)
        ledger.apply(order.clientOrderId, { kind: 'anomaly', code: 'unreadable_fill', detail: message.tradeId });
      return false;
    }
    if (!order && message.clientOrderId === '') return false;
    if (!order) {
      const terms = termsOfFill(message.symbol, fill);
      order = ledger.open(externalId(message.venueOrderId), { kind: 'external', terms });
      this.#flagOurs(order, message.clientOrderId);
    }
    ledger.apply(order.clientOrderId, { kind: 'fill', fill, source: sourceOf(message), evidence });
    return true;
  }

  /** Whether an id carries our tag. */
  isOurs(clientOrderId: string): boolean {
    return readClientOrderId(clientOrderId, this.#options.tag) !== undefined;
  }

  #external(message: contract.Order): Order | undefined {
    const terms = readTerms(message);
    if (!terms || message.venueOrderId === '') return undefined;
    const order = this.#options.ledger.open(externalId(message.venueOrderId), { kind: 'external', terms });
    this.#flagOurs(order, message.clientOrderId);
    return order;
  }

  #flagOurs(order: Order, clientOrderId: string): void {
    if (!this.isOurs(clientOrderId)) return;
    this.#options.ledger.apply(order.clientOrderId, {
      kind: 'anomaly',
      code: 'ours_not_in_journal',
      detail: clientOrderId,
    });
  }
}

function externalId(venueOrderId: string): string {
  return `~${venueOrderId}`;
}
