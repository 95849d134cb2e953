/** Spot's market streams: their frames, and a book kept from them by Binance's documented rule for spot. */
import { afterEach, expect, test } from 'bun:test';
import { startVenue, type TestVenue } from '../test-client.ts';
import { SPOT_STREAMS } from './market-streams.ts';
import { readSocketRequest } from './paths.ts';

let venue: TestVenue | undefined;
afterEach(async () => {
  await venue?.close();
  venue = undefined;
});

type Frame = Record<string, unknown>;
const EIGHT = /^\d+\.\d{8}$/;

test('every stream that clients subscribe to is served', () => {
  const topics = ['bookTicker', 'trade', 'aggTrade', 'kline_1h', 'miniTicker', 'ticker', 'avgPrice'];
  for (const topic of [...topics, 'depth', 'depth@100ms', 'depth@1000ms', 'depth5', 'depth20@100ms']) {
    expect(SPOT_STREAMS.feedOf(topic)).toBeFunction();
  }
  for (const topic of ['markPrice', 'depth@500ms', 'depth@0ms', 'kline_7m', '']) {
    expect(SPOT_STREAMS.feedOf(topic)).toBeUndefined();
  }
});

test('addresses name raw or combined streams, or the WebSocket API', () => {
  const read = (path: string) => readSocketRequest(new URL(`ws://venue${path}`));
  expect(read('/ws')).toEqual({ kind: 'market', combined: false, streams: [] });
  expect(read('/ws/btcusdt@trade/btcusdt@depth')).toMatchObject({ streams: ['btcusdt@trade', 'btcusdt@depth'] });
  expect(read('/stream?streams=btcusdt@trade')).toMatchObject({ combined: true, streams: ['btcusdt@trade'] });
  expect(read('/stream/ws/0')).toEqual({ kind: 'market', combined: false, streams: [] });
  expect(read('/ws-api/v3')).toEqual({ kind: 'ws_api' });
  expect(read('/ws-fapi/v1')).toBeUndefined();
});

test('frames carry what Binance documents, with eight places', async () => {
  const started = await startVenue({}, 'binance-spot');
  venue = started;
  const names = ['bookTicker', 'trade', 'aggTrade', 'depth5', 'kline_1m', 'ticker', 'miniTicker', 'avgPrice'];
  const socket = await started.open(`/stream?streams=${names.map((name) => `btcusdt@${name}`).join('/')}`);
  started.clock.advance(6_000);
  const first = async (name: string) => {
    const [frame] = await socket.take(1, (candidate) => candidate['stream'] === `btcusdt@${name}`);
    return Object(frame?.['data']);
  };
  const eight = expect.stringMatching(EIGHT);
  expect(await first('bookTicker')).toEqual({
    u: expect.any(Number),
    s: 'BTCUSDT',
    b: eight,
    B: eight,
    a: eight,
    A: eight,
  });
  expect(Object.keys(await first('trade'))).toEqual(['e', 'E', 's', 't', 'p', 'q', 'T', 'm', 'M']);
  expect(await first('aggTrade')).toMatchObject({ e: 'aggTrade', p: eight, M: true });
  const partial = await first('depth5');
  expect(Object.keys(partial)).toEqual(['lastUpdateId', 'bids', 'asks']);
  expect(partial.bids).toHaveLength(5);
  expect(await first('kline_1m')).toMatchObject({ e: 'kline', k: { i: '1m', o: eight, x: false } });
  expect(await first('ticker')).toMatchObject({ e: '24hrTicker', x: eight, b: eight, A: eight, n: expect.any(Number) });
  expect(await first('miniTicker')).toMatchObject({ e: '24hrMiniTicker', c: eight });
  expect(await first('avgPrice')).toMatchObject({ e: 'avgPrice', i: '5m', w: eight });
});

/** "How to manage a local order book correctly": drop u <= lastUpdateId, then each U must be the last u + 1. */
function applied(snapshot: Frame, frames: readonly Frame[]) {
  let last = Number(snapshot['lastUpdateId']);
  const sides = {
    b: new Map<string, string>(Object(snapshot['bids'])),
    a: new Map<string, string>(Object(snapshot['asks'])),
  };
  let gaps = 0;
  for (const frame of frames.filter((candidate) => Number(candidate['u']) > last)) {
    if (Number(frame['U']) > last + 1) gaps += 1;
    last = Number(frame['u']);
    for (const side of ['b', 'a'] as const) {
      for (const [price, quantity] of Object(frame[side])) {
        if (Number(quantity) === 0) sides[side].delete(price);
        else sides[side].set(price, quantity);
      }
    }
  }
  const sorted = (side: Map<string, string>) => [...side].map(([p, q]) => [Number(p), Number(q)]).sort();
  return { last, gaps, bids: sorted(sides.b), asks: sorted(sides.a) };
}

async function follow(started: TestVenue, dropNth?: number) {
  const socket = await started.open('/ws');
  const settle = async (ms: number, id: number) => {
    started.clock.advance(ms);
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id });
    await socket.take(1, (frame) => frame['id'] === id);
  };
  socket.send({ method: 'SUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 1 });
  await socket.take(1, (frame) => frame['id'] === 1);
  await settle(1_000, 2);
  const snapshot = await started.get('/api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 });
  if (dropNth !== undefined) started.sim.core.dropDelta('BTCUSDT', dropNth);
  await settle(2_000, 3);
  await started.sim.core.close();
  await settle(1_000, 4);
  const frames = socket.frames.filter((frame) => frame['e'] === 'depthUpdate');
  return applied(Object(snapshot.body), frames);
}

test("a book kept by spot's rule equals the venue's, level by level, beside other symbols", async () => {
  const started = await startVenue({ symbols: ['BTCUSDT', 'ETHUSDT'] }, 'binance-spot');
  venue = started;
  const kept = await follow(started);
  const book = started.sim.core.book('BTCUSDT', 10_000);
  const numbers = (levels: readonly (readonly [string, string])[] = []) =>
    levels.map(([p, q]) => [Number(p), Number(q)]).sort();
  expect(kept).toEqual({
    last: Number(book?.lastUpdateId),
    gaps: 0,
    bids: numbers(book?.bids),
    asks: numbers(book?.asks),
  });
});

test('a dropped delta shows as one gap in U', async () => {
  const started = await startVenue({}, 'binance-spot');
  venue = started;
  expect((await follow(started, 3)).gaps).toBe(1);
});

test('more than five messages in a second close a market socket', async () => {
  const started = await startVenue({}, 'binance-spot');
  venue = started;
  const socket = await started.open('/ws');
  for (let id = 0; id <= 5; id++) socket.send({ method: 'LIST_SUBSCRIPTIONS', id });
  expect(await socket.closed).toMatchObject({ code: 1008 });
});
