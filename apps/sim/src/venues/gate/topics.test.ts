import { afterAll, beforeAll, expect, test } from 'bun:test';
import { FUTURES, SPOT } from './market.ts';
import { startVenue, type TestVenue } from './test-client.ts';
import { readTopics } from './topics.ts';

let venue: TestVenue;

beforeAll(async () => {
  venue = await startVenue('gate-usdt-futures', { symbols: ['BTCUSDT', 'ETHUSDT'] });
});

afterAll(() => venue.close());

const read = (name: string, ...payload: readonly string[]) => readTopics(FUTURES, name, payload, venue.core);

test('a list of markets is as many topics', () => {
  expect(read('trades', 'BTC_USDT', 'ETH_USDT')).toMatchObject([{ symbol: 'BTC_USDT' }, { symbol: 'ETH_USDT' }]);
});

test('one unknown market refuses the whole payload, in the words of its market', () => {
  expect(read('trades', 'BTC_USDT', 'NO_USDT')).toEqual({ code: 2, message: 'unknown contract NO_USDT' });
  expect(readTopics(SPOT, 'trades', ['NO_USDT'], venue.core)).toEqual({
    code: 2,
    message: 'unknown currency pair: NO_USDT',
  });
});

test('the parameters of books and candles are read', () => {
  expect(read('candlesticks', '5m', 'BTC_USDT')).toMatchObject([{ kind: 'candle', intervalMs: 300_000 }]);
  expect(read('order_book_update', 'BTC_USDT', '20ms', '20')).toMatchObject([{ intervalMs: 20, levels: 20 }]);
  expect(read('order_book', 'BTC_USDT', '20', '0')).toMatchObject([{ kind: 'book', levels: 20 }]);
  expect(read('obu', 'ob.BTC_USDT.400')).toMatchObject([{ kind: 'obu', levels: 400, intervalMs: 100 }]);
});

test('a parameter that the venue does not have is refused', () => {
  for (const [name, ...payload] of [
    ['candlesticks', '7m', 'BTC_USDT'],
    ['order_book_update', 'BTC_USDT', '50ms'],
    ['order_book_update', 'BTC_USDT', '100ms', '7'],
    ['order_book', 'BTC_USDT', '7', '0'],
    ['obu', 'ob.BTC_USDT.7'],
    ['trades'],
  ] as const)
    expect(read(name, ...payload)).toMatchObject({ code: 2 });
});
