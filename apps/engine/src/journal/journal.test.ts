/** One suite for every journal: whatever holds for the one in memory holds for the one on disk. */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenLink, EMPTY_CHAIN } from './chain.ts';
import type { FillRow, Journal, NewEvent, OrderRow, PositionRow } from './journal.ts';
import { openMemoryJournal } from './memory-journal.ts';
import { openSqliteJournal } from './sqlite/sqlite-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const nowUs = 1_767_225_600_000_000;
const event: NewEvent = { account: 'main', subject: 'order', subjectId: 'a', kind: 'k', payload: '{}', atUs: nowUs };
const fill: FillRow = {
  account: 'main',
  symbol: 'BTC/USDT:USDT',
  tradeId: '1',
  venueOrderId: '9',
  clientOrderId: 'a',
  side: 'buy',
  price: '1',
  quantity: '1',
  fee: '0',
  feeAsset: 'USDT',
  liquidity: 'maker',
  realizedPnl: null,
  venueTimeUs: nowUs,
  recovered: false,
};
const order: OrderRow = {
  account: 'main',
  clientOrderId: 'a',
  symbol: 'BTC/USDT:USDT',
  venueOrderId: null,
  status: 'intent',
  terminal: false,
  state: '{"n":1}',
  updatedAtUs: nowUs,
};
const position: PositionRow = {
  account: 'main',
  symbol: 'BTC/USDT:USDT',
  side: 'both',
  state: '{"quantity":"1"}',
  updatedAtUs: nowUs,
};

const journals: Record<string, () => Promise<Journal>> = {
  memory: async () => openMemoryJournal(),
  sqlite: () => openFile(join(folder, `${files++}.db`)),
};

