/**
 * The SQLite journal's tables, in Drizzle. `bun run migrations` writes the SQL of a change to `migrations/`, which is
 * embedded and applied at open; nothing else alters a table.
 *
 * `order_events` and `fills` only ever grow. `orders` and `positions` are projections of the events, rewritten in the
 * same transaction. Times are microseconds; decimals are canonical strings; payloads and states are canonical JSON.
 */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const orderEvents = sqliteTable(
  'order_events',
  {
    seq: integer().primaryKey(),
    account: text().notNull(),
    subject: text({ enum: ['order', 'position', 'account'] }).notNull(),
    subjectId: text('subject_id').notNull(),
    kind: text().notNull(),
    payload: text().notNull(),
    atUs: integer('at_us').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text().notNull(),
  },
  (table) => [index('order_events_subject').on(table.account, table.subject, table.subjectId)],
);

export const fills = sqliteTable(
  'fills',
  {
    account: text().notNull(),
    symbol: text().notNull(),
    tradeId: text('trade_id').notNull(),
    venueOrderId: text('venue_order_id').notNull(),
    clientOrderId: text('client_order_id').notNull(),
    side: text({ enum: ['buy', 'sell'] }).notNull(),
    price: text().notNull(),
    quantity: text().notNull(),
    fee: text().notNull(),
    feeAsset: text('fee_asset').notNull(),
    liquidity: text({ enum: ['maker', 'taker', 'unknown'] }).notNull(),
    realizedPnl: text('realized_pnl'),
    venueTimeUs: integer('venue_time_us').notNull(),
    recovered: integer({ mode: 'boolean' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.symbol, table.tradeId, table.venueOrderId] }),
    index('fills_time').on(table.account, table.venueTimeUs),
  ],
);

export const orders = sqliteTable(
  'orders',
  {
    account: text().notNull(),
    clientOrderId: text('client_order_id').notNull(),
    symbol: text().notNull(),
    venueOrderId: text('venue_order_id'),
    status: text().notNull(),
    terminal: integer({ mode: 'boolean' }).notNull(),
    state: text().notNull(),
    updatedAtUs: integer('updated_at_us').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.clientOrderId] }),
    index('orders_open').on(table.account, table.terminal),
  ],
);

export const positions = sqliteTable(
  'positions',
  {
    account: text().notNull(),
    symbol: text().notNull(),
    side: text({ enum: ['both', 'long', 'short'] }).notNull(),
    state: text().notNull(),
    updatedAtUs: integer('updated_at_us').notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.symbol, table.side] })],
);

/** Per account the last session event that is durable. */
export const sessions = sqliteTable('sessions', {
  account: text().primaryKey(),
  bootId: text('boot_id').notNull(),
  seq: integer().notNull(),
});

/** The fencing token of each account. A released lease keeps its epoch and has expired at 0. */
export const leases = sqliteTable('leases', {
  account: text().primaryKey(),
  engineId: text('engine_id').notNull(),
  epoch: integer().notNull(),
  expiresAtUs: integer('expires_at_us').notNull(),
});

/** The newest state of each scope; `audit` has the history. */
export const halts = sqliteTable('halts', {
  scope: text().primaryKey(),
  state: text({ enum: ['running', 'reducing', 'halted'] }).notNull(),
  reason: text().notNull(),
  by: text().notNull(),
  atUs: integer('at_us').notNull(),
});

export const audit = sqliteTable('audit', {
  id: integer().primaryKey({ autoIncrement: true }),
  atUs: integer('at_us').notNull(),
  who: text().notNull(),
  action: text().notNull(),
  detail: text().notNull(),
});

/** Small named values of strategies and tools. */
export const namedState = sqliteTable('named_state', {
  key: text().primaryKey(),
  value: text().notNull(),
});

/** One row, id 1: where the chain ends. A journal cut at its end no longer agrees with it. */
export const chainHead = sqliteTable('chain_head', {
  id: integer().primaryKey(),
  seq: integer().notNull(),
  hash: text().notNull(),
});
