/** The counters in the headers, and what happens when a budget is used up. */
import { afterEach, expect, test } from 'bun:test';
import { startVenue, type TestVenue } from '../test-client.ts';
import { createBinanceUsdm } from './venue.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const ORDER = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '58000' };
const limits = {
  weightPerMinute: 30,
  orders: {
    short: { interval: 'SECOND', intervalNum: 10, limit: 2 },
    long: { interval: 'MINUTE', intervalNum: 1, limit: 100 },
  },
  graceRequests: 1,
} as const;

test('the used-weight header adds up what each request costs', async () => {
  venue = await startVenue();
  const weightAfter = async (path: string, params: Record<string, string>) =>
    (await venue.get(path, params)).headers.get('x-mbx-used-weight-1m');
  expect(await weightAfter('/fapi/v1/ping', {})).toBe('1');
  expect(await weightAfter('/fapi/v1/depth', { symbol: 'BTCUSDT', limit: '1000' })).toBe('21');
  expect(await weightAfter('/fapi/v1/depth', { symbol: 'BTCUSDT', limit: '5' })).toBe('23');
  expect(await weightAfter('/fapi/v1/ticker/24hr', {})).toBe('63');
  venue.clock.advance(60_000);
  expect(await weightAfter('/fapi/v1/ping', {})).toBe('1');
});

test('placing costs no weight but counts as an order; canceling does not count', async () => {
  venue = await startVenue();
  const placed = await venue.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: 'a' });
  const counters = (headers: Headers) => [
    headers.get('x-mbx-used-weight-1m'),
    headers.get('x-mbx-order-count-10s'),
    headers.get('x-mbx-order-count-1m'),
  ];
  expect(counters(placed.headers)).toEqual(['0', '1', '1']);
  const batch = { batchOrders: JSON.stringify([ORDER]) };
  expect(counters((await venue.call('POST', '/fapi/v1/batchOrders', batch)).headers)).toEqual(['5', '6', '2']);
  const canceled = await venue.call('DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'a' });
  expect(counters(canceled.headers)).toEqual(['6', null, null]);
});

test('above the weight limit the answer is 429 with Retry-After, then 418, until the time is over', async () => {
  venue = await startVenue({ create: { 'binance-usdm': (usual) => createBinanceUsdm({ ...usual, limits }) } });
  await venue.get('/fapi/v1/depth', { symbol: 'BTCUSDT', limit: '1000' });
  await venue.get('/fapi/v1/depth', { symbol: 'BTCUSDT', limit: '500' });
  const limited = await venue.get('/fapi/v1/ping');
  expect(limited).toMatchObject({ status: 429, body: { code: -1003 } });
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  const banned = await venue.get('/fapi/v1/ping');
  expect(banned).toMatchObject({ status: 418, body: { code: -1003 } });
  expect(banned.headers.get('retry-after')).toBe('120');
  venue.clock.advance(119_000);
  expect((await venue.get('/fapi/v1/ping')).status).toBe(418);
  venue.clock.advance(1_000);
  expect((await venue.get('/fapi/v1/ping')).status).toBe(200);
});

test('an order above the order limit is refused and never reaches the book', async () => {
  venue = await startVenue({ create: { 'binance-usdm': (usual) => createBinanceUsdm({ ...usual, limits }) } });
  for (const id of ['a', 'b']) {
    expect((await venue.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: id })).status).toBe(200);
  }
  const third = await venue.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: 'c' });
  expect(third).toMatchObject({ status: 429, body: { code: -1015 } });
  expect(venue.sim.core.openOrders('main').map((order) => order.clientOrderId)).toEqual(['a', 'b']);
});
