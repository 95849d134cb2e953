/** Market streams: the subscribe protocol, and a book kept from them by Binance's documented rule. */
import { afterEach, expect, test } from 'bun:test';
import { startVenue, type TestVenue } from '../test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

type Frame = Record<string, unknown>;
const isDepth = (frame: Frame) => frame['e'] === 'depthUpdate';

/** Moves the market and lets what it sent arrive. */
async function run(ms: number, socket: Awaited<ReturnType<TestVenue['open']>>, id: number): Promise<void> {
  venue.clock.advance(ms);
  socket.send({ method: 'LIST_SUBSCRIPTIONS', id });
  await socket.take(1, (frame) => frame['id'] === id);
}

/** "How to manage a local order book": drop u < lastUpdateId, start at U <= lastUpdateId <= u, then pu = previous u. */
function buildBook(snapshot: Record<string, unknown>, frames: readonly Frame[]) {
  const last = Number(snapshot['lastUpdateId']);
  const sides = {
    b: new Map<string, string>(Object(snapshot['bids'])),
    a: new Map<string, string>(Object(snapshot['asks'])),
  };
  const usable = frames.filter((frame) => Number(frame['u']) >= last);
  let previous: number | undefined;
  for (const frame of usable) {
    if (previous === undefined) expect(Number(frame['U'])).toBeLessThanOrEqual(last);
    else expect(frame['pu']).toBe(previous);
    previous = Number(frame['u']);
    for (const side of ['b', 'a'] as const) {
      for (const [price, quantity] of Object(frame[side])) {
        if (Number(quantity) === 0) sides[side].delete(price);
        else sides[side].set(price, quantity);
      }
    }
  }
  const sorted = (side: Map<string, string>, direction: 1 | -1) =>
    [...side]
      .map(([price, quantity]) => [Number(price), Number(quantity)])
      .sort((a, b) => direction * (Number(a[0]) - Number(b[0])));
  return { lastUpdateId: previous, bids: sorted(sides.b, -1), asks: sorted(sides.a, 1), applied: usable.length };
}

function coreBook() {
  const book = venue.sim.core.book('BTCUSDT', 10_000);
  if (book === undefined) throw new Error('the market has no book');
  const numbers = (levels: readonly (readonly [string, string])[]) => levels.map(([p, q]) => [Number(p), Number(q)]);
  return { lastUpdateId: book.lastUpdateId, bids: numbers(book.bids), asks: numbers(book.asks) };
}

for (const pace of ['0ms', '100ms', '500ms']) {
  test(`a book built from the REST snapshot and @depth@${pace} equals the venue's`, async () => {
    venue = await startVenue();
    const socket = await venue.open('/public/ws/0');
    socket.send({ method: 'SUBSCRIBE', params: [`btcusdt@depth@${pace}`], id: 1 });
    await socket.take(1, (frame) => frame['id'] === 1);
    await run(2_000, socket, 2);
    const snapshot = await venue.get('/fapi/v1/depth', { symbol: 'BTCUSDT', limit: 1_000 });
    await run(2_000, socket, 3);
    await venue.sim.core.close();
    venue.clock.advance(1_000);
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 4 });
    await socket.take(1, (frame) => frame['id'] === 4);
    const built = buildBook(Object(snapshot.body), socket.frames.filter(isDepth));
    expect(built.applied).toBeGreaterThan(2);
    expect(built).toEqual({ ...coreBook(), applied: built.applied });
  });
}

