/** The journal's queries. A list without a limit is whole: for tools, which have their own process. */
import { and, asc, eq, gte, type SQL } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { EMPTY_CHAIN } from '../chain.ts';
import { chainHead, fills, halts, namedState, orderEvents, orders, positions, sessions } from './schema.ts';
import type { Store } from './store-protocol.ts';

/** SQLite's own "no limit" (sqlite.org/lang_select.html, section 2.5). */
const NO_LIMIT = -1;

type ReadMethods =
  | 'loadAccount'
  | 'loadOrder'
  | 'listOrders'
  | 'listPositions'
  | 'listFills'
  | 'listEvents'
  | 'head'
  | 'readState';

export function readCalls(db: BunSQLiteDatabase): Pick<Store, ReadMethods> {
  return {
    loadAccount({ account }) {
      return {
        openOrders: db
          .select()
          .from(orders)
          .where(and(eq(orders.account, account), isOpen()))
          .all(),
        positions: db.select().from(positions).where(eq(positions.account, account)).all(),
        cursor: db.select().from(sessions).where(eq(sessions.account, account)).get(),
        halt: db.select().from(halts).where(eq(halts.scope, account)).get(),
      };
    },
    loadOrder({ account, clientOrderId }) {
      return db
        .select()
        .from(orders)
        .where(and(eq(orders.account, account), eq(orders.clientOrderId, clientOrderId)))
        .get();
    },
    listOrders({ account, openOnly, limit }) {
      const conditions: (SQL | undefined)[] = [];
      if (account !== undefined) conditions.push(eq(orders.account, account));
      if (openOnly) conditions.push(isOpen());
      return db
        .select()
        .from(orders)
        .where(and(...conditions))
        .orderBy(asc(orders.updatedAtUs), asc(orders.clientOrderId))
        .limit(limit ?? NO_LIMIT)
        .all();
    },
    listPositions({ account }) {
      return db
        .select()
        .from(positions)
        .where(account === undefined ? undefined : eq(positions.account, account))
        .orderBy(asc(positions.account), asc(positions.symbol), asc(positions.side))
        .all();
    },
    listFills({ account, sinceUs, limit }) {
      const conditions: (SQL | undefined)[] = [];
      if (account !== undefined) conditions.push(eq(fills.account, account));
      if (sinceUs !== undefined) conditions.push(gte(fills.venueTimeUs, sinceUs));
      return db
        .select()
        .from(fills)
        .where(and(...conditions))
        .orderBy(asc(fills.venueTimeUs), asc(fills.tradeId))
        .limit(limit ?? NO_LIMIT)
        .all();
    },
    listEvents({ fromSeq, limit }) {
      return db
        .select()
        .from(orderEvents)
        .where(gte(orderEvents.seq, fromSeq))
        .orderBy(asc(orderEvents.seq))
        .limit(limit)
        .all();
    },
    head: () => {
      const end = db.select().from(chainHead).get();
      return end ? { seq: end.seq, hash: end.hash } : EMPTY_CHAIN;
    },
    readState: ({ key }) => db.select().from(namedState).where(eq(namedState.key, key)).get()?.value,
  };
}

/** What an engine must pick up again. A lost order is not terminal: it is watched for ever. */
function isOpen(): SQL {
  return eq(orders.terminal, false);
}
