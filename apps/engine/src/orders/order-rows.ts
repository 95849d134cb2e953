/**
 * Orders and their events as journal rows, and back. Reading a row that this program did not write throws, naming the
 * row: an engine must not start on a journal that it cannot read.
 */
import { canonicalJson } from '../journal/canonical-json.ts';
import type { EventRow, FillRow, NewEvent, OrderRow } from '../journal/journal.ts';
import { type OrderEvent, type OrderFill, orderEventSchema } from './order-event.ts';
import { isSettled, type Order, orderSchema } from './order-state.ts';

export function orderEventRow(order: Order, event: OrderEvent, atUs: number): NewEvent {
  const { kind, ...content } = event;
  return {
    account: order.account,
    subject: 'order',
    subjectId: order.clientOrderId,
    kind,
    payload: canonicalJson(content),
    atUs,
  };
}

export function readOrderEvent(row: EventRow): OrderEvent {
  const content: unknown = JSON.parse(row.payload);
  const parsed = orderEventSchema.safeParse(
    typeof content === 'object' && content !== null ? { ...content, kind: row.kind } : undefined,
  );
  if (!parsed.success) throw new Error(`event ${row.seq} (${row.kind}) cannot be read: ${parsed.error.message}`);
  return parsed.data;
}

/** `terminal` says that nothing is left to learn: an ended order whose fills are not all known is not terminal yet. */
export function orderRow(order: Order): OrderRow {
  return {
    account: order.account,
    clientOrderId: order.clientOrderId,
    symbol: order.terms.symbol,
    venueOrderId: order.venueOrderId,
    status: order.status,
    terminal: isSettled(order),
    state: canonicalJson(order),
    updatedAtUs: order.updatedAtUs,
  };
}

export function readOrderRow(row: OrderRow): Order {
  const parsed = orderSchema.safeParse(JSON.parse(row.state));
  if (!parsed.success) throw new Error(`order ${row.clientOrderId} cannot be read: ${parsed.error.message}`);
  return parsed.data;
}

export function fillRow(order: Order, fill: OrderFill): FillRow {
  const { tradeId, venueOrderId, side, price, quantity, fee, feeAsset, liquidity } = fill;
  const { realizedPnl, venueTimeUs, recovered } = fill;
  const trade = { tradeId, venueOrderId, side, price, quantity, fee, feeAsset, liquidity };
  const { account, clientOrderId, terms } = order;
  return { account, symbol: terms.symbol, clientOrderId, ...trade, realizedPnl, venueTimeUs, recovered };
}
