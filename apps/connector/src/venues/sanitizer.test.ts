import { expect, test } from 'bun:test';
import { Secret } from '@trunkline/kit/secret';
import { sanitizer } from './sanitizer.ts';

const clean = sanitizer([new Secret('my-api-key-value'), new Secret('my-secret')]);

test('a signed URL keeps its path and loses its query', () => {
  const text =
    'binanceusdm GET https://fapi.binance.com/fapi/v1/order?timestamp=1&signature=deadbeef request timed out';
  expect(clean(text)).toBe('binanceusdm GET https://fapi.binance.com/fapi/v1/order?[redacted] request timed out');
});

test('credentials go by value, wherever they stand', () => {
  expect(clean('key my-api-key-value and my-secret!')).toBe('key [redacted] and [redacted]!');
});

test.each([
  ['signature=abc123', 'signature=[redacted]'],
  ['{"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8"}', '{"listenKey":"[redacted]"}'],
  ['X-MBX-APIKEY: abcdef', 'X-MBX-APIKEY: [redacted]'],
  ['passphrase=hunter22&x=1', 'passphrase=[redacted]&x=1'],
  [`wss closed ${'k'.repeat(64)}`, 'wss closed [redacted]'],
])('%s is cut', (text, expected) => {
  expect(clean(text)).toBe(expected);
});

test('an ordinary venue message stays as it is', () => {
  const text = 'Due to the order could not be executed as maker, the Post Only order will be rejected.';
  expect(clean(text)).toBe(text);
});

test('text is one bounded line', () => {
  const long = clean(`a\n${'word '.repeat(10_000)}`);
  expect(long).not.toContain('\n');
  expect(long.length).toBeLessThanOrEqual(300);
});
