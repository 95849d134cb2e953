/** The WebSocket API: the same orders as over REST, one JSON frame each. */
import { afterEach, expect, test } from 'bun:test';
import { ACCOUNT, startVenue, type TestVenue, wsRequest } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const ORDER = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '59000' };

async function connect() {
  venue = await startVenue();
  const socket = await venue.open('/ws-fapi/v1');
  const signed = () => ({ apiKey: ACCOUNT.apiKey, timestamp: Math.floor(venue.clock.wallUs() / 1_000) });
  const ask = async (id: string, method: string, params: Record<string, string | number | boolean>) => {
    socket.send(wsRequest(id, method, { ...signed(), ...params }));
    const [reply] = await socket.take(1, (frame) => frame['id'] === id);
    return reply;
  };
  return { socket, ask };
}

test('an order is placed, asked for, modified and canceled, each request signed by itself', async () => {
  const { ask } = await connect();
  const placed = await ask('1', 'order.place', { ...ORDER, newClientOrderId: 'ws', newOrderRespType: 'RESULT' });
  expect(placed).toMatchObject({
    id: '1',
    status: 200,
    result: { clientOrderId: 'ws', status: 'NEW', price: '59000.00' },
    rateLimits: [
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300, count: 1 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200, count: 1 },
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400, count: 0 },
    ],
  });
  const named = { symbol: 'BTCUSDT', origClientOrderId: 'ws', returnRateLimits: false };
  expect(await ask('2', 'order.status', named)).toEqual({
    id: '2',
    status: 200,
    result: expect.objectContaining({ clientOrderId: 'ws', status: 'NEW' }),
  });
  const modified = await ask('3', 'order.modify', { ...named, side: 'BUY', quantity: '0.02', price: '58000' });
  expect(modified).toMatchObject({ status: 200, result: { origQty: '0.020', price: '58000.00' } });
  expect(await ask('4', 'order.cancel', named)).toMatchObject({ status: 200, result: { status: 'CANCELED' } });
  expect(await ask('5', 'order.cancel', named)).toEqual({
    id: '5',
    status: 400,
    error: { code: -2011, msg: 'Unknown order sent.' },
  });
});

test('account, balance, position, time and ping answer', async () => {
  const { ask } = await connect();
  expect(await ask('1', 'v2/account.status', {})).toMatchObject({ result: { totalWalletBalance: '100000.00000000' } });
  expect(await ask('2', 'v2/account.balance', {})).toMatchObject({ result: [{ asset: 'USDT' }] });
  expect(await ask('3', 'account.position', {})).toMatchObject({
    result: [{ symbol: 'BTCUSDT', positionAmt: '0.000' }],
  });
  expect(await ask('4', 'time', {})).toMatchObject({
    result: { serverTime: Math.floor(venue.clock.wallUs() / 1_000) },
  });
  expect(await ask('5', 'ping', {})).toMatchObject({ status: 200, result: {} });
});

test('a wrong signature, an unknown method and text that is no JSON are refused on an open socket', async () => {
  const { socket, ask } = await connect();
  socket.send({
    id: 'x',
    method: 'order.place',
    params: { ...ORDER, apiKey: ACCOUNT.apiKey, timestamp: 1, signature: '00' },
  });
  const [stale] = await socket.take(1, (frame) => frame['id'] === 'x');
  expect(stale).toMatchObject({ status: 400, error: { code: -1021 } });
  expect(await ask('y', 'order.dance', {})).toMatchObject({ status: 404 });
  socket.send('not json');
  const [bad] = await socket.take(1, (frame) => frame['id'] === null);
  expect(bad).toMatchObject({ status: 400, error: { code: -1130 } });
  expect(await ask('z', 'ping', {})).toMatchObject({ status: 200 });
});
