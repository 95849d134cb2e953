import { expect, test } from 'bun:test';
import { brokenLink, EMPTY_CHAIN } from './chain.ts';
import type { FillRow, NewEvent } from './journal.ts';
import { openMemoryJournal } from './memory-journal.ts';

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

test('appends of one turn commit in their order, as one chain', async () => {
  const journal = openMemoryJournal();
  const results = await Promise.all([1, 2, 3].map((atUs) => journal.append({ events: [{ ...event, atUs }], nowUs })));
  expect(results.map((result) => result.kind === 'committed' && result.headSeq)).toEqual([1, 2, 3]);
  let head = EMPTY_CHAIN;
  for (const row of await journal.listEvents({ fromSeq: 1, limit: 10 })) {
    expect(brokenLink(head, row)).toBeUndefined();
    head = row;
  }
  expect(head.seq).toBe(3);
});

test('an append under a lost or expired lease writes nothing', async () => {
  const journal = openMemoryJournal();
  const claim = { account: 'main', engineId: 'e1', epoch: 1 };
  await journal.acquireLease({ account: 'main', engineId: 'e1', ttlMs: 1_000, nowUs });
  const lease = { events: [event], fills: [fill], lease: claim };
  expect((await journal.append({ ...lease, nowUs: nowUs + 999_999 })).kind).toBe('committed');
  expect((await journal.append({ ...lease, nowUs: nowUs + 1_000_000 })).kind).toBe('refused');
  const taken = await journal.acquireLease({ account: 'main', engineId: 'e2', ttlMs: 1_000, nowUs: nowUs + 1_000_000 });
  expect(taken.kind === 'held' && taken.lease.epoch).toBe(2);
  expect((await journal.append({ ...lease, nowUs: nowUs + 1_000_001 })).kind).toBe('refused');
  expect((await journal.head()).seq).toBe(1);
});

test('a running lease is refused to others, kept by its owner, and free after its release', async () => {
  const journal = openMemoryJournal();
  const ask = (engineId: string) => journal.acquireLease({ account: 'main', engineId, ttlMs: 1_000, nowUs });
  expect((await ask('e1')).kind).toBe('held');
  expect((await ask('e2')).kind).toBe('refused');
  const again = await ask('e1');
  expect(again.kind === 'held' && again.lease.epoch).toBe(1);
  await journal.releaseLease({ account: 'main', engineId: 'e1', epoch: 1 });
  const next = await ask('e2');
  expect(next.kind === 'held' && next.lease.epoch).toBe(2);
});

test('a fill seen twice is kept once', async () => {
  const journal = openMemoryJournal();
  await journal.append({ events: [], fills: [fill], nowUs });
  await journal.append({ events: [], fills: [{ ...fill, recovered: true }], nowUs });
  expect(await journal.listFills({ account: 'main' })).toEqual([fill]);
});

test('while appends fail nothing is written and reads go on', async () => {
  const journal = openMemoryJournal();
  journal.failAppends('disk_full');
  expect(await journal.append({ events: [event], nowUs })).toMatchObject({ kind: 'failed', code: 'disk_full' });
  expect(await journal.listEvents({ fromSeq: 1, limit: 10 })).toEqual([]);
  journal.failAppends(undefined);
  expect((await journal.append({ events: [event], nowUs })).kind).toBe('committed');
});
