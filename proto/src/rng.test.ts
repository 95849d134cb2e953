import { expect, test } from 'bun:test';
import { seededRng, systemRng } from './rng.ts';

const draws = (seed: number | string, count = 20) => {
  const rng = seededRng(seed);
  return Array.from({ length: count }, () => rng.next());
};

test('one seed gives one sequence, and neighbouring seeds differ', () => {
  expect(draws(7)).toEqual(draws(7));
  expect(draws(7)).toEqual(draws('7'));
  expect(draws(7)).not.toEqual(draws(8));
});

test('the sequence of a seed is the same for ever: recorded runs replay', () => {
  const rng = seededRng('trunkline');
  expect(Array.from({ length: 4 }, () => rng.integer(1_000_000))).toEqual([316_467, 74_633, 6_170, 505_004]);
});

test('numbers lie in [0, 1) and fill it evenly', () => {
  const buckets = new Array<number>(10).fill(0);
  for (const value of draws(1, 20_000)) {
    expect(value >= 0 && value < 1).toBe(true);
    const bucket = Math.floor(value * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  // 2000 each is expected, with a standard deviation of 42; five of them is one in millions.
  for (const count of buckets) expect(Math.abs(count - 2_000)).toBeLessThan(215);
});

test('whole numbers stay below their bound and reach all below it', () => {
  const rng = seededRng(3);
  expect(new Set(Array.from({ length: 500 }, () => rng.integer(7)))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
});

test('a fork depends on seed and label alone, not on what was drawn before', () => {
  const rng = seededRng(5);
  const early = rng.fork('market').next();
  rng.next();
  expect(rng.fork('market').next()).toBe(early);
  expect(rng.fork('orders').next()).not.toBe(early);
});

test('two generators of the system differ', () => {
  expect(systemRng().next()).not.toBe(systemRng().next());
});