test('a dropped delta shows as one gap in pu, on a merged stream too', async () => {
  venue = await startVenue();
  const socket = await venue.open('/public/ws/0');
  socket.send({ method: 'SUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 1 });
  await socket.take(1, (frame) => frame['id'] === 1);
  await run(1_000, socket, 2);
  expect((await venue.control('POST', '/faults', { kind: 'drop_book_delta', symbol: 'BTCUSDT', nth: 3 })).status).toBe(
    200,
  );
  await run(1_000, socket, 3);
  const frames = socket.frames.filter(isDepth);
  const gaps = frames.filter((frame, index) => index > 0 && frame['pu'] !== frames[index - 1]?.['u']);
  expect(gaps).toHaveLength(1);
});

test('frames carry what the live service sends, raw on /ws and wrapped on /stream', async () => {
  venue = await startVenue();
  const raw = await venue.open('/ws/btcusdt@bookTicker');
  const combined = await venue.open(
    '/stream?streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@kline_1m/btcusdt@markPrice@1s',
  );
  venue.clock.advance(5_000);
  const [quote] = await raw.take(1);
  expect(quote).toEqual({
    e: 'bookTicker',
    u: expect.any(Number),
    s: 'BTCUSDT',
    b: expect.stringMatching(/^\d+\.\d{2}$/),
    B: expect.stringMatching(/^\d+\.\d{3}$/),
    a: expect.stringMatching(/^\d+\.\d{2}$/),
    A: expect.stringMatching(/^\d+\.\d{3}$/),
    T: expect.any(Number),
    E: expect.any(Number),
    ps: 'BTCUSDT',
    st: 1,
  });
  for (const stream of ['btcusdt@trade', 'btcusdt@aggTrade', 'btcusdt@kline_1m', 'btcusdt@markPrice@1s']) {
    const [frame] = await combined.take(1, (candidate) => candidate['stream'] === stream);
    expect(frame).toMatchObject({ stream, data: { s: 'BTCUSDT', ps: 'BTCUSDT', st: 1 } });
  }
});

test('a candle is sent once more, closed, when its minute is over', async () => {
  venue = await startVenue();
  const socket = await venue.open('/market/ws/btcusdt@kline_1m');
  venue.clock.advance(61_000);
  const closed = (frame: Frame) => Object(frame['k']).x === true;
  const [frame] = await socket.take(1, closed);
  const k = Object(frame?.['k']);
  const [candle] = venue.sim.core.candles('BTCUSDT', 60_000, {
    limit: 1,
    startUs: k.t * 1_000,
    endUs: k.t * 1_000 + 1,
  });
  expect(k).toMatchObject({ i: '1m', n: candle?.trades, x: true, T: k.t + 59_999 });
});

test('the subscribe protocol lists, ends and refuses as the venue does', async () => {
  venue = await startVenue();
  const socket = await venue.open('/ws');
  const ask = async (request: object, id: unknown = null) => {
    socket.send(request);
    const [reply] = await socket.take(1, (frame) => 'id' in frame && frame['id'] === id);
    return reply;
  };
  const streams = ['btcusdt@bookTicker', 'nosuch@trade'];
  expect(await ask({ method: 'SUBSCRIBE', params: streams, id: 1 }, 1)).toEqual({ result: null, id: 1 });
  expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 2 }, 2)).toEqual({ result: streams, id: 2 });
  expect(await ask({ method: 'UNSUBSCRIBE', params: streams, id: 'u' }, 'u')).toEqual({ result: null, id: 'u' });
  expect(await ask({ method: 'DANCE', id: 4 }, 4)).toMatchObject({ error: { code: 2 }, id: 4 });
  socket.send('not json');
  expect(await socket.take(1, (frame) => frame['id'] === null)).toMatchObject([{ error: { code: 3 } }]);
  venue.clock.advance(2_000);
  expect(socket.frames.some((frame) => frame['e'] === 'bookTicker')).toBe(false);
});

test('a stream of the other path is taken and stays silent', async () => {
  venue = await startVenue();
  const socket = await venue.open('/market/ws/0');
  socket.send({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker'], id: 1 });
  expect(await socket.take(1)).toEqual([{ result: null, id: 1 }]);
  await run(2_000, socket, 2);
  expect(socket.frames).toHaveLength(2);
});

test('more than ten messages in a second close the socket', async () => {
  venue = await startVenue();
  const socket = await venue.open('/ws');
  for (let id = 0; id <= 10; id++) socket.send({ method: 'LIST_SUBSCRIPTIONS', id });
  expect(await socket.closed).toMatchObject({ code: 1008 });
});
