import { expect, test } from 'bun:test';
import { seededRng } from '../rng.ts';
import { backoffCeilingMs, backoffDelayMs, failuresAfter } from './backoff.ts';

test('the ceiling grows by 1.6 from half a second and stops at thirty', () => {
  const ceilings = [1, 2, 3, 9, 10, 1_000].map((failures) => Math.round(backoffCeilingMs(failures)));
  expect(ceilings).toEqual([500, 800, 1_280, 21_475, 30_000, 30_000]);
});

test('the jitter is full: waits spread over all of zero to the ceiling', () => {
  const rng = seededRng(1);
  const waits = Array.from({ length: 500 }, () => backoffDelayMs(4, rng)).sort((a, b) => a - b);
  const ceiling = backoffCeilingMs(4);
  expect(waits[0]).toBeLessThan(ceiling * 0.02);
  expect(waits[250]).toBeWithin(ceiling * 0.4, ceiling * 0.6);
  expect(waits[499]).toBeWithin(ceiling * 0.98, ceiling);
});

test('only a connection that stayed up for five seconds clears the count of failures', () => {
  expect(failuresAfter(0, 0)).toBe(1);
  expect(failuresAfter(6, 4_999)).toBe(7);
  expect(failuresAfter(6, 5_000)).toBe(1);
});
