import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { isRefused } from './errors.ts';
import { optionalInteger, pageLimit, readParams, requiredDecimal, timeBounds } from './params.ts';

function read(query: string, body = '') {
  const sent = readParams(query, body);
  if (isRefused(sent)) throw new Error(sent.msg);
  return sent;
}

test('query and form body are one set of parameters, signed one after the other as they were sent', () => {
  const sent = read('symbol=BTCUSDT&side=BUY', 'quantity=1&text=a%20b%2Bc&signature=abc');
  expect([...sent.params]).toEqual([
    ['symbol', 'BTCUSDT'],
    ['side', 'BUY'],
    ['quantity', '1'],
    ['text', 'a b+c'],
    ['signature', 'abc'],
  ]);
  expect(sent.signedText).toBe('symbol=BTCUSDT&side=BUYquantity=1&text=a%20b%2Bc');
});

test('a signature may stand anywhere and is never part of what is signed', () => {
  expect(read('signature=ff&a=1').signedText).toBe('a=1');
  expect(read('a=1&signature=ff&b=2').signedText).toBe('a=1&b=2');
});

test('a name that comes twice is refused, also across query and body', () => {
  expect(readParams('a=1&a=2', '')).toMatchObject({ code: -1101 });
  expect(readParams('a=1', 'a=1')).toMatchObject({ code: -1101 });
});

test('broken percent encoding is refused, not thrown', () => {
  expect(readParams('a=%E0%A4%A', '')).toMatchObject({ code: -1100 });
});

test('whole numbers are digits only and within the safe range', () => {
  expect(optionalInteger(read('n=42').params, 'n')).toBe(42);
  expect(optionalInteger(read('n=').params, 'n')).toBeUndefined();
  expect(optionalInteger(read('n=4.2').params, 'n')).toMatchObject({ code: -1100 });
  expect(optionalInteger(read('n=99999999999999999999').params, 'n')).toMatchObject({ code: -1130 });
});

test('a decimal is plain digits: exponents, words and blanks are refused', () => {
  expect(requiredDecimal(read('p=0.10').params, 'p')).toBe(decimal('0.1'));
  for (const text of ['-1', '1e5', 'NaN', 'abc', '0x10', '1,5']) {
    expect(requiredDecimal(read(`p=${text}`).params, 'p')).toMatchObject({ code: -1100 });
  }
  expect(requiredDecimal(read('p=').params, 'p')).toMatchObject({ code: -1102 });
});

test('a page limit outside its bounds is refused', () => {
  expect(pageLimit(read('').params, 500, 1_000)).toBe(500);
  expect(pageLimit(read('limit=1000').params, 500, 1_000)).toBe(1_000);
  expect(pageLimit(read('limit=1001').params, 500, 1_000)).toMatchObject({ code: -1130 });
  expect(pageLimit(read('limit=0').params, 500, 1_000)).toMatchObject({ code: -1130 });
});

test('an end time takes in its whole millisecond', () => {
  expect(timeBounds(read('startTime=1&endTime=2').params)).toEqual({ startUs: 1_000, endUs: 2_999 });
  expect(timeBounds(read('startTime=3&endTime=2').params)).toMatchObject({ code: -1023 });
});