for (const [name, open] of Object.entries(journals)) {
  describe(`the ${name} journal`, () => {
    test('commits the appends of one turn in their order, as one chain', async () => {
      const journal = await open();
      const results = await Promise.all(
        [1, 2, 3].map((atUs) => journal.append({ events: [{ ...event, atUs }], nowUs })),
      );
      expect(results.map((result) => result.kind === 'committed' && result.headSeq)).toEqual([1, 2, 3]);
      let head = EMPTY_CHAIN;
      const rows = await journal.listEvents({ fromSeq: 1, limit: 10 });
      for (const row of rows) {
        expect(brokenLink(head, row)).toBeUndefined();
        head = row;
      }
      expect(rows.map((row) => row.atUs)).toEqual([1, 2, 3]);
      expect(await journal.head()).toEqual({ seq: 3, hash: head.hash });
      await journal.close();
    });

    test('refuses an append under a lost or expired lease, and keeps its neighbour', async () => {
      const journal = await open();
      const lease = { account: 'main', engineId: 'e1', epoch: 1 };
      await journal.acquireLease({ account: 'main', engineId: 'e1', ttlMs: 1_000, nowUs });
      const [expired, unleased] = await Promise.all([
        journal.append({ events: [event], fills: [fill], orders: [order], lease, nowUs: nowUs + 1_000_000 }),
        journal.append({ events: [event], nowUs: nowUs + 1_000_000 }),
      ]);
      expect(expired).toMatchObject({ kind: 'refused', code: 'lease_lost' });
      expect(unleased).toMatchObject({ kind: 'committed', headSeq: 1 });
      expect(await journal.listFills({})).toEqual([]);
      expect(await journal.loadOrder('main', 'a')).toBeUndefined();
      expect((await journal.append({ events: [event], lease, nowUs: nowUs + 999_999 })).kind).toBe('committed');
      await journal.close();
    });

    test('gives an epoch once: a takeover, also after a release, makes the next', async () => {
      const journal = await open();
      const ask = (engineId: string, atUs: number) =>
        journal.acquireLease({ account: 'main', engineId, ttlMs: 1_000, nowUs: atUs });
      expect(await ask('e1', nowUs)).toMatchObject({ kind: 'held', lease: { epoch: 1 } });
      expect(await ask('e2', nowUs)).toMatchObject({ kind: 'refused', holder: { engineId: 'e1' } });
      expect(await ask('e2', nowUs + 1_000_000)).toMatchObject({
        kind: 'held',
        lease: { epoch: 2 },
        previous: { engineId: 'e1', expiresAtUs: nowUs + 1_000_000 },
      });
      const stale = { account: 'main', engineId: 'e1', epoch: 1 };
      expect(await journal.renewLease(stale, { ttlMs: 1_000, nowUs })).toMatchObject({ kind: 'refused' });
      await journal.releaseLease({ account: 'main', engineId: 'e2', epoch: 2 });
      const third = await ask('e3', nowUs + 1_000_001);
      expect(third).toMatchObject({ kind: 'held', lease: { epoch: 3 } });
      expect('previous' in third).toBe(false);
      await journal.close();
    });

    test('keeps a fill once, whatever comes after it', async () => {
      const journal = await open();
      await journal.append({ events: [], fills: [fill], nowUs });
      await journal.append({ events: [], fills: [{ ...fill, recovered: true }], nowUs });
      expect(await journal.listFills({ account: 'main' })).toEqual([fill]);
      await journal.close();
    });

    test('rewrites projections in place and hands on what is open, the cursor and the halt', async () => {
      const journal = await open();
      const cursor = { account: 'main', bootId: 'b1', seq: 7 };
      await journal.append({ events: [event], orders: [order], positions: [position], cursor, nowUs });
      const filled: OrderRow = { ...order, status: 'filled', terminal: true, venueOrderId: '9', state: '{"n":2}' };
      const lost: OrderRow = { ...order, clientOrderId: 'b', status: 'lost' };
      await journal.append({ events: [], orders: [filled, lost], cursor: { ...cursor, seq: 8 }, nowUs });
      const halt = { scope: 'main', state: 'halted' as const, reason: 'test', by: 'me', atUs: nowUs };
      await journal.setHalt(halt);
      expect(await journal.loadAccount('main')).toEqual({
        openOrders: [lost],
        positions: [position],
        cursor: { ...cursor, seq: 8 },
        halt,
      });
      expect(await journal.loadOrder('main', 'a')).toEqual(filled);
      expect(await journal.listOrders({ openOnly: true })).toEqual([lost]);
      expect(await journal.loadAccount('other')).toEqual({
        openOrders: [],
        positions: [],
        cursor: undefined,
        halt: undefined,
      });
      await journal.close();
    });

    test('keeps named state', async () => {
      const journal = await open();
      expect(await journal.readState('grid')).toBeUndefined();
      await journal.writeState('grid', '{"a":1}');
      await journal.writeState('grid', '{"a":2}');
      expect(await journal.readState('grid')).toBe('{"a":2}');
      await journal.close();
    });
  });
}

describe('a journal file', () => {
  test('holds everything after it is closed and opened again, and the chain goes on', async () => {
    const path = join(folder, 'again.db');
    const first = await openFile(path);
    await first.append({ events: [event], orders: [order], fills: [fill], nowUs });
    const head = await first.head();
    await first.close();
    const second = await openFile(path);
    expect(await second.head()).toEqual(head);
    expect(await second.loadOrder('main', 'a')).toEqual(order);
    expect(await second.append({ events: [event], nowUs })).toMatchObject({ kind: 'committed', headSeq: 2 });
    await second.close();
  });

  test('in a missing folder is refused in one line that names it', async () => {
    const opened = await openSqliteJournal(join(folder, 'nowhere', 'x.db'));
    expect(opened).toMatchObject({ kind: 'refused' });
    expect(opened.kind === 'refused' && opened.message).toContain(join('nowhere', 'x.db'));
  });

  test('that is something else is refused', async () => {
    const path = join(folder, 'text.db');
    await Bun.write(path, 'not a database, but long enough to look at as one. '.repeat(100));
    expect(await openSqliteJournal(path)).toMatchObject({ kind: 'refused' });
  });
});

async function openFile(path: string): Promise<Journal> {
  const opened = await openSqliteJournal(path);
  if (opened.kind === 'refused') throw new Error(opened.message);
  return opened.journal;
}
