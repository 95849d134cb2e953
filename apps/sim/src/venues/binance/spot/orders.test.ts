/** The life of spot orders over REST, and what they do to balances. */
import { afterEach, expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { ACCOUNT, startVenue, type TestVenue } from '../test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const HOLDER = { ...ACCOUNT, balances: { USDT: decimal('100000'), BTC: decimal('2') } };
const SYMBOL = 'BTCUSDT';
const LIMIT = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '58000' };

async function start() {
  venue = await startVenue({ accounts: [HOLDER] }, 'binance-spot');
  const post = (path: string, fields: Record<string, string | number>) =>
    venue.call('POST', `/api/v3/${path}`, fields, { in: 'body' });
  return { post, place: (fields: Record<string, string | number>) => post('order', fields) };
}

async function balances(): Promise<Record<string, { free: string; locked: string }>> {
  const { body } = await venue.call('GET', '/api/v3/account');
  const rows: { asset: string; free: string; locked: string }[] = Object(body).balances;
  return Object.fromEntries(rows.map(({ asset, free, locked }) => [asset, { free, locked }]));
}

test('a resting order locks what it may pay, is found by either id, and frees it when canceled', async () => {
  const { place } = await start();
  const placed = await place({ ...LIMIT, newClientOrderId: 'rest-1' });
  expect(placed).toMatchObject({
    status: 200,
    body: {
      symbol: SYMBOL,
      orderListId: -1,
      clientOrderId: 'rest-1',
      price: '58000.00000000',
      origQty: '0.01000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.00000000',
      cummulativeQuoteQty: '0.00000000',
      status: 'NEW',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      selfTradePreventionMode: 'EXPIRE_MAKER',
      fills: [],
    },
  });
  expect(placed.headers.get('x-mbx-order-count-10s')).toBe('1');
  expect(placed.headers.get('x-mbx-order-count-1d')).toBe('1');
  expect(await balances()).toMatchObject({ USDT: { free: '99420.00000000', locked: '580.00000000' } });
  const { orderId } = Object(placed.body);
  const byId = await venue.call('GET', '/api/v3/order', { symbol: SYMBOL, orderId });
  const byClientId = await venue.call('GET', '/api/v3/order', { symbol: SYMBOL, origClientOrderId: 'rest-1' });
  expect(byId.body).toEqual(byClientId.body);
  expect(byId.body).toMatchObject({ isWorking: true, time: expect.any(Number), status: 'NEW' });
  expect((await venue.call('GET', '/api/v3/openOrders')).body).toHaveLength(1);
  const canceled = await venue.call('DELETE', '/api/v3/order', { symbol: SYMBOL, orderId, newClientOrderId: 'gone' });
  expect(canceled.body).toMatchObject({ origClientOrderId: 'rest-1', clientOrderId: 'gone', status: 'CANCELED' });
  expect(await balances()).toMatchObject({ USDT: { free: '100000.00000000', locked: '0.00000000' } });
  const all = await venue.call('GET', '/api/v3/allOrders', { symbol: SYMBOL });
  expect(all.body).toMatchObject([{ orderId, status: 'CANCELED' }]);
});

test('a market buy by an amount of quote lists its fills, and its fee is in what it received', async () => {
  const { place } = await start();
  const { body } = await place({ symbol: SYMBOL, side: 'BUY', type: 'MARKET', quoteOrderQty: '600' });
  const { fills, executedQty, cummulativeQuoteQty, ...rest } = Object(body);
  expect(rest).toMatchObject({ status: 'FILLED', type: 'MARKET', origQuoteOrderQty: '600.00000000' });
  expect(fills.length).toBeGreaterThan(0);
  expect(fills[0]).toMatchObject({ commissionAsset: 'BTC', tradeId: expect.any(Number) });
  expect(Number(cummulativeQuoteQty)).toBeLessThanOrEqual(600);
  const fees = fills.reduce((sum: number, fill: { commission: string }) => sum + Number(fill.commission), 0);
  const { BTC, USDT } = await balances();
  expect(Number(BTC?.free)).toBeCloseTo(2 + Number(executedQty) - fees, 8);
  expect(Number(USDT?.free)).toBeCloseTo(100_000 - Number(cummulativeQuoteQty), 8);
  const trades = await venue.call('GET', '/api/v3/myTrades', { symbol: SYMBOL, orderId: rest.orderId });
  expect(Object(trades.body)[0]).toMatchObject({
    price: fills[0].price,
    qty: fills[0].qty,
    commission: fills[0].commission,
    isBuyer: true,
    isMaker: false,
    isBestMatch: true,
  });
});

