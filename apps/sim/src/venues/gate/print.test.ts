import { expect, test } from 'bun:test';
import { decimal, quantity } from '@trunkline/proto/decimal';
import { FUTURES_LISTINGS } from './listing.ts';
import { baseQuantity, contracts, fractionalSeconds, preciseMilliseconds, seconds, signed } from './print.ts';

const BITCOIN = FUTURES_LISTINGS.find(({ instrument }) => instrument.symbol === 'BTC_USDT')?.instrument;
if (BITCOIN === undefined) throw new Error('BTC_USDT is not listed');

test('contracts and base quantities turn into each other exactly', () => {
  for (const count of [1, 3, 10, 999_999]) {
    const base = baseQuantity(decimal(String(count)), BITCOIN);
    expect(contracts(base, BITCOIN)).toBe(count);
  }
  expect(baseQuantity(decimal('15'), BITCOIN)).toBe(quantity('0.0015'));
});

test('what is sold is below zero', () => {
  expect(contracts(signed(quantity('0.0003'), 'sell'), BITCOIN)).toBe(-3);
});

test('times are whole seconds, seconds with milliseconds, or milliseconds with microseconds', () => {
  const timeUs = 1_681_196_535_010_042;
  expect(seconds(timeUs)).toBe(1_681_196_535);
  expect(fractionalSeconds(timeUs)).toBe(1_681_196_535.01);
  expect(preciseMilliseconds(timeUs)).toBe('1681196535010.042');
});
