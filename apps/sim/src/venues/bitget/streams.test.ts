import { afterEach, expect, test } from 'bun:test';
import { FUTURES_ORDER, ofChannel, startVenue, subscribe, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const FUTURES = 'USDT-FUTURES';
const row = (frame: unknown) => Object(Object(frame).data)[0];

test('each argument is acknowledged by itself, before its data', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  const args = ['ticker', 'books'].map((channel) => ({ instType: FUTURES, channel, instId: 'BTCUSDT' }));
  socket.send({ op: 'subscribe', args });
  const frames = await socket.take(4);
  expect(frames.map((frame) => [frame['event'] ?? frame['action'], Object(frame['arg']).channel])).toEqual([
    ['subscribe', 'ticker'],
    ['snapshot', 'ticker'],
    ['subscribe', 'books'],
    ['snapshot', 'books'],
  ]);
  expect(frames[0]).toEqual({ event: 'subscribe', arg: args[0] });
  socket.send({ op: 'unsubscribe', args: [args[1]] });
  expect(await socket.take(1, (frame) => frame['event'] === 'unsubscribe')).toEqual([
    { event: 'unsubscribe', arg: args[1] },
  ]);
});

test('what the venue does not have is an error that names it; another market of the venue stays silent', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  socket.send(subscribe('books', FUTURES, 'NOPEUSDT'));
  socket.send(subscribe('candle7m', FUTURES, 'BTCUSDT'));
  socket.send(subscribe('books50', FUTURES, 'BTCUSDT'));
  socket.send(subscribe('ticker', 'sp', 'BTCUSDT'));
  socket.send(subscribe('ticker', 'SPOT', 'BTCUSDT'));
  socket.send({ op: 'login', args: [{}] });
  socket.send({ op: 'shout', args: [] });
  socket.send('{');
  const frames = await socket.take(8);
  expect(frames[0]).toEqual({
    event: 'error',
    arg: { instType: FUTURES, channel: 'books', instId: 'NOPEUSDT' },
    op: 'subscribe',
    code: 30001,
    msg: `instType:${FUTURES},channel:books,instId:NOPEUSDT,precision:null doesn't exist`,
  });
  expect(frames.map((frame) => frame['code'] ?? frame['event'])).toEqual([
    30001,
    30001,
    30016,
    30001,
    'subscribe',
    30003,
    30003,
    30002,
  ]);
});

test('a private channel wants a login', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('private');
  socket.send(subscribe('orders', FUTURES));
  expect(await socket.take(1)).toMatchObject([{ event: 'error', code: 30004 }]);
});

test('books follows the core: a snapshot, then updates that chain by seq and pseq', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  socket.send(subscribe('books', FUTURES, 'BTCUSDT'));
  await socket.take(2);
  for (let step = 0; step < 20; step++) venue.clock.advance(150);
  const frames = await socket.take(10, ofChannel('books'));
  const book = { bids: new Map<string, string>(), asks: new Map<string, string>() };
  let seq = 0;
  for (const frame of frames) {
    const update = row(frame);
    expect(update.pseq).toBe(seq);
    seq = update.seq;
    for (const side of ['bids', 'asks'] as const) {
      for (const [price, size] of update[side]) {
        if (size === '0') book[side].delete(price);
        else book[side].set(price, size);
      }
    }
    expect('checksum' in update).toBe(false);
  }
  const bids = [...book.bids.keys()].map(Number);
  const asks = [...book.asks.keys()].map(Number);
  expect(Math.max(...bids)).toBeLessThan(Math.min(...asks));
});

test('a dropped delta shows as an update that does not follow', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  socket.send(subscribe('books', FUTURES, 'BTCUSDT'));
  await socket.take(2);
  await venue.control('POST', '/faults', { kind: 'drop_book_delta', symbol: 'BTCUSDT' });
  for (let step = 0; step < 10; step++) venue.clock.advance(150);
  const updates = (await socket.take(4, ofChannel('books'))).map(row);
  const follows = updates.map((update, index) => index === 0 || update.pseq === updates[index - 1].seq);
  expect(follows).toContain(false);
});

test('the channels of fixed depth push whole books of that depth', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  socket.send(subscribe('books1', FUTURES, 'BTCUSDT'));
  socket.send(subscribe('books5', FUTURES, 'BTCUSDT'));
  const [one] = await socket.take(1, ofChannel('books1'));
  const [five] = await socket.take(1, ofChannel('books5'));
  const quote = venue.core.bestQuote('BTCUSDT');
  expect([row(one).bids, row(one).asks].map((side) => Number(side[0][0]))).toEqual([
    Number(quote?.bid[0]),
    Number(quote?.ask[0]),
  ]);
  expect(row(five).bids).toHaveLength(5);
  expect(five?.['action']).toBe('snapshot');
});

test('trades and candles begin with what there was, newest trade first', async () => {
  venue = await startVenue('bitget-usdt-futures');
  for (let step = 0; step < 40; step++) venue.clock.advance(1_000);
  const socket = await venue.open('public');
  socket.send(subscribe('trade', FUTURES, 'BTCUSDT'));
  socket.send(subscribe('candle1m', FUTURES, 'BTCUSDT'));
  const [trades] = await socket.take(1, ofChannel('trade'));
  const ids = Object(trades?.['data']).map((trade: { tradeId: string }) => Number(trade.tradeId));
  expect(ids.length).toBeGreaterThan(1);
  expect(ids).toEqual(ids.toSorted((a: number, b: number) => b - a));
  const [candles] = await socket.take(1, ofChannel('candle1m'));
  expect(Object(candles?.['data']).at(-1)).toHaveLength(8);
  for (let step = 0; step < 20; step++) venue.clock.advance(1_000);
  const later = await socket.take(2, ofChannel('trade'));
  expect(later[1]).toMatchObject({ action: 'update', data: [{ side: expect.stringMatching(/^(buy|sell)$/) }] });
});

test('a text ping is answered, and a connection without one is dropped after two minutes', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const [quiet, lively] = [await venue.open('public'), await venue.open('public')];
  venue.clock.advance(100_000);
  lively.send('ping');
  expect(await lively.take(1)).toEqual([{ text: 'pong' }]);
  venue.clock.advance(20_000);
  await quiet.closed;
  lively.send('ping');
  expect(await lively.take(2)).toHaveLength(2);
});

test('more than ten messages a second close the connection', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  for (let message = 0; message < 11; message++) socket.send('ping');
  expect((await socket.closed).code).toBe(1008);
  expect(socket.frames).toHaveLength(10);
});

test('scripted faults drop the sockets of one path', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const [market, user] = [await venue.open('public'), await venue.logIn()];
  const dropped = await venue.control('POST', '/faults', { kind: 'close_sockets', sockets: 'user' });
  expect(await dropped.json()).toEqual({ ok: true, closed: 1 });
  await user.closed;
  market.send('ping');
  expect(await market.take(1)).toEqual([{ text: 'pong' }]);
});

test('closing the sim leaves no timer of a stream', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const socket = await venue.open('public');
  for (const channel of ['ticker', 'books', 'candle1m']) socket.send(subscribe(channel, FUTURES, 'BTCUSDT'));
  await socket.take(5);
  await venue.call('POST', '/api/v2/mix/order/place-order', FUTURES_ORDER);
  venue.clock.advance(50);
  await venue.sim.close();
  await socket.closed;
  expect(venue.clock.pending).toBe(0);
});
