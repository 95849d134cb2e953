import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { averagePrice, money, precisionOf } from './print.ts';
import { LISTINGS } from './usdm/listing.ts';

test('prices have at least two places and quantities the places of the step', () => {
  const instrument = (symbol: string) => {
    const listing = LISTINGS.get(symbol);
    if (listing === undefined) throw new Error(`${symbol} is not listed`);
    return listing.instrument;
  };
  expect(precisionOf(instrument('BTCUSDT'))).toEqual({ price: 2, quantity: 3, quote: 5 });
  expect(precisionOf(instrument('XRPUSDT'))).toEqual({ price: 4, quantity: 1, quote: 5 });
});

test('an average price that does not exist is printed as zero at the price precision', () => {
  const precision = { price: 2, quantity: 3, quote: 5 };
  expect(averagePrice(decimal('0'), precision)).toBe('0.00');
  expect(averagePrice(decimal('100.25'), precision)).toBe('100.25000');
  expect(money(decimal('1'))).toBe('1.00000000');
});
