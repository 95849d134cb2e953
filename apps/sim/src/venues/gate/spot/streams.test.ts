import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  answerTo,
  apiFrame,
  loginFrame,
  pushOf,
  SPOT_ORDER,
  startVenue,
  type TestSocket,
  type TestVenue,
} from '../test-client.ts';

let venue: TestVenue;
let socket: TestSocket;

beforeEach(async () => {
  venue = await startVenue('gate-spot', { actionsPerSecond: 20 });
  socket = await venue.open();
});

afterEach(() => venue.close());

const nowS = () => Math.floor(venue.clock.wallUs() / 1_000_000);
const results = (channel: string) => socket.frames.filter(pushOf(channel)).map(({ result }) => Object(result));

/** Moves time by small steps until so many pushes of the channel came. */
async function pushes(channel: string, payload: readonly string[], count: number) {
  socket.send({ time: nowS(), channel, event: 'subscribe', payload });
  for (let step = 1; step <= 200 && results(channel).length < count; step++) {
    venue.clock.advance(100);
    // Frames cross a real socket: a round trip on it is behind them.
    const pongs = socket.frames.filter(({ channel: name }) => name === 'spot.pong').length;
    socket.send({ time: nowS(), channel: 'spot.ping' });
    await socket.take(pongs + 1, ({ channel: name }) => name === 'spot.pong');
  }
  return results(channel).slice(0, count);
}

test('a pair is pushed as single values where contracts are pushed as lists', async () => {
  const [trade] = await pushes('spot.trades', ['BTC_USDT'], 1);
  expect(trade).toMatchObject({ currency_pair: 'BTC_USDT', side: expect.stringMatching(/^(buy|sell)$/) });
  expect(trade.range).toBe(`${trade.id}-${trade.id}`);
  const [ticker] = await pushes('spot.tickers', ['BTC_USDT'], 1);
  expect(ticker).toMatchObject({ currency_pair: 'BTC_USDT', last: expect.any(String) });
  const [quote] = await pushes('spot.book_ticker', ['BTC_USDT'], 1);
  expect(Number(quote.b)).toBeLessThan(Number(quote.a));
});

test('a candle is pushed while it grows, and once more when its time is over', async () => {
  const candles = await pushes('spot.candlesticks', ['1m', 'BTC_USDT'], 40);
  expect(candles[0]).toMatchObject({ n: '1m_BTC_USDT', w: false, t: expect.any(String) });
  const closed = candles.filter(({ w }) => w);
  expect(new Set(closed.map(({ t }) => t)).size).toBe(closed.length);
});

test('obu begins with the whole window and each change follows the one before', async () => {
  const [full, ...changes] = await pushes('spot.obu', ['ob.BTC_USDT.50'], 8);
  expect(full).toMatchObject({ full: true, s: 'ob.BTC_USDT.50' });
  expect(full.b).toHaveLength(50);
  for (const [index, change] of changes.entries())
    expect(change.U).toBe(Number((index === 0 ? full : changes[index - 1])?.u) + 1);
  const frame = socket.frames.find(pushOf('spot.obu'));
  // This channel alone has no `time`.
  expect(frame?.['time']).toBeUndefined();
  expect(frame?.['time_ms']).toBeNumber();
});

test('order_book pushes the best levels whole, at the pace that was asked for', async () => {
  const [book] = await pushes('spot.order_book', ['BTC_USDT', '5', '100ms'], 1);
  expect(book).toMatchObject({ s: 'BTC_USDT', lastUpdateId: expect.any(Number) });
  expect([book.bids.length, book.asks.length]).toEqual([5, 5]);
});

test('the WebSocket API places a list of orders under the name of one', async () => {
  socket.send(loginFrame('spot.login', nowS()));
  await socket.take(1);
  const orders = [
    { ...SPOT_ORDER, text: 't-1' },
    { ...SPOT_ORDER, text: 't-2', side: 'up' },
  ];
  socket.send(apiFrame('spot.order_place', nowS(), 'list', orders));
  expect(await socket.take(1, answerTo('list'))).toMatchObject([
    { header: { status: '200' }, data: { result: [{ succeeded: true, text: 't-1' }, { succeeded: false }] } },
  ]);
  socket.send(apiFrame('spot.order_cancel_cp', nowS(), 'all', { currency_pair: 'BTC_USDT', side: 'sell' }));
  expect(await socket.take(1, answerTo('all'))).toMatchObject([{ data: { result: [] } }]);
  const ids = [{ currency_pair: 'BTC_USDT', id: 't-1' }];
  socket.send(apiFrame('spot.order_cancel_ids', nowS(), 'ids', ids));
  expect(await socket.take(1, answerTo('ids'))).toMatchObject([
    { data: { result: [{ currency_pair: 'BTC_USDT', id: 't-1', succeeded: true }] } },
  ]);
});
