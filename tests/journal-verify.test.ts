/** `engine journal verify` on a journal that a real order manager wrote, whole and then damaged in every way. */
import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '../apps/engine/src/journal/journal.ts';
import { openSqliteJournal } from '../apps/engine/src/journal/sqlite/sqlite-journal.ts';
import type { OrderEvent } from '../apps/engine/src/orders/order-event.ts';
import { beginOrder, step } from '../apps/engine/src/orders/order-reducer.ts';
import { fillRow, orderEventRow, orderRow } from '../apps/engine/src/orders/order-rows.ts';
import { applyFill, emptyPosition, positionRow } from '../apps/engine/src/positions/position.ts';
import { decimal, price, quantity } from '../proto/src/decimal.ts';

const MAIN = join(import.meta.dir, '../apps/engine/src/main.ts');
const SYMBOL = 'BTC/USDT:USDT';
const folder = mkdtempSync(join(tmpdir(), 'journal-verify-'));
const whole = join(folder, 'whole.db');
const atUs = 1_767_225_600_000_000;

beforeAll(async () => {
  const opened = await openSqliteJournal(whole);
  if (opened.kind === 'refused') throw new Error(opened.message);
  for (let n = 0; n < 3; n++) await writeFilledOrder(opened.journal, `tb_1_aaaaa${n}`, n);
  await opened.journal.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a whole journal verifies, and says what was compared', () => {
  const { exitCode, stdout } = verify(whole);
  expect(stdout).toContain('verified: 9 events, 3 orders, 3 fills, 1 positions agree');
  expect(exitCode).toBe(0);
});

const DAMAGES: readonly (readonly [what: string, sql: string, named: string])[] = [
  [
    'one changed byte in a payload',
    "UPDATE order_events SET payload = replace(payload, '60000', '60001') WHERE seq = 4",
    'event 4 was changed',
  ],
  ['a changed time', 'UPDATE order_events SET at_us = at_us + 1 WHERE seq = 5', 'event 5 was changed'],
  ['a deleted row', 'DELETE FROM order_events WHERE seq = 3', 'event 3 is missing'],
  ['a cut tail', 'DELETE FROM order_events WHERE seq >= 8', 'chain_head says that the chain ends at event 9'],
  [
    'an edited order',
    "UPDATE orders SET status = 'canceled' WHERE client_order_id = 'tb_1_aaaaa1'",
    'orders row main/tb_1_aaaaa1: status',
  ],
  [
    'a deleted order',
    "DELETE FROM orders WHERE client_order_id = 'tb_1_aaaaa2'",
    'orders row main/tb_1_aaaaa2 is missing',
  ],
  ['an edited fill', "UPDATE fills SET price = '1' WHERE trade_id = '2'", `fills row main/${SYMBOL}/2/92: price`],
  [
    'an invented fill',
    "INSERT INTO fills SELECT account, symbol, '77', venue_order_id, client_order_id, side, price, quantity, fee, fee_asset, liquidity, realized_pnl, venue_time_us, recovered FROM fills LIMIT 1",
    `fills row main/${SYMBOL}/77/90 follows from no event`,
  ],
  [
    'an edited position',
    "UPDATE positions SET state = replace(state, '0.03', '0.04')",
    `positions row main/${SYMBOL}/both: state`,
  ],
];

for (const [what, sql, named] of DAMAGES) {
  test(`${what} is found, and its row is named`, () => {
    const damaged = join(folder, `${what.replaceAll(' ', '-')}.db`);
    copyFileSync(whole, damaged);
    const database = new Database(damaged);
    expect(database.run(sql).changes).toBeGreaterThan(0);
    database.close();
    const { exitCode, stderr } = verify(damaged);
    expect(stderr).toContain(named);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(exitCode).toBe(1);
  });
}

/** Intent, accept and one fill, as the order manager commits them. */
async function writeFilledOrder(journal: Journal, clientOrderId: string, n: number): Promise<void> {
  const terms = {
    symbol: SYMBOL,
    side: 'buy',
    positionSide: 'both',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: true,
    reduceOnly: false,
    price: price('60000'),
    quantity: quantity('0.01'),
  } as const;
  const intent = { kind: 'intent', terms, validUntilUs: atUs + 1, replaces: null } as const;
  const fill = {
    tradeId: String(n),
    venueOrderId: `9${n}`,
    side: 'buy',
    positionSide: 'both',
    price: price('60000'),
    quantity: quantity('0.01'),
    fee: decimal('0.12'),
    feeAsset: 'USDT',
    liquidity: 'maker',
    realizedPnl: decimal('0'),
    venueTimeUs: atUs,
    recovered: false,
  } as const;
  const state = {
    venueOrderId: `9${n}`,
    status: 'filled',
    price: price('60000'),
    quantity: quantity('0.01'),
    filled: quantity('0.01'),
    reason: '',
    venueTimeUs: atUs,
  } as const;
  let order = beginOrder('main', clientOrderId, intent, atUs);
  const rows = [orderEventRow(order, intent, atUs)];
  const later: OrderEvent[] = [
    { kind: 'accepted', state },
    { kind: 'fill', fill, source: 'stream', evidence: '' },
  ];
  for (const event of later) {
    order = step(order, event, atUs).order;
    rows.push(orderEventRow(order, event, atUs));
  }
  let position = emptyPosition('main', SYMBOL, 'both');
  for (let filled = 0; filled <= n; filled++) position = applyFill(position, fill, atUs);
  const result = await journal.append({
    events: rows,
    orders: [orderRow(order)],
    fills: [fillRow(order, fill)],
    positions: [positionRow(position)],
    nowUs: atUs,
  });
  expect(result.kind).toBe('committed');
}

function verify(path: string): { exitCode: number; stdout: string; stderr: string } {
  const run = Bun.spawnSync([process.execPath, MAIN, 'journal', 'verify', '--journal', path]);
  return { exitCode: run.exitCode, stdout: run.stdout.toString(), stderr: run.stderr.toString() };
}
