import { expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { type MemoryJournal, openMemoryJournal } from '../journal/memory-journal.ts';
import { keepLease } from './lease-keeper.ts';

const never = new AbortController().signal;

function keeper(journal: MemoryJournal, clock: VirtualClock, engineId: string, signal = never) {
  const lost: string[] = [];
  const waiting: string[] = [];
  const held = keepLease(
    {
      journal,
      account: 'main',
      engineId,
      ttlMs: 9_000,
      settleMs: 4_000,
      clock,
      onWaiting: (holder) => waiting.push(holder.engineId),
      onLost: (message) => lost.push(message),
    },
    signal,
  );
  return { held, lost, waiting };
}

test('a lease is renewed for as long as its keeper lives', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  const first = keeper(journal, clock, 'e1');
  const lease = await first.held;
  await clock.advanceAsync(60_000);
  expect(first.lost).toEqual([]);
  expect(lease?.current.expiresAtUs).toBeGreaterThan(clock.wallUs());
});

test('a released lease is taken at once, with the next epoch', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  const first = await keeper(journal, clock, 'e1').held;
  await first?.release();
  const second = await keeper(journal, clock, 'e2').held;
  expect(second?.current.epoch).toBe(2);
  await clock.advanceAsync(60_000);
  expect(clock.pending).toBe(1);
});

test('a lease that was never released is waited for, and then the requests of its holder are waited out', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  await journal.acquireLease({ account: 'main', engineId: 'dead', ttlMs: 9_000, nowUs: clock.wallUs() });
  const startUs = clock.monotonicUs();
  const second = keeper(journal, clock, 'e2');
  let takenAtUs: number | undefined;
  void second.held.then(() => {
    takenAtUs = clock.monotonicUs();
  });
  await clock.advanceAsync(12_900);
  expect(takenAtUs).toBeUndefined();
  await clock.advanceAsync(1_000);
  expect((takenAtUs ?? 0) - startUs).toBeGreaterThanOrEqual(13_000_000);
  expect(second.waiting).toEqual(['dead']);
});

test('a lease that ran out before we came is waited out as well, as long as its requests may live', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  await journal.acquireLease({ account: 'main', engineId: 'dead', ttlMs: 9_000, nowUs: clock.wallUs() });
  await clock.advanceAsync(10_000);
  const second = keeper(journal, clock, 'e2');
  let taken = false;
  void second.held.then(() => {
    taken = true;
  });
  await clock.advanceAsync(2_900);
  expect(taken).toBe(false);
  await clock.advanceAsync(100);
  expect(taken).toBe(true);
});

test('a journal that cannot be written is asked again', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  let failures = 2;
  const locked: MemoryJournal = {
    ...journal,
    acquireLease: (claim) =>
      failures-- > 0 ? Promise.reject(new Error('database is locked')) : journal.acquireLease(claim),
  };
  const first = keeper(locked, clock, 'e1');
  await clock.advanceAsync(2_000);
  expect((await first.held)?.current.epoch).toBe(1);
});

test('a wait that is broken off leaves no lease behind', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  await journal.acquireLease({ account: 'main', engineId: 'dead', ttlMs: 9_000, nowUs: clock.wallUs() });
  await clock.advanceAsync(10_000);
  const stop = new AbortController();
  const broken = keeper(journal, clock, 'e2', stop.signal);
  await clock.advanceAsync(1_000);
  stop.abort();
  await clock.advanceAsync(0);
  expect(await broken.held).toBeUndefined();
  const next = await journal.acquireLease({ account: 'main', engineId: 'e3', ttlMs: 9_000, nowUs: clock.wallUs() });
  expect(next.kind).toBe('held');
});

test('a keeper that was taken over says so once and stops', async () => {
  const clock = new VirtualClock();
  const journal = openMemoryJournal();
  const first = keeper(journal, clock, 'e1');
  await first.held;
  await journal.releaseLease({ account: 'main', engineId: 'e1', epoch: 1 });
  await journal.acquireLease({ account: 'main', engineId: 'e2', ttlMs: 9_000, nowUs: clock.wallUs() });
  await clock.advanceAsync(30_000);
  expect(first.lost).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
