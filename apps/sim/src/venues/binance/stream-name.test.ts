import { expect, test } from 'bun:test';
import { parseStream } from './stream-name.ts';

test('every stream that clients subscribe to is read, with its pace and path', () => {
  expect(parseStream('btcusdt@bookTicker')).toEqual({ symbol: 'BTCUSDT', path: 'public', kind: 'book_ticker' });
  expect(parseStream('btcusdt@depth')).toMatchObject({ kind: 'depth', intervalMs: 250, path: 'public' });
  expect(parseStream('btcusdt@depth@0ms')).toMatchObject({ kind: 'depth', intervalMs: 0 });
  expect(parseStream('btcusdt@depth@100ms')).toMatchObject({ kind: 'depth', intervalMs: 100 });
  expect(parseStream('btcusdt@depth20@500ms')).toMatchObject({ kind: 'partial_depth', levels: 20, intervalMs: 500 });
  expect(parseStream('btcusdt@trade')).toMatchObject({ kind: 'trade', path: 'public' });
  expect(parseStream('btcusdt@aggTrade')).toMatchObject({ kind: 'agg_trade', path: 'market' });
  expect(parseStream('btcusdt@kline_1h')).toMatchObject({ kind: 'kline', interval: '1h', intervalMs: 3_600_000 });
  expect(parseStream('btcusdt@markPrice')).toMatchObject({ kind: 'mark_price', intervalMs: 3_000, path: 'market' });
  expect(parseStream('btcusdt@markPrice@1s')).toMatchObject({ kind: 'mark_price', intervalMs: 1_000 });
  expect(parseStream('btcusdt@miniTicker')).toMatchObject({ kind: 'mini_ticker' });
  expect(parseStream('btcusdt@ticker')).toMatchObject({ kind: 'ticker' });
});

test('names that are no stream are not read', () => {
  for (const name of ['', '0', '@trade', 'btcusdt', 'btcusdt@depth@70ms', 'btcusdt@depth7', 'btcusdt@kline_7m']) {
    expect(parseStream(name)).toBeUndefined();
  }
});
