/**
 * What each venue's recordings say, from the frames that the venues document, in the envelope of `connector record`.
 * Beside the venues, not in one: the same promises are asked of all of them.
 */
import { describe, expect, test } from 'bun:test';
import type { ReadRecorded } from '../core/recorded-message.ts';
import { readRecordedSpot as readBinanceSpot, readRecordedUsdm } from './binance/recorded-feed.ts';
import { openRecordedFutures, openRecordedSpot } from './bitget/recorded-feed.ts';
import { readRecordedFutures as readGateFutures, readRecordedSpot as readGateSpot } from './gate/recorded-feed.ts';

const frame = (message: unknown) => JSON.stringify({ socket: '/ws', frame: message });
const call = (name: string, query: string, body: unknown, status = 200) =>
  JSON.stringify({ call: name, query, status, body });
const messages = (read: ReadRecorded, line: string) => {
  const parsed = read(line);
  return parsed.ok ? parsed.messages : parsed.problem;
};

const readBitgetFutures = openRecordedFutures();
const readBitgetSpot = openRecordedSpot();
const LEVELS = { b: [['100.1', '2']], a: [['100.2', '0']] };
const book = { bids: [['100.1', '2']], asks: [['100.2', '0']] };

test('Binance: spot chains by its first id, USD-M by the previous one', () => {
  const update = { e: 'depthUpdate', E: 1, T: 1, s: 'BTCUSDT', U: 157, u: 160, pu: 149, ...LEVELS };
  const ids = { kind: 'depth', symbol: 'BTCUSDT', firstUpdateId: 157, lastUpdateId: 160 };
  expect(messages(readRecordedUsdm, frame(update))).toMatchObject([{ ...ids, previousUpdateId: 149, ...book }]);
  expect(messages(readBinanceSpot, frame(update))).toMatchObject([{ ...ids, previousUpdateId: 156, ...book }]);
});

test('Binance: quotes, trades and the snapshot of a call', () => {
  const touch = { u: 7, s: 'BTCUSDT', b: '100.1', B: '2', a: '100.2', A: '3' };
  const quote = { kind: 'quote', updateId: 7, bid: ['100.1', '2'], ask: ['100.2', '3'] };
  expect(messages(readRecordedUsdm, frame({ e: 'bookTicker', T: 1, ...touch }))).toMatchObject([quote]);
  expect(messages(readBinanceSpot, frame(touch))).toMatchObject([quote]);
  const trade = { e: 'trade', s: 'BTCUSDT', t: 9, p: '100.1', q: '0.5', m: true };
  expect(messages(readBinanceSpot, frame(trade))).toMatchObject([{ tradeId: '9', buyerIsMaker: true }]);
  expect(messages(readRecordedUsdm, frame({ ...trade, X: 'ADL' }))).toMatchObject([{ kind: 'off_book' }]);
  const asked = call('GET /fapi/v1/depth', 'symbol=BTCUSDT&limit=1000', { lastUpdateId: 5, ...book });
  expect(messages(readRecordedUsdm, asked)).toMatchObject([{ kind: 'snapshot', symbol: 'BTCUSDT', lastUpdateId: 5 }]);
});

test('Bitget: a snapshot, then updates by their previous sequence; trades of before the subscription are no news', () => {
  const push = (channel: string, action: string, data: unknown[]) =>
    frame({ action, arg: { instType: 'USDT-FUTURES', channel, instId: 'BTCUSDT' }, data, ts: 1 });
  // 19 digits, as Bitget sends them: exact distances, although no double holds the numbers.
  const snapshot = push('books', 'snapshot', [{ ...book, seq: '1343064377779269632', pseq: '0' }]);
  const first = 2 ** 40;
  expect(messages(readBitgetFutures, snapshot)).toMatchObject([
    { kind: 'snapshot', symbol: 'BTCUSDT', lastUpdateId: first },
  ]);
  const update = push('books', 'update', [{ ...book, seq: '1343064377779269635', pseq: '1343064377779269632' }]);
  const ids = { firstUpdateId: first + 1, lastUpdateId: first + 3, previousUpdateId: first };
  expect(messages(readBitgetFutures, update)).toMatchObject([{ kind: 'depth', ...ids }]);
  const trade = { ts: '1', price: '100.1', size: '0.5', side: 'sell', tradeId: '99' };
  expect(messages(readBitgetSpot, push('trade', 'snapshot', [trade]))).toEqual([]);
  expect(messages(readBitgetSpot, push('trade', 'update', [trade, { ...trade, tradeId: '100' }]))).toMatchObject([
    { tradeId: '99', buyerIsMaker: true },
    { tradeId: '100' },
  ]);
});

