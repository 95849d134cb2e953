/** What spot refuses, with the venue's own codes and sentences. */
import { afterEach, expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { ACCOUNT, startVenue, type TestVenue } from '../test-client.ts';
import { createBinanceSpot } from './venue.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const HOLDER = { ...ACCOUNT, balances: { USDT: decimal('100000'), BTC: decimal('2') } };
const LIMIT = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '58000' };

const REFUSED: readonly (readonly [why: string, change: Record<string, string>, code: number, msg: string])[] = [
  ['an unknown symbol', { symbol: 'NOSUCH' }, -1121, 'Invalid symbol.'],
  ['a price off the tick', { price: '58000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
  ['a quantity off the step', { quantity: '0.010001' }, -1013, 'Filter failure: LOT_SIZE'],
  ['too small a notional', { quantity: '0.00001' }, -1013, 'Filter failure: NOTIONAL'],
  ['a buy far above', { price: '90000' }, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'],
  ['a buy far below', { price: '9000' }, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'],
  ['more than eight decimals', { quantity: '0.010000001' }, -1111, "Parameter 'quantity' has too much precision."],
  ['more than the balance', { quantity: '2' }, -2010, 'Account has insufficient balance for requested action.'],
  ['a missing time in force', { timeInForce: '' }, -1102, ''],
  ['a bad time in force', { timeInForce: 'GTX' }, -1115, 'Invalid timeInForce.'],
  ['a bad side', { side: 'LONG' }, -1117, 'Invalid side.'],
  ['a bad type', { type: 'ODD' }, -1116, 'Invalid orderType.'],
  ['a stop', { type: 'STOP_LOSS' }, -2010, 'Stop loss orders are not supported for this symbol.'],
  ['a quantity that is no number', { quantity: 'many' }, -1100, ''],
  ['a long client id', { newClientOrderId: 'x'.repeat(37) }, -1100, ''],
  ['a parameter nobody reads', { positionSide: 'BOTH' }, -1104, ''],
  [
    'a mode of self-trade prevention that is not allowed',
    { selfTradePreventionMode: 'NONE' },
    -1013,
    'This symbol does not allow the specified self-trade prevention mode.',
  ],
];

async function start(): Promise<void> {
  venue = await startVenue({ accounts: [HOLDER] }, 'binance-spot');
}

for (const [why, change, code, msg] of REFUSED) {
  test(`${why} is ${code}`, async () => {
    await start();
    const { status, body } = await venue.call('POST', '/api/v3/order', { ...LIMIT, ...change });
    expect([status, Object(body).code]).toEqual([400, code]);
    expect(Object(body).msg).toContain(msg);
    expect(venue.sim.core.openOrders('main')).toEqual([]);
  });
}

test('a client id is unique among open orders only', async () => {
  await start();
  const place = () => venue.call('POST', '/api/v3/order', { ...LIMIT, newClientOrderId: 'twice' });
  const { orderId } = Object((await place()).body);
  expect(await place()).toMatchObject({ status: 400, body: { code: -2010, msg: 'Duplicate order sent.' } });
  await venue.call('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId });
  expect((await place()).status).toBe(200);
});

test('a maker-only order that would take is refused without an order', async () => {
  await start();
  const price = venue.sim.core.bestQuote('BTCUSDT')?.ask[0] ?? '';
  const maker = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.01', price };
  expect((await venue.call('POST', '/api/v3/order', maker)).body).toEqual({
    code: -2010,
    msg: 'Order would immediately match and take.',
  });
  expect(venue.sim.core.orders('main', 'BTCUSDT', { limit: 10 })).toEqual([]);
});

test('market orders carry a quantity or an amount, not both, none, or a price', async () => {
  await start();
  const market = (fields: Record<string, string>) =>
    venue.call('POST', '/api/v3/order', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', ...fields });
  expect((await market({})).body).toMatchObject({ code: -1102 });
  expect((await market({ quantity: '0.01', quoteOrderQty: '600' })).body).toMatchObject({ code: -1128 });
  expect((await market({ quantity: '0.01', price: '58000' })).body).toMatchObject({ code: -1106 });
});

test('who calls, how fresh the call is and by whom it is signed is checked', async () => {
  await start();
  const order = (options: Record<string, string | number>) => venue.call('POST', '/api/v3/order', LIMIT, options);
  const now = Math.floor(venue.clock.wallUs() / 1_000);
  expect((await order({ apiSecret: 'other' })).body).toEqual({
    code: -1022,
    msg: 'Signature for this request is not valid.',
  });
  expect((await order({ timestamp: now - 5_001 })).body).toMatchObject({ code: -1021 });
  expect((await order({ timestamp: now + 1_000 })).body).toMatchObject({ code: -1021 });
  expect(await order({ apiKey: 'nobody' })).toMatchObject({
    status: 401,
    body: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
  });
  expect(await order({ apiKey: 'no key!' })).toMatchObject({ status: 401, body: { code: -2014 } });
});

test('unknown orders are -2013 to a query and -2011 to a cancel, restricted cancels too', async () => {
  await start();
  const nobody = { symbol: 'BTCUSDT', orderId: 999_999 };
  expect((await venue.call('GET', '/api/v3/order', nobody)).body).toMatchObject({ code: -2013 });
  expect((await venue.call('DELETE', '/api/v3/order', nobody)).body).toMatchObject({ code: -2011 });
  const { orderId } = Object((await venue.call('POST', '/api/v3/order', LIMIT)).body);
  const cancel = (cancelRestrictions: string) =>
    venue.call('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId, cancelRestrictions });
  expect((await cancel('ONLY_PARTIALLY_FILLED')).body).toMatchObject({ code: -2011 });
  expect((await cancel('ODD')).body).toMatchObject({ code: -1145 });
  expect((await cancel('ONLY_NEW')).body).toMatchObject({ status: 'CANCELED' });
});

test('weight is counted per minute in spot words, orders per ten seconds and day', async () => {
  const limits = {
    weightPerMinute: 62,
    orders: {
      short: { interval: 'SECOND', intervalNum: 10, limit: 1 },
      long: { interval: 'DAY', intervalNum: 1, limit: 9 },
    },
    graceRequests: 1,
  } as const;
  venue = await startVenue(
    {
      accounts: [HOLDER],
      create: { 'binance-spot': (options) => createBinanceSpot({ ...options, limits }) },
    },
    'binance-spot',
  );
  expect((await venue.call('POST', '/api/v3/order', LIMIT)).status).toBe(200);
  expect(await venue.call('POST', '/api/v3/order', LIMIT)).toMatchObject({ status: 429, body: { code: -1015 } });
  expect((await venue.call('GET', '/api/v3/rateLimit/order')).body).toMatchObject([
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 1, count: 2 },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 9, count: 2 },
  ]);
  await venue.get('/api/v3/exchangeInfo');
  const over = await venue.get('/api/v3/ping');
  expect(over).toMatchObject({ status: 429, body: { code: -1003 } });
  expect(Object(over.body).msg).toStartWith('Too much request weight used; current limit is 62');
  expect(await venue.get('/api/v3/ping')).toMatchObject({ status: 418 });
});
