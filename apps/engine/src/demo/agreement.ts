/**
 * Compares the journal with the venue's ground truth, order by order and trade by trade.
 *
 * Missing: the venue has it, the journal does not. Foreign: the journal has it, the venue does not. Differ: both have
 * it and do not say the same. An order that the journal holds as rejected is at the venue either not at all, or ended
 * there unfilled.
 */
import type { Ledger, LedgerFill, LedgerOrder } from './ledger.ts';

export interface Agreement {
  readonly compared: { readonly orders: number; readonly fills: number };
  readonly ordersMissing: number;
  readonly ordersForeign: number;
  readonly ordersDiffer: number;
  readonly fillsMissing: number;
  readonly fillsForeign: number;
  readonly fillsDiffer: number;
}

export interface Comparison {
  readonly agreement: Agreement;
  /** One line a difference, at most `MAX_DIFFERENCES`: for people. */
  readonly differences: readonly string[];
}

const MAX_DIFFERENCES = 20;

export function compareLedgers(journal: Ledger, venue: Ledger): Comparison {
  const orders = compareBy({ ours: journal.orders, theirs: venue.orders, key: orderKey, difference: orderDifference });
  const fills = compareBy({ ours: journal.fills, theirs: venue.fills, key: fillKey, difference: fillDifference });
  const foreignOrders = orders.foreign.filter((order) => order.status !== 'rejected');
  return {
    agreement: {
      compared: { orders: orders.compared, fills: fills.compared },
      ordersMissing: orders.missing.length,
      ordersForeign: foreignOrders.length,
      ordersDiffer: orders.differ.length,
      fillsMissing: fills.missing.length,
      fillsForeign: fills.foreign.length,
      fillsDiffer: fills.differ.length,
    },
    differences: [
      ...orders.missing.map((order) => `order ${orderKey(order)} is missing from the journal`),
      ...foreignOrders.map((order) => `order ${orderKey(order)} is unknown to the venue`),
      ...orders.differ.map((text) => `order ${text}`),
      ...fills.missing.map((fill) => `fill ${fillKey(fill)} is missing from the journal`),
      ...fills.foreign.map((fill) => `fill ${fillKey(fill)} is unknown to the venue`),
      ...fills.differ.map((text) => `fill ${text}`),
    ].slice(0, MAX_DIFFERENCES),
  };
}

interface Compared<T> {
  /** How many stand on both sides. */
  readonly compared: number;
  readonly missing: readonly T[];
  readonly foreign: readonly T[];
  readonly differ: readonly string[];
}

function compareBy<T>(input: {
  readonly ours: readonly T[];
  readonly theirs: readonly T[];
  readonly key: (item: T) => string;
  readonly difference: (ours: T, theirs: T) => string | undefined;
}): Compared<T> {
  const { key, difference } = input;
  const theirs = new Map(input.theirs.map((item) => [key(item), item]));
  const foreign: T[] = [];
  const differ: string[] = [];
  let compared = 0;
  for (const item of input.ours) {
    const id = key(item);
    const other = theirs.get(id);
    theirs.delete(id);
    if (!other) {
      foreign.push(item);
      continue;
    }
    compared++;
    const what = difference(item, other);
    if (what !== undefined) differ.push(`${id}: ${what}`);
  }
  return { compared, missing: [...theirs.values()], foreign, differ };
}

function orderKey(order: LedgerOrder): string {
  return `${order.account}/${order.clientOrderId}`;
}

function fillKey(fill: LedgerFill): string {
  return `${fill.account}/${fill.symbol}/${fill.tradeId}/${fill.venueOrderId}`;
}

function orderDifference(ours: LedgerOrder, theirs: LedgerOrder): string | undefined {
  const endedUnfilled = theirs.filled === '0' && (theirs.status === 'expired' || theirs.status === 'rejected');
  if (ours.status === 'rejected' && endedUnfilled) return undefined;
  const status = ours.status === theirs.alsoCalled ? ours.status : theirs.status;
  return firstDifference(ours, { ...theirs, status }, ['status', 'symbol', 'side', 'price', 'quantity', 'filled']);
}

function fillDifference(ours: LedgerFill, theirs: LedgerFill): string | undefined {
  return firstDifference(ours, theirs, ['side', 'price', 'quantity', 'fee']);
}

function firstDifference<T>(ours: T, theirs: T, fields: readonly (keyof T)[]): string | undefined {
  const field = fields.find((each) => ours[each] !== theirs[each]);
  return field === undefined
    ? undefined
    : `${String(field)} is ${ours[field]} in the journal and ${theirs[field]} at the venue`;
}
