import { expect, test } from 'bun:test';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createListenKeys } from './listen-keys.ts';

function start() {
  const clock = new VirtualClock();
  const expired: [string, string][] = [];
  const keys = createListenKeys({
    clock,
    rng: seededRng(1),
    validityMs: 60_000,
    onExpired: (account, key) => expired.push([account, key]),
  });
  return { clock, keys, expired };
}

test('an account has one key, the same until it ends', () => {
  const { keys } = start();
  const key = keys.open('a');
  expect(key).toMatch(/^[A-Za-z0-9]{64}$/);
  expect(keys.open('a')).toBe(key);
  expect(keys.open('b')).not.toBe(key);
  expect(keys.accountOf(key)).toBe('a');
});

test('a key that nobody keeps alive expires once; one kept alive does not', () => {
  const { clock, keys, expired } = start();
  const key = keys.open('a');
  clock.advance(59_999);
  expect(keys.keepAlive('a')).toBe(key);
  clock.advance(59_999);
  expect(expired).toEqual([]);
  clock.advance(1);
  expect(expired).toEqual([['a', key]]);
  expect(keys.keepAlive('a')).toBeUndefined();
  expect(keys.accountOf(key)).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('a dropped key ends silently and leaves no timer', () => {
  const { clock, keys, expired } = start();
  keys.open('a');
  expect(keys.drop('a')).toBe(true);
  expect(keys.drop('a')).toBe(false);
  expect(clock.pending).toBe(0);
  expect(expired).toEqual([]);
});
