import { expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { type MemoryJournal, openMemoryJournal } from '../journal/memory-journal.ts';
import { keepLease } from './lease-keeper.ts';

const never = new AbortController().signal;

function keeper(journal: MemoryJournal, clock: VirtualClock, engineId: string) {
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
    never,
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
