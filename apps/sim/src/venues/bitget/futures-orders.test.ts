/** Futures orders over REST and the private stream that tells of them, compared whole. */
import { afterEach, expect, test } from 'bun:test';
import { FUTURES_ORDER, ofChannel, startVenue, subscribe, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const FUTURES = 'USDT-FUTURES';
const NAMED = { symbol: 'BTCUSDT', productType: FUTURES };
const nowMs = () => String(Math.floor(venue.clock.wallUs() / 1_000));
const place = (fields: object) => venue.call('POST', '/api/v2/mix/order/place-order', { ...FUTURES_ORDER, ...fields });
const detail = async (clientOid: string) =>
  (await venue.call('GET', '/api/v2/mix/order/detail', { ...NAMED, clientOid })).body;

test('a resting order is placed, found, listed, told of and canceled', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const stream = await venue.logIn();
  stream.send(subscribe('orders', FUTURES));
  await stream.take(1, (frame) => frame['event'] === 'subscribe');
  const placed = await place({ clientOid: 'one' });
  expect(placed).toMatchObject({ status: 200, body: { code: '00000', msg: 'success', requestTime: Number(nowMs()) } });
  const { orderId } = Object(placed.body.data);
  expect(placed.body.data).toEqual({ orderId: expect.stringMatching(/^\d+$/), clientOid: 'one' });
  const order = {
    symbol: 'BTCUSDT',
    size: '0.01',
    orderId,
    clientOid: 'one',
    baseVolume: '0',
    fee: '',
    price: '58000',
    priceAvg: '',
    side: 'buy',
    force: 'gtc',
    totalProfits: '',
    posSide: 'net',
    marginCoin: 'USDT',
    quoteVolume: '0',
    leverage: '20',
    marginMode: 'crossed',
    reduceOnly: 'NO',
    enterPointSource: 'API',
    tradeSide: 'buy_single',
    posMode: 'one_way_mode',
    orderType: 'limit',
    orderSource: 'normal',
    cancelReason: '',
    cTime: nowMs(),
    uTime: nowMs(),
    presetStopSurplusPrice: '',
    presetStopSurplusType: '',
    presetStopSurplusExecutePrice: '',
    presetStopLossPrice: '',
    presetStopLossType: '',
    presetStopLossExecutePrice: '',
  };
  expect((await detail('one')).data).toEqual({ ...order, state: 'live' });
  const pending = await venue.call('GET', '/api/v2/mix/order/orders-pending', { productType: FUTURES });
  expect(pending.body.data).toEqual({ entrustedList: [{ ...order, status: 'live' }], endId: orderId });
  const canceled = await venue.call('POST', '/api/v2/mix/order/cancel-order', { ...NAMED, orderId });
  expect(canceled.body.data).toEqual({ orderId, clientOid: 'one' });
  const history = await venue.call('GET', '/api/v2/mix/order/orders-history', { productType: FUTURES });
  expect(history.body.data).toEqual({
    entrustedList: [{ ...order, status: 'canceled', cancelReason: 'normal_cancel' }],
    endId: orderId,
  });
  const told = {
    instId: 'BTCUSDT',
    orderId,
    clientOid: 'one',
    price: '58000',
    size: '0.01',
    notionalUsd: '580',
    orderType: 'limit',
    force: 'gtc',
    side: 'buy',
    posSide: 'net',
    posMode: 'one_way_mode',
    tradeSide: 'buy_single',
    marginMode: 'crossed',
    marginCoin: 'USDT',
    leverage: '20',
    reduceOnly: 'no',
    enterPointSource: 'API',
    cancelReason: '',
    accBaseVolume: '0',
    pnl: '0',
    totalProfits: '0',
    feeDetail: [{ feeCoin: 'USDT', fee: '0' }],
    stpMode: 'none',
    presetStopSurplusPrice: '',
    presetStopLossPrice: '',
    cTime: nowMs(),
    uTime: nowMs(),
  };
  const arg = { instType: FUTURES, channel: 'orders', instId: 'default' };
  const frame = (row: object) => ({ action: 'snapshot', arg, data: [row], ts: Number(nowMs()) });
  expect(await stream.take(2, ofChannel('orders'))).toEqual([
    frame({ ...told, status: 'live', priceAvg: '0' }),
    frame({ ...told, status: 'canceled', cancelReason: 'normal_cancel' }),
  ]);
});

test('a market order fills: order, fill, balance and position are told and agree with the core', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const stream = await venue.logIn();
  for (const channel of ['orders', 'fill', 'account', 'positions']) stream.send(subscribe(channel, FUTURES));
  await stream.take(4, (frame) => frame['event'] === 'subscribe');
  const [ask] = venue.core.bestQuote('BTCUSDT')?.ask ?? [];
  const { price: _, ...market } = FUTURES_ORDER;
  await venue.call('POST', '/api/v2/mix/order/place-order', { ...market, orderType: 'market', clientOid: 'take' });
  const [fill] = venue.core.fills('main', 'BTCUSDT', { limit: 10 });
  const [, filled] = await stream.take(2, ofChannel('orders'));
  expect(Object(filled?.['data'])[0]).toMatchObject({
    clientOid: 'take',
    status: 'filled',
    accBaseVolume: '0.01',
    fillPrice: ask,
    baseVolume: '0.01',
    tradeId: fill?.tradeId,
    fillFee: `-${fill?.fee}`,
    fillFeeCoin: 'USDT',
    tradeScope: 'T',
    priceAvg: ask,
    feeDetail: [{ feeCoin: 'USDT', fee: `-${fill?.fee}` }],
  });
  const [trade] = await stream.take(1, ofChannel('fill'));
  expect(trade?.['data']).toMatchObject([{ tradeId: fill?.tradeId, side: 'buy', tradeScope: 'taker', price: ask }]);
  const [before, after] = await stream.take(2, ofChannel('account'));
  expect(before?.['data']).toMatchObject([{ marginCoin: 'USDT', equity: '100000', available: '100000' }]);
  const asset = venue.core.account('main')?.assets[0];
  expect(after?.['data']).toMatchObject([{ equity: asset?.marginBalance, unrealizedPL: asset?.unrealizedPnl }]);
  const [none, held] = await stream.take(2, ofChannel('positions'));
  expect(none?.['data']).toEqual([]);
  expect(held?.['data']).toMatchObject([
    { instId: 'BTCUSDT', holdSide: 'long', total: '0.01', available: '0.01', frozen: '0', openPriceAvg: ask },
  ]);
  const positions = await venue.call('GET', '/api/v2/mix/position/all-position', { productType: FUTURES });
  expect(positions.body.data).toMatchObject([{ symbol: 'BTCUSDT', total: '0.01', leverage: '20', cTime: nowMs() }]);
  const fills = await venue.call('GET', '/api/v2/mix/order/fills', NAMED);
  expect(fills.body.data).toMatchObject({
    fillList: [{ tradeId: fill?.tradeId, baseVolume: '0.01', feeDetail: [{ totalFee: `-${fill?.fee}` }] }],
    endId: fill?.tradeId,
  });
});
