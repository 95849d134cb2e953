/**
 * The journal's side of the comparison, read from its file. Orders that we hold to have never reached the venue (denied,
 * absent) are left out: if the venue has one after all, it shows as missing.
 */
import { decimal } from '@trunkline/proto/decimal';
import type { FillRow, OrderRow } from '../journal/journal.ts';
import { type Order, orderSchema } from '../orders/order-state.ts';
import type { Ledger, LedgerFill, LedgerOrder, LedgerStatus } from './ledger.ts';

export function journalLedger(
  orders: readonly OrderRow[],
  fills: readonly FillRow[],
): Pick<Ledger, 'orders' | 'fills'> {
  return {
    orders: orders.flatMap((row) => ledgerOrder(orderSchema.parse(JSON.parse(row.state))) ?? []),
    fills: fills.map(ledgerFill),
  };
}

function ledgerOrder(order: Order): LedgerOrder | undefined {
  const status = ledgerStatus(order.status);
  if (status === undefined || order.origin !== 'ours') return undefined;
  const { price, quantity } = order.venue ?? order.terms;
  return {
    account: order.account,
    clientOrderId: order.clientOrderId,
    symbol: order.terms.symbol,
    side: order.terms.side,
    status,
    price: price ?? undefined,
    quantity,
    filled: order.filled,
  };
}

function ledgerStatus(status: Order['status']): LedgerStatus | undefined {
  switch (status) {
    case 'open':
    case 'partially_filled':
    case 'filled':
    case 'canceled':
    case 'expired':
    case 'rejected':
      return status;
    default:
      return undefined;
  }
}

function ledgerFill(row: FillRow): LedgerFill {
  return {
    account: row.account,
    symbol: row.symbol,
    tradeId: row.tradeId,
    venueOrderId: row.venueOrderId,
    side: row.side,
    price: decimal(row.price),
    quantity: decimal(row.quantity),
    fee: decimal(row.fee),
  };
}
