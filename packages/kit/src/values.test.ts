/** Durations, addresses and names: what is read, what is refused. */
import { expect, test } from 'bun:test';
import { nearest, oneLine, shown } from './text.ts';
import { formatDuration, formatHostPort, isName, parseDuration, parseHostPort, parseWhole } from './values.ts';

test('durations are read to whole milliseconds and written back as the same value', () => {
  expect(['500ms', '10s', '1.5s', '5m', '1h', '2d'].map(parseDuration)).toEqual([
    500, 10_000, 1_500, 300_000, 3_600_000, 172_800_000,
  ]);
  for (const ms of [0, 1, 999, 1_000, 61_000, 60_000, 7_200_000, 86_400_001]) {
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  }
});

test.each(['', '10', 's', '-1s', '1e3s', 'NaN', '10 s', '1sec', '99999d', 'x'.repeat(1e6), 10])(
  '%p is no duration',
  (given) => {
    expect(parseDuration(given)).toBeUndefined();
  },
);

test('addresses are read and written back', () => {
  for (const given of ['127.0.0.1:7001', '[::1]:0', 'engine.example:65535']) {
    const parsed = parseHostPort(given);
    expect(parsed && formatHostPort(parsed)).toBe(given);
  }
});

test.each(['', ':1', 'host', 'host:', 'host:65536', '::1:5', 'a b:1', 'h:-1', '[x]:1'])('%p is no address', (given) => {
  expect(parseHostPort(given)).toBeUndefined();
});

test('names are short and plain', () => {
  expect(['desk', 'binance-1', 'Desk', '1a', '', '../x', 'a'.repeat(41)].map(isName)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('whole numbers outside of the safe range are refused', () => {
  expect(['0', '-5', '9007199254740991', '9007199254740992', '1.0', ''].map(parseWhole)).toEqual([
    0,
    -5,
    9_007_199_254_740_991,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a shown value is short, quoted and without control characters', () => {
  expect(shown('a\n\u001b[31m')).toBe('"a\\n\\u001b[31m"');
  expect(shown('x'.repeat(1e7)).length).toBeLessThan(100);
  expect(oneLine('a\n  b\tc')).toBe('a b c');
  expect(oneLine('x '.repeat(1e6)).length).toBeLessThan(510);
});

test('the nearest name is offered only when it is near', () => {
  expect(nearest('jornal', ['journal', 'orders'])).toBe('journal');
  expect(nearest('zzzzzz', ['journal', 'orders'])).toBeUndefined();
});
