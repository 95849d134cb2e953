import { afterEach, beforeEach, expect, test } from 'bun:test';
import { type Frame, pushOf, startVenue, subscription, type TestSocket, type TestVenue, UID } from './test-client.ts';

let venue: TestVenue;
let socket: TestSocket;

beforeEach(async () => {
  venue = await startVenue('gate-usdt-futures', { actionsPerSecond: 20 });
  socket = await venue.open();
});

afterEach(() => venue.close());

const nowS = () => Math.floor(venue.clock.wallUs() / 1_000_000);
const subscribe = (channel: string, payload: readonly string[], event = 'subscribe') =>
  socket.send({ id: 7, time: nowS(), channel, event, payload });
const results = (channel: string) => socket.frames.filter(pushOf(channel)).map(({ result }) => Object(result));

/** Moves time by small steps until so many pushes of the channel came. */
async function pushes(channel: string, count: number): Promise<Record<string, unknown>[]> {
  for (let step = 0; step < 200 && socket.frames.filter(pushOf(channel)).length < count; step++) {
    venue.clock.advance(100);
    // Frames cross a real socket: a round trip on it is behind them.
    const pongs = socket.frames.filter(({ channel: name }) => name === 'futures.pong').length;
    socket.send({ time: nowS(), channel: 'futures.ping' });
    await socket.take(pongs + 1, ({ channel: name }) => name === 'futures.pong');
  }
  return results(channel).slice(0, count);
}

test('a subscription is acknowledged with its id and payload, before its pushes', async () => {
  subscribe('futures.trades', ['BTC_USDT']);
  await pushes('futures.trades', 1);
  expect(socket.frames[0]).toMatchObject({
    id: 7,
    channel: 'futures.trades',
    event: 'subscribe',
    payload: ['BTC_USDT'],
    result: { status: 'success' },
  });
  expect(results('futures.trades')[0]).toMatchObject([{ contract: 'BTC_USDT' }]);
});

test('what the venue does not have is an error that names it', async () => {
  subscribe('futures.trades', ['NO_USDT']);
  subscribe('futures.nothing', ['BTC_USDT']);
  subscribe('spot.trades', ['BTC_USDT']);
  subscribe('futures.trades', ['BTC_USDT'], 'shout');
  socket.send('{');
  const errors = await socket.take(5, ({ error }) => Object(error).code !== undefined);
  expect(errors.map(({ error }) => error)).toEqual([
    { code: 2, message: 'unknown contract NO_USDT' },
    { code: 2, message: 'unknown channel futures.nothing' },
    { code: 2, message: 'unknown channel spot.trades' },
    { code: 2, message: 'invalid argument: event shout' },
    { code: 1, message: 'invalid request body format' },
  ]);
  expect(errors[0]).toMatchObject({ id: 7, result: { status: 'fail' } });
});

test('an application ping is answered', async () => {
  socket.send({ time: nowS(), channel: 'futures.ping' });
  expect(await socket.take(1)).toMatchObject([{ channel: 'futures.pong', event: '', error: null, result: null }]);
});

test('order_book_update continues a REST book without a hole', async () => {
  subscribe('futures.order_book_update', ['BTC_USDT', '100ms', '20']);
  await pushes('futures.order_book_update', 2);
  const { body } = await venue.get('/futures/usdt/order_book', { contract: 'BTC_USDT', limit: 20, with_id: true });
  const snapshot = Object(body);
  let changes = await pushes('futures.order_book_update', 6);
  // A push may be behind the book by what happened since: go on to one that is not.
  while (changes.at(-1)?.['u'] !== venue.core.book('BTC_USDT', 1)?.lastUpdateId)
    changes = await pushes('futures.order_book_update', changes.length + 1);
  expect(changes.every(({ l }) => l === '20')).toBe(true);
  for (const [index, change] of changes.slice(1).entries()) expect(change['U']).toBe(Number(changes[index]?.['u']) + 1);
  const held = bookOf(snapshot.bids, snapshot.asks);
  for (const change of changes) if (Number(change['u']) > snapshot.id) apply(held, change);
  expect<unknown>(best(held)).toEqual(bestOfCore(20));
});

test('obu begins with the whole window and continues it', async () => {
  subscribe('futures.obu', ['ob.BTC_USDT.50']);
  const [full, ...changes] = await pushes('futures.obu', 5);
  expect(full).toMatchObject({ full: true, s: 'ob.BTC_USDT.50' });
  let last = Number(full?.['u']);
  for (const change of changes) {
    expect(change['full']).toBeUndefined();
    expect(change['U']).toBe(last + 1);
    last = Number(change['u']);
  }
  subscribe('futures.obu', ['ob.BTC_USDT.50']);
  expect(await socket.take(1, ({ error }) => Object(error).code !== undefined)).toMatchObject([
    { error: { code: 2, message: 'Alert sub ob.BTC_USDT.50' } },
  ]);
});

