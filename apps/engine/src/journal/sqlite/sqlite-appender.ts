/**
 * Writes one append: events onto the chain, fills once, projections, cursor. Runs inside the caller's transaction.
 * Statements are prepared once; this is the only hot path of the database.
 */
import { sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { type ChainHead, chainEvent, EMPTY_CHAIN } from '../chain.ts';
import type { Append } from '../journal.ts';
import { chainHead, fills, orderEvents, orders, positions, sessions } from './schema.ts';

const HEAD_ROW = 1;

export function openAppender(db: BunSQLiteDatabase): (append: Append) => ChainHead {
  const p = sql.placeholder;
  const readHead = db.select().from(chainHead).prepare();
  const writeHead = db
    .insert(chainHead)
    .values({ id: HEAD_ROW, seq: p('seq'), hash: p('hash') })
    .onConflictDoUpdate({ target: chainHead.id, set: { seq: sql`excluded.seq`, hash: sql`excluded.hash` } })
    .prepare();
  const writeEvent = db
    .insert(orderEvents)
    .values({
      seq: p('seq'),
      account: p('account'),
      subject: p('subject'),
      subjectId: p('subjectId'),
      kind: p('kind'),
      payload: p('payload'),
      atUs: p('atUs'),
      previousHash: p('previousHash'),
      hash: p('hash'),
    })
    .prepare();
  const writeOrder = db
    .insert(orders)
    .values({
      account: p('account'),
      clientOrderId: p('clientOrderId'),
      symbol: p('symbol'),
      venueOrderId: p('venueOrderId'),
      status: p('status'),
      terminal: p('terminal'),
      state: p('state'),
      updatedAtUs: p('updatedAtUs'),
    })
    .onConflictDoUpdate({
      target: [orders.account, orders.clientOrderId],
      set: {
        symbol: sql`excluded.symbol`,
        venueOrderId: sql`excluded.venue_order_id`,
        status: sql`excluded.status`,
        terminal: sql`excluded.terminal`,
        state: sql`excluded.state`,
        updatedAtUs: sql`excluded.updated_at_us`,
      },
    })
    .prepare();

  return (append) => {
    let end: ChainHead = readHead.get() ?? EMPTY_CHAIN;
    for (const event of append.events) {
      const row = chainEvent(end, event);
      writeEvent.run({ ...row });
      end = row;
    }
    if (append.events.length > 0) writeHead.run({ seq: end.seq, hash: end.hash });
    for (const fill of append.fills ?? []) db.insert(fills).values(fill).onConflictDoNothing().run();
    for (const order of append.orders ?? []) writeOrder.run({ ...order });
    for (const position of append.positions ?? []) {
      const target = [positions.account, positions.symbol, positions.side];
      db.insert(positions).values(position).onConflictDoUpdate({ target, set: position }).run();
    }
    if (append.cursor) {
      db.insert(sessions)
        .values(append.cursor)
        .onConflictDoUpdate({ target: sessions.account, set: append.cursor })
        .run();
    }
    return end;
  };
}
