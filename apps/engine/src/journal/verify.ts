/**
 * Checks a journal from zero: the chain row by row, and everything that is derived from it byte by byte.
 *
 * W1  The first fault ends the check and is named by its row: a changed or deleted event by its `seq`, an edited
 *     projection by its key. A journal that was cut at its end disagrees with its own `chain_head`.
 * W2  Projections are compared with what the reducers make of the events, not with each other.
 */
import { fillRow, readOrderRow } from '../orders/order-rows.ts';
import { startReplay } from '../orders/replay.ts';
import { brokenLink, type ChainHead, EMPTY_CHAIN } from './chain.ts';
import type { FillRow, OrderRow, PositionRow } from './journal.ts';
import type { Store } from './sqlite/store-protocol.ts';

/** What is read of a journal. */
export type VerifiedStore = Pick<Store, 'listEvents' | 'head' | 'listOrders' | 'listPositions' | 'listFills'>;

export type Verdict =
  | {
      readonly kind: 'verified';
      readonly events: number;
      readonly head: string;
      readonly orders: number;
      readonly fills: number;
      readonly positions: number;
    }
  | { readonly kind: 'broken'; readonly what: string };

const PAGE = 2_000;

export function verifyJournal(store: VerifiedStore): Verdict {
  const replay = startReplay();
  let head: ChainHead = EMPTY_CHAIN;
  for (;;) {
    const page = store.listEvents({ fromSeq: head.seq + 1, limit: PAGE });
    if (page.length === 0) break;
    for (const row of page) {
      const broken = brokenLink(head, row);
      if (broken !== undefined) return { kind: 'broken', what: broken };
      try {
        replay.apply(row);
      } catch (error) {
        // The reducers throw for rows that this program cannot have written, and name them.
        return { kind: 'broken', what: error instanceof Error ? error.message : String(error) };
      }
      head = row;
    }
  }
  const end = store.head(null);
  if (end.seq !== head.seq || end.hash !== head.hash) {
    return { kind: 'broken', what: `chain_head says that the chain ends at event ${end.seq}; it ends at ${head.seq}` };
  }
  const orders = replay.orders();
  const fills = fillsOf(orders);
  const positions = replay.positions();
  const difference =
    firstDifference('orders', orders, store.listOrders({}), orderKey) ??
    firstDifference('fills', fills, store.listFills({}), fillKey) ??
    firstDifference('positions', positions, store.listPositions({}), positionKey);
  if (difference !== undefined) return { kind: 'broken', what: difference };
  return {
    kind: 'verified',
    events: head.seq,
    head: head.hash,
    orders: orders.length,
    fills: fills.length,
    positions: positions.length,
  };
}

function fillsOf(rows: readonly OrderRow[]): FillRow[] {
  return rows.flatMap((row) => {
    const order = readOrderRow(row);
    return order.fills.map((fill) => fillRow(order, fill));
  });
}

function firstDifference<Row extends object>(
  table: string,
  replayed: readonly Row[],
  stored: readonly Row[],
  key: (row: Row) => string,
): string | undefined {
  const expected = new Map(replayed.map((row) => [key(row), row]));
  for (const row of stored) {
    const name = key(row);
    const other = expected.get(name);
    expected.delete(name);
    if (!other) return `${table} row ${name} follows from no event`;
    const column = differingColumn(row, other);
    if (column !== undefined) return `${table} row ${name}: ${column} is not what the events give`;
  }
  const [missing] = expected.keys();
  return missing === undefined ? undefined : `${table} row ${missing} is missing`;
}

function differingColumn(row: object, other: object): string | undefined {
  const expected = new Map(Object.entries(other));
  return Object.entries(row).find(([column, value]) => expected.get(column) !== value)?.[0];
}

function orderKey(row: OrderRow): string {
  return `${row.account}/${row.clientOrderId}`;
}

function fillKey(row: FillRow): string {
  return `${row.account}/${row.symbol}/${row.tradeId}/${row.venueOrderId}`;
}

function positionKey(row: PositionRow): string {
  return `${row.account}/${row.symbol}/${row.side}`;
}