test('a dropped delta shows as a change that does not follow', async () => {
  subscribe('futures.obu', ['ob.BTC_USDT.50']);
  await pushes('futures.obu', 2);
  await venue.control('POST', '/faults', { kind: 'drop_book_delta', symbol: 'BTC_USDT' });
  const changes = await pushes('futures.obu', 12);
  const holes = changes.slice(1).filter((change, index) => change['U'] !== Number(changes[index]?.['u']) + 1);
  expect(holes.length).toBe(1);
});

test('who unsubscribes is told no more', async () => {
  subscribe('futures.book_ticker', ['BTC_USDT']);
  await pushes('futures.book_ticker', 1);
  subscribe('futures.book_ticker', ['BTC_USDT'], 'unsubscribe');
  await socket.take(1, ({ event }) => event === 'unsubscribe');
  const told = results('futures.book_ticker').length;
  subscribe('futures.trades', ['BTC_USDT']);
  await pushes('futures.trades', 3);
  expect(results('futures.book_ticker')).toHaveLength(told);
});

test('a private channel wants a signature of its own, fresh and of the user that it names', async () => {
  const channel = 'futures.orders';
  const send = (frame: object) => socket.send(frame);
  send({ id: 1, time: nowS(), channel, event: 'subscribe', payload: [UID, '!all'] });
  send(subscription(channel, [UID, '!all'], nowS(), { apiKey: 'nobody' }));
  send(subscription(channel, [UID, '!all'], nowS(), { apiSecret: 'wrong' }));
  send(subscription(channel, [UID, '!all'], nowS() - 61));
  send(subscription(channel, ['1', '!all'], nowS()));
  send(subscription(channel, [UID, 'NO_USDT'], nowS()));
  send(subscription(channel, [UID, 'BTC_USDT'], nowS()));
  const answers = await socket.take(7);
  const labelled = (label: string) => ({ code: 4, message: expect.stringContaining(`{"label":"${label}"`) });
  expect(answers.map(({ error }) => error)).toEqual([
    { code: 4, message: 'authentication fail' },
    labelled('INVALID_KEY'),
    labelled('INVALID_SIGNATURE'),
    labelled('REQUEST_EXPIRED'),
    { code: 2, message: 'invalid argument: user id 1' },
    { code: 2, message: 'unknown contract NO_USDT' },
    undefined,
  ]);
});

test('scripted faults drop the connections that are used for one thing', async () => {
  const other = await venue.open();
  socket.send(subscription('futures.balances', [UID], nowS()));
  other.send({ time: nowS(), channel: 'futures.trades', event: 'subscribe', payload: ['BTC_USDT'] });
  await Promise.all([socket.take(1), other.take(1)]);
  await venue.control('POST', '/faults', { kind: 'close_sockets', sockets: 'user' });
  await socket.closed;
  other.send({ time: nowS(), channel: 'futures.ping' });
  expect(await other.take(1, ({ channel }) => channel === 'futures.pong')).toHaveLength(1);
});

test('closing the sim leaves no timer of a channel', async () => {
  for (const channel of ['futures.tickers', 'futures.trades']) subscribe(channel, ['BTC_USDT']);
  subscribe('futures.order_book_update', ['BTC_USDT', '100ms']);
  subscribe('futures.candlesticks', ['1m', 'BTC_USDT']);
  await socket.take(4);
  venue.clock.advance(50);
  await venue.sim.close();
  await socket.closed;
  expect(venue.clock.pending).toBe(0);
});

type Book = Record<'bids' | 'asks', Map<string, number>>;

function bookOf(bids: readonly Frame[], asks: readonly Frame[]): Book {
  const side = (levels: readonly Frame[]) => new Map(levels.map(({ p, s }) => [String(p), Number(s)]));
  return { bids: side(bids), asks: side(asks) };
}

function apply(book: Book, change: Record<string, unknown>): void {
  for (const [side, levels] of [
    [book.bids, change['b']],
    [book.asks, change['a']],
  ] as const)
    for (const { p, s } of Array.isArray(levels) ? levels : []) {
      if (s === 0) side.delete(p);
      else side.set(p, s);
    }
}

function best({ bids, asks }: Book) {
  const sorted = (side: Map<string, number>, sign: number) =>
    [...side].sort((a, b) => sign * (Number(a[0]) - Number(b[0])));
  return { bids: sorted(bids, -1).slice(0, 20), asks: sorted(asks, 1).slice(0, 20) };
}

function bestOfCore(levels: number) {
  const book = venue.core.book('BTC_USDT', levels);
  const contracts = ([at, amount]: readonly [string, string]) => [at, Math.round(Number(amount) / 0.0001)];
  return { bids: book?.bids.map(contracts), asks: book?.asks.map(contracts) };
}
