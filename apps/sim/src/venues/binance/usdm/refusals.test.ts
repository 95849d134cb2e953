/** What the venue refuses, by code, over real HTTP. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startVenue, type TestVenue } from '../test-client.ts';

let venue: TestVenue;
beforeAll(async () => {
  venue = await startVenue();
});
afterAll(() => venue.close());

const ORDER = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '59000',
};

const without = (name: keyof typeof ORDER) => Object.fromEntries(Object.entries(ORDER).filter(([key]) => key !== name));

const placing: readonly [promise: string, params: Record<string, string>, code: number, message?: string][] = [
  ['no symbol', without('symbol'), -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."],
  ['an unknown symbol', { ...ORDER, symbol: 'NOPE' }, -1121, 'Invalid symbol.'],
  ['no side', without('side'), -1102],
  ['an unknown side', { ...ORDER, side: 'LONG' }, -1117, 'Invalid side.'],
  ['an unknown type', { ...ORDER, type: 'ICEBERG' }, -1116, 'Invalid orderType.'],
  ['a conditional type', { ...ORDER, type: 'STOP_MARKET' }, -4120],
  ['a limit order without time in force', without('timeInForce'), -1102],
  ['an unknown time in force', { ...ORDER, timeInForce: 'DAY' }, -1115, 'Invalid timeInForce.'],
  ['a limit order without price', without('price'), -1102],
  ['a market order with a price', { ...ORDER, type: 'MARKET', timeInForce: '' }, -1106],
  ['a market order with a time in force', { ...without('price'), type: 'MARKET' }, -1106],
  ['a price that is no number', { ...ORDER, price: '1e5' }, -1100],
  ['a price with too many decimals', { ...ORDER, price: '59000.123' }, -1111],
  ['a price off the tick', { ...ORDER, price: '59000.05' }, -4014, 'Price not increased by tick size.'],
  ['a quantity with too many decimals', { ...ORDER, quantity: '0.0101' }, -1111],
  ['a quantity of zero', { ...ORDER, quantity: '0' }, -4003, 'Quantity less than or equal to zero.'],
  ['a price of zero', { ...ORDER, price: '0' }, -4001],
  ['a quantity below zero', { ...ORDER, quantity: '-1' }, -1100],
  ['a quantity above the maximum', { ...ORDER, quantity: '1001' }, -4005],
  ['a notional below the minimum', { ...ORDER, quantity: '0.001' }, -4164],
  ['a buy far above the mark price', { ...ORDER, price: '70000' }, -4016],
  ['a sell far below the mark price', { ...ORDER, side: 'SELL', price: '50000' }, -4024],
  ['more than the margin carries', { ...ORDER, quantity: '900' }, -2019, 'Margin is insufficient.'],
  ['reduce-only without a position', { ...ORDER, reduceOnly: 'true' }, -2022, 'ReduceOnly Order is rejected.'],
  ['a client id of odd characters', { ...ORDER, newClientOrderId: 'a b' }, -1100],
  ['a client id of 37 characters', { ...ORDER, newClientOrderId: 'x'.repeat(37) }, -4015],
  ['hedge mode', { ...ORDER, positionSide: 'LONG' }, -4061],
  ['an unknown response type', { ...ORDER, newOrderRespType: 'FULL' }, -1136],
  [
    'a parameter that nobody reads',
    { ...ORDER, colour: 'red' },
    -1104,
    "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
  ],
];

for (const [promise, params, code, message] of placing) {
  test(`placing with ${promise} is refused with ${code}`, async () => {
    const { status, body } = await venue.call('POST', '/fapi/v1/order', params);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: message === undefined ? { code } : { code, msg: message },
    });
  });
}

test('the same client id is refused while the first order is open, and free again afterwards', async () => {
  const twice = { ...ORDER, newClientOrderId: 'twice' };
  expect((await venue.call('POST', '/fapi/v1/order', twice)).status).toBe(200);
  expect((await venue.call('POST', '/fapi/v1/order', twice)).body).toEqual({
    code: -4116,
    msg: 'ClientOrderId is duplicated.',
  });
  await venue.call('DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'twice' });
  expect((await venue.call('POST', '/fapi/v1/order', twice)).status).toBe(200);
  await venue.call('DELETE', '/fapi/v1/allOpenOrders', { symbol: 'BTCUSDT' });
});

const requests: readonly [
  promise: string,
  method: string,
  path: string,
  params: Record<string, string>,
  code: number,
][] = [
  ['canceling an order that is not there', 'DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId: '1' }, -2011],
  ['asking for an order that is not there', 'GET', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId: '1' }, -2013],
  ['asking for an order without naming it', 'GET', '/fapi/v1/order', { symbol: 'BTCUSDT' }, -1102],
  [
    'amending without a price',
    'PUT',
    '/fapi/v1/order',
    { symbol: 'BTCUSDT', orderId: '1', side: 'BUY', quantity: '1' },
    -1102,
  ],
  ['leverage beyond the bracket', 'POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: '126' }, -4028],
  [
    'cross margin that is already so',
    'POST',
    '/fapi/v1/marginType',
    { symbol: 'BTCUSDT', marginType: 'CROSSED' },
    -4046,
  ],
  ['one-way mode that is already so', 'POST', '/fapi/v1/positionSide/dual', { dualSidePosition: 'false' }, -4059],
  [
    'trades from an id within times',
    'GET',
    '/fapi/v1/userTrades',
    { symbol: 'BTCUSDT', fromId: '1', startTime: '1' },
    -1128,
  ],
  ['a batch that is no list', 'POST', '/fapi/v1/batchOrders', { batchOrders: '{' }, -1130],
];

for (const [promise, method, path, params, code] of requests) {
  test(`${promise} is refused with ${code}`, async () => {
    expect((await venue.call(method, path, params)).body).toMatchObject({ code });
  });
}

test('an amend that changes nothing is refused', async () => {
  await venue.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: 'same' });
  const same = { symbol: 'BTCUSDT', origClientOrderId: 'same', side: 'BUY', quantity: '0.01', price: '59000' };
  expect((await venue.call('PUT', '/fapi/v1/order', same)).body).toMatchObject({ code: -5027 });
  await venue.call('DELETE', '/fapi/v1/allOpenOrders', { symbol: 'BTCUSDT' });
});

test('a request must be fresh and signed by the key it names', async () => {
  const account = (options: Parameters<TestVenue['call']>[3]) => venue.call('GET', '/fapi/v3/account', {}, options);
  const nowMs = Math.floor(venue.clock.wallUs() / 1_000);
  expect(await account({})).toMatchObject({ status: 200 });
  expect(await account({ apiSecret: 'wrong' })).toMatchObject({ status: 400, body: { code: -1022 } });
  expect(await account({ apiKey: 'nobody' })).toMatchObject({ status: 401, body: { code: -2015 } });
  expect(await account({ apiKey: '!' })).toMatchObject({ status: 401, body: { code: -2014 } });
  expect(await account({ timestamp: nowMs - 5_001 })).toMatchObject({ status: 400, body: { code: -1021 } });
  expect(await account({ timestamp: nowMs + 1_000 })).toMatchObject({ status: 400, body: { code: -1021 } });
  expect(await venue.get('/fapi/v3/account')).toMatchObject({ status: 401, body: { code: -2014 } });
});

test('public questions that make no sense are refused', async () => {
  expect((await venue.get('/fapi/v1/depth', { symbol: 'BTCUSDT', limit: 7 })).body).toMatchObject({ code: -4021 });
  expect((await venue.get('/fapi/v1/klines', { symbol: 'BTCUSDT', interval: '7m' })).body).toMatchObject({
    code: -1120,
  });
  expect(await venue.get('/fapi/v1/nothing')).toMatchObject({ status: 404, body: { code: -5000 } });
});
