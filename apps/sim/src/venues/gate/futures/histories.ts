/**
 * What each account realised, paid in fees and in funding: added up as it happens, and at the start from what the core
 * has of it (a restarted venue).
 */
import { add, type Decimal, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import { type BookRow, bookRows, fillRows, fundingRow } from './account-book.ts';

/** Over all contracts. */
export interface History {
  readonly pnl: Decimal;
  readonly fee: Decimal;
  readonly fund: Decimal;
}

export interface Histories {
  of(accountId: string): History;
  close(): void;
}

const NOTHING: History = { pnl: ZERO, fee: ZERO, fund: ZERO };

export function addUpHistories(core: Core, accountIds: readonly string[]): Histories {
  const histories = new Map(accountIds.map((accountId) => [accountId, summed(NOTHING, bookRows(core, accountId))]));

  const note = (accountId: string, rows: readonly BookRow[]) =>
    histories.set(accountId, summed(histories.get(accountId) ?? NOTHING, rows));

  const close = core.subscribe((event) => {
    if (event.kind === 'fill') note(event.fill.accountId, fillRows(event.fill));
    else if (event.kind === 'funding') note(event.payment.accountId, [fundingRow(event.payment)]);
  });

  return { of: (accountId) => histories.get(accountId) ?? NOTHING, close };
}

function summed(history: History, rows: readonly BookRow[]): History {
  const total = { ...history };
  for (const { type, change } of rows) total[type] = add(total[type], change);
  return total;
}