test('an order that trades is taken off the count of unfilled orders, a resting one stays on it', async () => {
  const { place } = await start();
  const counts = ({ headers }: { readonly headers: Headers }) => [
    headers.get('x-mbx-order-count-10s'),
    headers.get('x-mbx-order-count-1d'),
  ];
  expect(counts(await place(LIMIT))).toEqual(['1', '1']);
  expect(counts(await place({ symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.5' }))).toEqual(['1', '1']);
  expect(counts(await place(LIMIT))).toEqual(['2', '2']);
});

test('the response is what newOrderRespType asks for', async () => {
  const { place } = await start();
  const keys = async (newOrderRespType: string) =>
    Object.keys(Object((await place({ ...LIMIT, newOrderRespType })).body)).length;
  expect(await keys('ACK')).toBe(5);
  expect(await keys('FULL')).toBe((await keys('RESULT')) + 1);
  const maker = await place({ symbol: SYMBOL, side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.01', price: '58000' });
  expect(Object.keys(Object(maker.body))).toHaveLength(5);
  const { orderId } = Object(maker.body);
  const state = await venue.call('GET', '/api/v3/order', { symbol: SYMBOL, orderId });
  expect(state.body).toMatchObject({ type: 'LIMIT_MAKER', timeInForce: 'GTC' });
});

test('IOC and FOK orders that do not fill are expired, not refused', async () => {
  const { place } = await start();
  for (const timeInForce of ['IOC', 'FOK']) {
    const { status, body } = await place({ ...LIMIT, timeInForce });
    expect([status, Object(body).status, Object(body).executedQty]).toEqual([200, 'EXPIRED', '0.00000000']);
  }
  expect(await balances()).toMatchObject({ USDT: { locked: '0.00000000' } });
});

test('an order that would meet one of its own expires it in match', async () => {
  const { place } = await start();
  const quote = venue.sim.core.bestQuote(SYMBOL);
  const middle = ((Number(quote?.bid[0]) + Number(quote?.ask[0])) / 2).toFixed(2);
  const maker = await place({ ...LIMIT, price: middle, newClientOrderId: 'maker' });
  expect(maker.body).toMatchObject({ status: 'NEW' });
  const taker = { ...LIMIT, side: 'SELL', price: middle, timeInForce: 'IOC' };
  const expired = await place({ ...taker, selfTradePreventionMode: 'EXPIRE_TAKER' });
  expect(expired.body).toMatchObject({ status: 'EXPIRED_IN_MATCH', preventedQuantity: '0.01000000' });
  await place({ ...taker, selfTradePreventionMode: 'EXPIRE_MAKER' });
  const after = await venue.call('GET', '/api/v3/order', { symbol: SYMBOL, origClientOrderId: 'maker' });
  expect(after.body).toMatchObject({ status: 'EXPIRED_IN_MATCH', preventedQuantity: '0.01000000' });
});

test('cancel-replace says what became of the cancel and of the new order', async () => {
  const { place, post } = await start();
  const replace = (fields: Record<string, string | number>) =>
    post('order/cancelReplace', { ...LIMIT, price: '57000', cancelReplaceMode: 'STOP_ON_FAILURE', ...fields });
  await place({ ...LIMIT, newClientOrderId: 'r1' });
  const done = await replace({ cancelOrigClientOrderId: 'r1', newClientOrderId: 'r2', cancelNewClientOrderId: 'c1' });
  expect(done).toMatchObject({
    status: 200,
    body: {
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      cancelResponse: { origClientOrderId: 'r1', clientOrderId: 'c1', status: 'CANCELED' },
      newOrderResponse: { clientOrderId: 'r2', status: 'NEW', price: '57000.00000000' },
    },
  });
  expect(await replace({ cancelOrigClientOrderId: 'r1' })).toMatchObject({
    status: 400,
    body: {
      code: -2022,
      msg: 'Order cancel-replace failed.',
      data: {
        cancelResult: 'FAILURE',
        newOrderResult: 'NOT_ATTEMPTED',
        cancelResponse: { code: -2011, msg: 'Unknown order sent.' },
        newOrderResponse: null,
      },
    },
  });
  const goneOn = await replace({ cancelOrigClientOrderId: 'r1', cancelReplaceMode: 'ALLOW_FAILURE' });
  expect(goneOn).toMatchObject({
    status: 409,
    body: { code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' } },
  });
  const tooMuch = await replace({ cancelOrigClientOrderId: 'r2', quantity: '100' });
  expect(tooMuch).toMatchObject({
    status: 409,
    body: {
      code: -2021,
      data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: { code: -2010 } },
    },
  });
  await place({ ...LIMIT, newClientOrderId: 'r3' });
  const filtered = await replace({ cancelOrigClientOrderId: 'r3', price: '57000.001' });
  expect(filtered.body).toEqual({ code: -1013, msg: 'Filter failure: PRICE_FILTER' });
  expect(venue.sim.core.openOrders('main').map((order) => order.clientOrderId)).toContain('r3');
});

test('cancel-all ends every order of the symbol, and is refused where there is none', async () => {
  const { place } = await start();
  await place({ ...LIMIT, newClientOrderId: 'a' });
  await place({ ...LIMIT, newClientOrderId: 'b' });
  const canceled = await venue.call('DELETE', '/api/v3/openOrders', { symbol: SYMBOL });
  expect(canceled.body).toMatchObject([
    { origClientOrderId: 'a', status: 'CANCELED' },
    { origClientOrderId: 'b', status: 'CANCELED' },
  ]);
  expect((await venue.call('DELETE', '/api/v3/openOrders', { symbol: SYMBOL })).body).toMatchObject({ code: -2011 });
});

test('a test order is checked and not placed', async () => {
  const { post } = await start();
  expect(await post('order/test', LIMIT)).toMatchObject({ status: 200, body: {} });
  expect((await post('order/test', { ...LIMIT, price: '1' })).body).toMatchObject({ code: -1013 });
  const rated = await post('order/test', { ...LIMIT, computeCommissionRates: 'true' });
  expect(rated.body).toMatchObject({ standardCommissionForOrder: { maker: '0.00100000', taker: '0.00100000' } });
  expect(venue.sim.core.openOrders('main')).toEqual([]);
});
