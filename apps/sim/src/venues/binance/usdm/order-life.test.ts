/** Orders over REST and the user stream that tells of them, compared whole. */
import { afterEach, expect, test } from 'bun:test';
import { fixed } from '../../decimal-text.ts';
import { startVenue, type TestVenue } from '../test-client.ts';
import { createBinanceUsdm } from './venue.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const LIMIT = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', newOrderRespType: 'RESULT' };

async function openUserStream() {
  const { body } = await venue.keyed('POST', '/fapi/v1/listenKey');
  return venue.open(`/private/ws?listenKey=${Object(body).listenKey}`);
}

function best(side: 'bid' | 'ask') {
  const quote = venue.sim.core.bestQuote('BTCUSDT');
  if (quote === undefined) throw new Error('the market has no quote');
  return quote[side];
}

const nowMs = () => Math.floor(venue.clock.wallUs() / 1_000);

test('a resting order is told of when placed, amended and canceled', async () => {
  venue = await startVenue();
  const stream = await openUserStream();
  const placed = await venue.call('POST', '/fapi/v1/order', {
    ...LIMIT,
    quantity: '0.01',
    price: '59000',
    newClientOrderId: 'one',
  });
  const orderId = Object(placed.body).orderId;
  const common = {
    orderId,
    symbol: 'BTCUSDT',
    status: 'NEW',
    clientOrderId: 'one',
    price: '59000.00',
    avgPrice: '0.00',
    origQty: '0.010',
    executedQty: '0.000',
    cumQuote: '0.00000',
    timeInForce: 'GTC',
    type: 'LIMIT',
    reduceOnly: false,
    closePosition: false,
    side: 'BUY',
    positionSide: 'BOTH',
    stopPrice: '0.00',
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: 'LIMIT',
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    goodTillDate: 0,
    updateTime: nowMs(),
  };
  expect(placed).toMatchObject({ status: 200, body: { ...common, cumQty: '0.000' } });
  const seen = await venue.call('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'one' });
  expect(seen.body).toEqual({ ...common, time: nowMs() });

  const amended = await venue.call('PUT', '/fapi/v1/order', {
    symbol: 'BTCUSDT',
    orderId,
    side: 'BUY',
    quantity: '0.02',
    price: '58000.1',
  });
  expect(amended.body).toEqual({ ...common, price: '58000.10', origQty: '0.020', cumQty: '0.000' });
  const canceled = await venue.call('DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId });
  expect(canceled.body).toMatchObject({ orderId, status: 'CANCELED', origQty: '0.020' });

  const told = {
    s: 'BTCUSDT',
    c: 'one',
    S: 'BUY',
    o: 'LIMIT',
    f: 'GTC',
    q: '0.010',
    p: '59000.00',
    ap: '0.00',
    sp: '0.00',
    x: 'NEW',
    X: 'NEW',
    i: orderId,
    l: '0.000',
    z: '0.000',
    L: '0.00',
    T: nowMs(),
    t: 0,
    b: '590.00000',
    a: '0',
    m: false,
    R: false,
    wt: 'CONTRACT_PRICE',
    ot: 'LIMIT',
    ps: 'BOTH',
    cp: false,
    rp: '0',
    pP: false,
    si: 0,
    ss: 0,
    V: 'NONE',
    pm: 'NONE',
    gtd: 0,
    er: '0',
  };
  const update = (o: object) => ({ e: 'ORDER_TRADE_UPDATE', E: nowMs(), T: nowMs(), o });
  expect(await stream.take(3)).toEqual([
    update(told),
    update({ ...told, x: 'AMENDMENT', q: '0.020', p: '58000.10', b: '1160.00200' }),
    update({ ...told, x: 'CANCELED', X: 'CANCELED', q: '0.020', p: '58000.10', b: '0' }),
  ]);
});

test('a market order fills: the fills, then the balance and position that they left', async () => {
  venue = await startVenue();
  const stream = await openUserStream();
  const [ask] = best('ask');
  const bought = await venue.call('POST', '/fapi/v1/order', {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: '0.002',
    newOrderRespType: 'RESULT',
    newClientOrderId: 'take',
  });
  expect(bought.body).toMatchObject({ status: 'FILLED', executedQty: '0.002', avgPrice: fixed(ask, 5) });
  const { orderId } = Object(bought.body);
  const [fill, ...others] = venue.sim.core.fills('main', 'BTCUSDT', { venueOrderId: String(orderId), limit: 10 });
  expect(others).toEqual([]);
  if (fill === undefined) throw new Error('the core has no fill');
  const [opened, lite, traded, account] = await stream.take(4);
  expect(lite).toMatchObject({ e: 'TRADE_LITE', c: 'take', l: '0.002', t: Number(fill.tradeId) });
  expect(opened).toMatchObject({ e: 'ORDER_TRADE_UPDATE', o: { x: 'NEW', X: 'NEW', z: '0.000', i: orderId } });
  expect(traded).toMatchObject({
    e: 'ORDER_TRADE_UPDATE',
    o: {
      x: 'TRADE',
      X: 'FILLED',
      l: '0.002',
      z: '0.002',
      L: fixed(ask, 2),
      N: 'USDT',
      n: fixed(fill.fee, 8),
      t: Number(fill.tradeId),
      m: false,
      rp: '0.00000000',
    },
  });
  const wallet = venue.sim.core.account('main')?.assets[0]?.walletBalance;
  if (wallet === undefined) throw new Error('the account has no asset');
  expect(account).toMatchObject({
    e: 'ACCOUNT_UPDATE',
    a: {
      m: 'ORDER',
      B: [{ a: 'USDT', wb: fixed(wallet, 8), cw: fixed(wallet, 8), bc: '0' }],
      P: [{ s: 'BTCUSDT', pa: '0.002', ep: fixed(ask, 8), cr: '0.00000000', mt: 'cross', ps: 'BOTH', ma: 'USDT' }],
    },
  });
  const trades = await venue.call('GET', '/fapi/v1/userTrades', { symbol: 'BTCUSDT', orderId });
  expect(trades.body).toEqual([
    {
      symbol: 'BTCUSDT',
      id: Number(fill.tradeId),
      orderId,
      side: 'BUY',
      price: fixed(ask, 2),
      qty: '0.002',
      realizedPnl: '0.00000000',
      quoteQty: expect.any(String),
      commission: fixed(fill.fee, 8),
      commissionAsset: 'USDT',
      time: nowMs(),
      positionSide: 'BOTH',
      buyer: true,
      maker: false,
    },
  ]);
});

test('without a response type the answer is an acknowledgement, whatever became of the order', async () => {
  venue = await startVenue();
  const market = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.002' };
  const acked = await venue.call('POST', '/fapi/v1/order', market, { in: 'body' });
  expect(acked.body).toMatchObject({ status: 'NEW', executedQty: '0.000', avgPrice: '0.00' });
  const { orderId, clientOrderId } = Object(acked.body);
  expect(clientOrderId).toMatch(/^[A-Za-z0-9]{22}$/);
  const state = await venue.call('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId });
  expect(state.body).toMatchObject({ status: 'FILLED', executedQty: '0.002' });
});

test('a post-only order that would take is refused and leaves nothing', async () => {
  venue = await startVenue();
  const [ask] = best('ask');
  const refused = await venue.call('POST', '/fapi/v1/order', {
    ...LIMIT,
    timeInForce: 'GTX',
    quantity: '0.01',
    price: ask,
    newClientOrderId: 'gtx',
  });
  expect(refused).toMatchObject({ status: 400, body: { code: -5022 } });
  const query = await venue.call('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'gtx' });
  expect(query.body).toMatchObject({ code: -2013 });
});

test('what an immediate order cannot fill at once expires', async () => {
  venue = await startVenue();
  const price = best('ask')[0];
  const order = { ...LIMIT, quantity: '5', price };
  const ioc = await venue.call('POST', '/fapi/v1/order', { ...order, timeInForce: 'IOC' });
  expect(ioc.body).toMatchObject({ status: 'EXPIRED', timeInForce: 'IOC', origQty: '5.000' });
  expect(Number(Object(ioc.body).executedQty)).toBeGreaterThan(0);
  const fok = await venue.call('POST', '/fapi/v1/order', { ...order, timeInForce: 'FOK' });
  expect(fok.body).toMatchObject({ status: 'EXPIRED', timeInForce: 'FOK', executedQty: '0.000' });
  expect(venue.sim.core.openOrders('main')).toEqual([]);
});

test('each element of a batch has its own verdict', async () => {
  venue = await startVenue();
  const row = (id: string, quantity: string) => ({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    price: '59000',
    newClientOrderId: id,
    quantity,
  });
  const placed = await venue.call('POST', '/fapi/v1/batchOrders', {
    batchOrders: JSON.stringify([row('a', '0.01'), row('b', '0.001'), row('c', '0.02')]),
  });
  expect(placed.body).toMatchObject([{ clientOrderId: 'a', status: 'NEW' }, { code: -4164 }, { clientOrderId: 'c' }]);
  const amended = await venue.call('PUT', '/fapi/v1/batchOrders', {
    batchOrders: JSON.stringify([
      { symbol: 'BTCUSDT', origClientOrderId: 'a', side: 'BUY', quantity: 0.03, price: 58000 },
      { symbol: 'BTCUSDT', origClientOrderId: 'none', side: 'BUY', quantity: 0.03, price: 58000 },
    ]),
  });
  expect(amended.body).toMatchObject([{ origQty: '0.030', price: '58000.00' }, { code: -2013 }]);
  const canceled = await venue.call('DELETE', '/fapi/v1/batchOrders', {
    symbol: 'BTCUSDT',
    origClientOrderIdList: '["c","none"]',
  });
  expect(canceled.body).toMatchObject([{ clientOrderId: 'c', status: 'CANCELED' }, { code: -2011 }]);
  const open = await venue.call('GET', '/fapi/v1/openOrders', { symbol: 'BTCUSDT' });
  expect(open.body).toMatchObject([{ clientOrderId: 'a' }]);
  const six = JSON.stringify(Array.from({ length: 6 }, (_, index) => row(`n${index}`, '0.01')));
  expect((await venue.call('POST', '/fapi/v1/batchOrders', { batchOrders: six })).body).toMatchObject({ code: -4082 });
});

test('the countdown cancels the orders of its symbol unless it is set again', async () => {
  venue = await startVenue();
  const stream = await openUserStream();
  await venue.call('POST', '/fapi/v1/order', { ...LIMIT, quantity: '0.01', price: '58000' });
  const arm = (countdownTime: number) =>
    venue.call('POST', '/fapi/v1/countdownCancelAll', { symbol: 'BTCUSDT', countdownTime });
  expect((await arm(10_000)).body).toEqual({ symbol: 'BTCUSDT', countdownTime: '10000' });
  venue.clock.advance(9_000);
  await arm(10_000);
  venue.clock.advance(9_000);
  expect(venue.sim.core.openOrders('main')).toHaveLength(1);
  venue.clock.advance(1_500);
  expect(venue.sim.core.openOrders('main')).toEqual([]);
  const [canceled] = await stream.take(1, (frame) => Object(frame['o']).x === 'CANCELED');
  expect(canceled).toMatchObject({ e: 'ORDER_TRADE_UPDATE', o: { X: 'CANCELED' } });
});

test('a leverage change is told of on the user stream', async () => {
  venue = await startVenue();
  const stream = await openUserStream();
  await venue.call('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 25 });
  expect(await stream.take(1)).toEqual([
    { e: 'ACCOUNT_CONFIG_UPDATE', E: nowMs(), T: nowMs(), ac: { s: 'BTCUSDT', l: 25 } },
  ]);
});

test('an expired listen key is told of once, then the stream is silent and the key unknown', async () => {
  venue = await startVenue({
    create: { 'binance-usdm': (usual) => createBinanceUsdm({ ...usual, listenKeyValidityMs: 60_000 }) },
  });
  const stream = await openUserStream();
  venue.clock.advance(30_000);
  expect((await venue.keyed('PUT', '/fapi/v1/listenKey')).status).toBe(200);
  venue.clock.advance(60_000);
  expect(await stream.take(1)).toMatchObject([{ e: 'listenKeyExpired', listenKey: expect.any(String) }]);
  await venue.call('POST', '/fapi/v1/order', { ...LIMIT, quantity: '0.01', price: '58000' });
  expect(await venue.keyed('PUT', '/fapi/v1/listenKey')).toMatchObject({ status: 400, body: { code: -1125 } });
  // An acknowledgement on the same socket comes after anything that was sent before it.
  stream.send({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
  await stream.take(1, (frame) => frame['id'] === 1);
  expect(stream.frames).toHaveLength(2);
});