test('Gate futures: sizes are contracts, the sign of a trade is the side of its taker', () => {
  const push = (channel: string, result: unknown) => frame({ time: 1, channel, event: 'update', result });
  const levels = { b: [{ p: '100.1', s: 20000 }], a: [{ p: '100.2', s: '0' }] };
  const update = push('futures.order_book_update', { t: 1, s: 'BTC_USDT', U: 5, u: 7, ...levels });
  const ids = { firstUpdateId: 5, lastUpdateId: 7, previousUpdateId: 4 };
  expect(messages(readGateFutures, update)).toMatchObject([{ kind: 'depth', symbol: 'BTC_USDT', ...ids, ...book }]);
  const trades = [
    { contract: 'BTC_USDT', id: 3, size: -10, price: '100.1', create_time_ms: 1 },
    { contract: 'BTC_USDT', id: 4, size: 10, price: '100.2', create_time_ms: 1 },
  ];
  expect(messages(readGateFutures, push('futures.trades', trades))).toMatchObject([
    { tradeId: '3', quantity: '0.001', buyerIsMaker: true },
    { tradeId: '4', quantity: '0.001', buyerIsMaker: false },
  ]);
  const internal = push('futures.trades', [{ ...trades[0], is_internal: true }]);
  expect(messages(readGateFutures, internal)).toMatchObject([{ kind: 'off_book', symbol: 'BTC_USDT' }]);
  const body = { id: 4, current: 1, update: 1, bids: [{ p: '100.1', s: 20000 }], asks: [] };
  const asked = call('GET /api/v4/futures/usdt/order_book', 'contract=BTC_USDT&limit=100&with_id=true', body);
  expect(messages(readGateFutures, asked)).toMatchObject([
    { kind: 'snapshot', lastUpdateId: 4, bids: [['100.1', '2']] },
  ]);
});

test('Gate spot: the book begins with a full frame', () => {
  const push = (channel: string, result: unknown) => frame({ time: 1, channel, event: 'update', result });
  const full = push('spot.obu', { t: 1, full: true, s: 'ob.BTC_USDT.50', u: 10, ...LEVELS });
  expect(messages(readGateSpot, full)).toMatchObject([{ kind: 'snapshot', symbol: 'BTC_USDT', lastUpdateId: 10 }]);
  const next = push('spot.obu', { t: 1, s: 'ob.BTC_USDT.50', U: 11, u: 12, b: [['100.1', '1']] });
  expect(messages(readGateSpot, next)).toMatchObject([{ kind: 'depth', previousUpdateId: 10, asks: [] }]);
  const trade = { id: 8, create_time_ms: '1.1', side: 'buy', currency_pair: 'BTC_USDT', amount: '0.5', price: '100.1' };
  expect(messages(readGateSpot, push('spot.trades', trade))).toMatchObject([{ tradeId: '8', buyerIsMaker: false }]);
});

const READERS: readonly (readonly [venue: string, market: string, read: ReadRecorded, broken: unknown])[] = [
  [
    'binance',
    'perpetual',
    readRecordedUsdm,
    { e: 'depthUpdate', s: 'BTCUSDT', U: 1, u: 2, pu: 0, b: [['x', '1']], a: [] },
  ],
  ['binance', 'spot', readBinanceSpot, { e: 'trade', s: 'BTCUSDT', t: 1, p: 'NaN', q: '1', m: true }],
  ['bitget', 'perpetual', readBitgetFutures, { action: 'update', arg: { channel: 'books', instId: 'X' }, data: [{}] }],
  [
    'bitget',
    'spot',
    readBitgetSpot,
    { action: 'update', arg: { channel: 'trade', instId: 'X' }, data: [{ side: 'up' }] },
  ],
  ['gate', 'perpetual', readGateFutures, { channel: 'futures.trades', event: 'update', result: [{ id: 1 }] }],
  ['gate', 'spot', readGateSpot, { channel: 'spot.obu', event: 'update', result: { full: true } }],
];

describe.each(READERS)('a recording of %s %s', (venue, market, read, broken) => {
  test('is told by its head from another', () => {
    expect(messages(read, JSON.stringify({ recording: 1, venue, market }))).toEqual([]);
    expect(messages(read, JSON.stringify({ recording: 1, venue: 'kraken', market }))).toContain('of kraken');
    expect(messages(read, JSON.stringify({ recording: 2, venue, market }))).toContain('format 2; 1 is known');
  });

  test('may hold what is not of the book', () => {
    expect(messages(read, frame('pong'))).toEqual([]);
    expect(messages(read, frame({ channel: 'spot.pong', event: '', arg: { channel: 'ticker' }, e: 'kline' }))).toEqual(
      [],
    );
    expect(messages(read, call('GET /api/v3/time', '', { serverTime: 1 }))).toEqual([]);
    expect(messages(read, call('GET /fapi/v1/depth', 'symbol=X', { code: -1 }, 429))).toEqual([]);
  });

  test('is refused for a message of the book that cannot be read, and for what is no message', () => {
    expect(messages(read, frame(broken))).toBe(`is not a message of ${venue} ${market}`);
    expect(messages(read, '{"torn":')).toBe('is not JSON of a message');
    expect(messages(read, '{"unknown":1}')).toContain('is not a message');
  });
});
