import { expect, test } from 'bun:test';
import { amount, exact, parseJson, reading, text, Unreadable, whole } from './fields.ts';

test.each([
  ['0.500', '0.5'],
  ['60000.00', '60000'],
  ['0.00000000', '0'],
  ['-0.10', '-0.1'],
  ['1000', '1000'],
  ['00012.30', '12.3'],
])('%s is read as %s', (given, expected) => {
  expect<string | undefined>(exact(given)).toBe(expected);
});

test.each(['', '1e5', 'NaN', '1.', '.', '.5', ' 1', '1,0', '0x10'])('%p is no decimal', (given) => {
  expect(exact(given)).toBeUndefined();
});

test('a float is not money', () => {
  expect(reading(() => amount({ p: 1.5 }, 'p'))).toBeInstanceOf(Unreadable);
});

test('an id of 17 digits stays exact', () => {
  const body = parseJson('{"orderId":90071992547409931,"list":[90071992547409933],"s":"x: 12345678901234567,"}');
  expect(body).toEqual({ orderId: '90071992547409931', list: ['90071992547409933'], s: 'x: 12345678901234567,' });
});

test('what is not JSON is undefined', () => {
  expect(parseJson('<html>busy</html>')).toBeUndefined();
  expect(parseJson('{"orderId":12')).toBeUndefined();
});

test('a missing or mistyped field is a value that names it', () => {
  const missing = reading(() => text({}, 'orderId'));
  expect(missing).toBeInstanceOf(Unreadable);
  expect(missing instanceof Unreadable && missing.message).toContain('orderId');
  expect(reading(() => whole({ T: 1.5 }, 'T'))).toBeInstanceOf(Unreadable);
});
