import { expect, test } from 'bun:test';
import { sleep, systemClock } from './clock.ts';
import { seededRng } from './rng.ts';
import { VirtualClock } from './virtual-clock.ts';

test('timers run by due time, then by creation, each at its own instant', () => {
  const seed = process.env['SEED'] ?? '1';
  const rng = seededRng(`clock/${seed}`);
  const clock = new VirtualClock();
  const expected: { readonly due: number; readonly id: number }[] = [];
  const ran: { readonly due: number; readonly id: number }[] = [];
  for (let id = 0; id < 300; id++) {
    const delay = rng.integer(50);
    const timer = clock.schedule(delay, () => ran.push({ due: clock.monotonicUs(), id }));
    if (rng.integer(5) === 0) timer.cancel();
    else expected.push({ due: delay * 1_000, id });
  }
  for (let moved = 0; moved < 60; moved += 3) clock.advance(3);
  expect(ran).toEqual(expected.toSorted((a, b) => a.due - b.due || a.id - b.id));
  expect(clock.pending).toBe(0);
});

test('a timer added by a timer runs in the same advance when it falls due in it', () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const again = () => {
    ran.push(clock.monotonicUs());
    clock.schedule(10, again);
  };
  clock.schedule(10, again);
  clock.advance(35);
  expect(ran).toEqual([10_000, 20_000, 30_000]);
  expect(clock.monotonicUs()).toBe(35_000);
  expect(clock.pending).toBe(1);
});

test('a timer cancelled by another one that runs before it never runs', () => {
  const clock = new VirtualClock();
  let ran = false;
  const late = clock.schedule(2, () => {
    ran = true;
  });
  clock.schedule(1, () => late.cancel());
  clock.advance(5);
  late.cancel();
  expect(ran).toBe(false);
});

test('a step of the wall clock moves neither timers nor the monotonic time', () => {
  const clock = new VirtualClock({ startUs: 5_000_000 });
  let ran = false;
  clock.schedule(10, () => {
    ran = true;
  });
  clock.stepWall(-1_000_000);
  expect([clock.wallUs(), clock.monotonicUs(), ran]).toEqual([4_000_000, 0, false]);
  clock.advance(10);
  expect([clock.wallUs(), clock.monotonicUs(), ran]).toEqual([4_010_000, 10_000, true]);
});

test('sleep ends when its time has come and not before', async () => {
  const clock = new VirtualClock();
  let done = false;
  const sleeping = sleep(clock, 100).then(() => {
    done = true;
  });
  await clock.advanceAsync(99);
  expect(done).toBe(false);
  await clock.advanceAsync(1);
  expect(done).toBe(true);
  await sleeping;
});

test('sleep ends at once when its signal aborts, and leaves no timer', async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const sleeping = sleep(clock, 100, controller.signal);
  controller.abort();
  await sleeping;
  expect(clock.pending).toBe(0);
  await sleep(clock, 100, controller.signal);
  expect(clock.pending).toBe(0);
});

test('the system clock has microseconds, follows the wall and never goes back', () => {
  const clock = systemClock();
  let before = clock.monotonicUs();
  for (let reading = 0; reading < 1_000; reading++) {
    const now = clock.monotonicUs();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(Number.isSafeInteger(now)).toBe(true);
    before = now;
  }
  expect(Math.abs(clock.wallUs() - Date.now() * 1_000)).toBeLessThan(10_000);
});

test('a timer of the system clock runs once, and not at all when cancelled', async () => {
  const clock = systemClock();
  const ran: string[] = [];
  clock.schedule(0, () => ran.push('cancelled')).cancel();
  await new Promise<void>((resolve) => {
    clock.schedule(0, () => {
      ran.push('kept');
      resolve();
    });
  });
  expect(ran).toEqual(['kept']);
});
