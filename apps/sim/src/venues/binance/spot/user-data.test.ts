/** The WebSocket API and the user data that comes over it. */
import { afterEach, expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { ACCOUNT, startVenue, type TestVenue, wsRequest } from '../test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const HOLDER = { ...ACCOUNT, balances: { USDT: decimal('100000'), BTC: decimal('2') } };
const LIMIT = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '58000' };
type Frame = Record<string, unknown>;

async function connect() {
  venue = await startVenue({ accounts: [HOLDER] }, 'binance-spot');
  const socket = await venue.open('/ws-api/v3');
  const ask = async (id: string, method: string, params: Record<string, string | number | boolean> = {}) => {
    const access = { apiKey: HOLDER.apiKey, timestamp: Math.floor(venue.clock.wallUs() / 1_000) };
    socket.send(wsRequest(id, method, { ...access, ...params }));
    const [reply] = await socket.take(1, (frame) => frame['id'] === id);
    return Object(reply);
  };
  const bare = async (id: string, method: string, params?: object) => {
    socket.send({ id, method, ...(params === undefined ? {} : { params }) });
    const [reply] = await socket.take(1, (frame) => frame['id'] === id);
    return Object(reply);
  };
  const events = async (count: number) => {
    const frames = await socket.take(count, (frame) => 'event' in frame);
    return frames.map((frame: Frame) => Object(frame['event']));
  };
  return { socket, ask, bare, events };
}

test('orders are placed, asked for, replaced and canceled as JSON frames', async () => {
  const { ask } = await connect();
  expect(await ask('1', 'order.place', { ...LIMIT, newClientOrderId: 'ws' })).toMatchObject({
    status: 200,
    result: { clientOrderId: 'ws', status: 'NEW', fills: [] },
    rateLimits: [
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100, count: 1 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000, count: 1 },
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000, count: 1 },
    ],
  });
  const named = { symbol: 'BTCUSDT', origClientOrderId: 'ws', returnRateLimits: false };
  expect(await ask('2', 'order.status', named)).toMatchObject({ status: 200, result: { status: 'NEW' } });
  const replaced = await ask('3', 'order.cancelReplace', {
    ...LIMIT,
    price: '57000',
    cancelReplaceMode: 'STOP_ON_FAILURE',
    cancelOrigClientOrderId: 'ws',
    newClientOrderId: 'ws2',
  });
  expect(replaced).toMatchObject({ status: 200, result: { cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' } });
  expect((await ask('4', 'openOrders.status', { symbol: 'BTCUSDT' })).result).toMatchObject([{ clientOrderId: 'ws2' }]);
  expect((await ask('5', 'openOrders.cancelAll', { symbol: 'BTCUSDT' })).result).toMatchObject([
    { status: 'CANCELED' },
  ]);
  expect(await ask('6', 'order.cancel', named)).toMatchObject({ status: 400, error: { code: -2011 } });
  expect((await ask('7', 'account.status')).result).toMatchObject({ accountType: 'SPOT', canTrade: true });
});

test('a signed subscription brings reports and balances, each wrapped with its id', async () => {
  const { socket, ask, events } = await connect();
  const subscribed = await ask('1', 'userDataStream.subscribe.signature');
  expect(subscribed).toMatchObject({ status: 200, result: { subscriptionId: 0 } });
  await ask('2', 'order.place', { ...LIMIT, newClientOrderId: 'ud1' });
  await ask('3', 'order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'ud1', newClientOrderId: 'cancel1' });
  const [report, locked, canceled, freed] = await events(4);
  expect(report).toMatchObject({
    e: 'executionReport',
    s: 'BTCUSDT',
    c: 'ud1',
    C: '',
    S: 'BUY',
    o: 'LIMIT',
    f: 'GTC',
    q: '0.01000000',
    p: '58000.00000000',
    x: 'NEW',
    X: 'NEW',
    r: 'NONE',
    l: '0.00000000',
    z: '0.00000000',
    n: '0',
    N: null,
    t: -1,
    w: true,
    m: false,
    V: 'EXPIRE_MAKER',
  });
  expect(locked).toMatchObject({ e: 'outboundAccountPosition' });
  expect(locked.B).toEqual([{ a: 'USDT', f: '99420.00000000', l: '580.00000000' }]);
  expect(canceled).toMatchObject({ x: 'CANCELED', X: 'CANCELED', c: 'cancel1', C: 'ud1', w: false });
  expect(freed.B).toEqual([{ a: 'USDT', f: '100000.00000000', l: '0.00000000' }]);
  expect(socket.frames.filter((frame) => 'event' in frame).every((frame) => frame['subscriptionId'] === 0)).toBe(true);
});

test('a fill is a TRADE report with commission in what was received', async () => {
  const { ask, events } = await connect();
  await ask('1', 'userDataStream.subscribe.signature');
  await ask('2', 'order.place', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' });
  const [, trade] = await events(2);
  const [fill] = venue.sim.core.fills('main', 'BTCUSDT', { limit: 1 });
  expect(trade).toMatchObject({ x: 'TRADE', t: Number(fill?.tradeId), N: 'BTC', m: false });
  expect(Number(trade.n)).toBe(Number(fill?.fee));
  expect(Number(trade.L)).toBe(Number(fill?.price));
});

test('an HMAC key cannot log a connection on, nor subscribe by having done so', async () => {
  const { ask, bare } = await connect();
  expect(await ask('1', 'session.logon')).toMatchObject({
    status: 400,
    error: { code: -4056, msg: 'HMAC_SHA256 API key is not supported.' },
  });
  expect((await bare('2', 'userDataStream.subscribe')).status).toBe(401);
  expect(await bare('3', 'userDataStream.subscribe', { apiKey: 'k' })).toMatchObject({ error: { code: -1104 } });
  expect(await bare('4', 'session.status')).toMatchObject({
    status: 200,
    result: { apiKey: null, userDataStream: false },
  });
});

test('a subscription ends when asked to, or when the venue ends it, and says so', async () => {
  const { socket, ask, bare, events } = await connect();
  await ask('1', 'userDataStream.subscribe.signature');
  expect(await bare('2', 'userDataStream.unsubscribe')).toMatchObject({ status: 200, result: {} });
  expect(await events(1)).toMatchObject([{ e: 'eventStreamTerminated' }]);
  expect((await ask('3', 'userDataStream.subscribe.signature')).result).toEqual({ subscriptionId: 1 });
  const expired = await venue.control('POST', '/faults', { kind: 'expire_listen_key', account: 'main' });
  expect(expired.status).toBe(200);
  await socket.take(2, (frame) => Object(frame['event']).e === 'eventStreamTerminated');
  await ask('4', 'order.place', LIMIT);
  expect(socket.frames.filter((frame) => 'event' in frame)).toHaveLength(2);
});

test('a dropped connection takes its subscriptions with it', async () => {
  const { socket, ask } = await connect();
  await ask('1', 'userDataStream.subscribe.signature');
  expect((await venue.control('POST', '/faults', { kind: 'close_sockets', sockets: 'ws_api' })).body).toMatchObject({
    closed: 1,
  });
  await socket.closed;
  expect((await venue.call('POST', '/api/v3/order', LIMIT)).status).toBe(200);
  expect(socket.frames.some((frame) => 'event' in frame)).toBe(false);
});
