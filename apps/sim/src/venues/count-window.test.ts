import { expect, test } from 'bun:test';
import { countWindow, currentWindow, remember, windowLeftMs } from './count-window.ts';

test('a window of the wall clock is emptied when the next begins', () => {
  const window = countWindow(10_000);
  currentWindow(window, 20_001).used += 3;
  expect(currentWindow(window, 29_999).used).toBe(3);
  expect(windowLeftMs(window, 29_999)).toBe(1);
  expect(currentWindow(window, 30_000).used).toBe(0);
});

test('what is remembered is bounded: the oldest goes first', () => {
  const known = new Map<string, number>();
  for (let index = 0; index < 10_001; index++) remember(known, `k${index}`, () => index);
  expect(known.size).toBe(10_000);
  expect(known.has('k0')).toBe(false);
  expect(remember(known, 'k1', () => -1)).toBe(1);
});
