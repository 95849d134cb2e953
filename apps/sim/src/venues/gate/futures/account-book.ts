/**
 * The account book of contracts: a row for each fee, realised profit and funding payment.
 *
 * B1  `balance` of a row is the wallet after it. Rows are made of fills and funding payments, so the deposit that an
 *     account began with has none.
 */
import { type Decimal, isZero, negate, subtract } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Fill, FundingPayment } from '../../../core/types.ts';
import { seconds } from '../print.ts';

const ALL = { limit: 200_000 } as const;

export interface BookRow {
  readonly timeUs: number;
  readonly change: Decimal;
  readonly type: 'pnl' | 'fee' | 'fund';
  readonly text: string;
  readonly contract: string;
  readonly tradeId: string;
  readonly id: string;
}

/** The rows of the account book, oldest first. A fill makes one for its fee and one for what it realised. */
export function bookRows(core: Core, accountId: string): readonly BookRow[] {
  const rows = core
    .instruments()
    .flatMap(({ symbol }) => [
      ...core.fills(accountId, symbol, ALL).flatMap(fillRows),
      ...core.fundingPayments(accountId, symbol, ALL).map(fundingRow),
    ]);
  return rows.sort((a, b) => a.timeUs - b.timeUs);
}

export function fillRows(fill: Fill): readonly BookRow[] {
  const { timeUs, symbol, tradeId, venueOrderId, fee, realizedPnl } = fill;
  const common = { timeUs, contract: symbol, tradeId, text: `${symbol}:${venueOrderId}` };
  const feeRow = { ...common, change: negate(fee), type: 'fee', id: `${tradeId}1` } as const;
  if (isZero(realizedPnl)) return [feeRow];
  return [feeRow, { ...common, change: realizedPnl, type: 'pnl', id: `${tradeId}2` }];
}

export function fundingRow({ timeUs, symbol, amount, paymentId }: FundingPayment): BookRow {
  return { timeUs, contract: symbol, text: symbol, tradeId: '', change: amount, type: 'fund', id: `${paymentId}3` };
}

/** B1: backwards from what the wallet is now. Newest first. */
export function bookView(rows: readonly BookRow[], wallet: Decimal) {
  let balance = wallet;
  return [...rows].reverse().map((row) => {
    const after = balance;
    balance = subtract(balance, row.change);
    return {
      time: seconds(row.timeUs),
      change: row.change,
      balance: after,
      type: row.type,
      text: row.text,
      contract: row.contract,
      trade_id: row.tradeId,
      id: row.id,
    };
  });
}
