/** The spot market over REST and its private stream, compared whole. */
import { afterEach, expect, test } from 'bun:test';
import { ofChannel, startVenue, subscribe, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const ORDER = { symbol: 'BTCUSDT', side: 'buy', orderType: 'limit', force: 'gtc', size: '0.01', price: '58000' };
const nowMs = () => String(Math.floor(venue.clock.wallUs() / 1_000));
const post = async (path: string, params: object) => (await venue.call('POST', path, { ...params })).body;
const get = async (path: string, params: object = {}) =>
  Object((await venue.call('GET', path, { ...params })).body.data);
/** In a second of its own: the path's budget is another test's subject. */
const place = (fields: object) => {
  venue.clock.advance(1_000);
  return post('/api/v2/spot/trade/place-order', { ...ORDER, ...fields });
};

test('a resting order locks what it may pay, is listed, told of and canceled', async () => {
  venue = await startVenue('bitget-spot');
  const stream = await venue.logIn();
  stream.send(subscribe('orders', 'SPOT', 'BTCUSDT'));
  stream.send(subscribe('account', 'SPOT'));
  await stream.take(1, ofChannel('account'));
  const { data } = await place({ clientOid: 'one' });
  const { orderId } = Object(data);
  const common = {
    userId: '7001',
    symbol: 'BTCUSDT',
    orderId,
    clientOid: 'one',
    size: '0.01',
    orderType: 'limit',
    side: 'buy',
    baseVolume: '0',
    quoteVolume: '0',
    enterPointSource: 'API',
    orderSource: 'normal',
    cTime: nowMs(),
    uTime: nowMs(),
  };
  expect(await get('/api/v2/spot/trade/unfilled-orders', { symbol: 'BTCUSDT' })).toEqual([
    {
      ...common,
      status: 'live',
      priceAvg: '58000',
      basePrice: '0',
      triggerPrice: null,
      tpslType: 'normal',
      presetTakeProfitPrice: '',
      executeTakeProfitPrice: '',
      presetStopLossPrice: '',
      executeStopLossPrice: '',
    },
  ]);
  expect(await get('/api/v2/spot/trade/orderInfo', { clientOid: 'one' })).toEqual([
    { ...common, status: 'live', price: '58000', priceAvg: '0', feeDetail: '', cancelReason: '' },
  ]);
  expect(await get('/api/v2/spot/account/assets', { coin: 'usdt' })).toEqual([
    { coin: 'USDT', available: '99420', frozen: '580', locked: '0', limitAvailable: '0', uTime: nowMs() },
  ]);
  expect(await post('/api/v2/spot/trade/cancel-order', { symbol: 'BTCUSDT', orderId })).toMatchObject({
    data: { orderId, clientOid: 'one' },
  });
  expect(await get('/api/v2/spot/trade/history-orders')).toEqual([
    { ...common, status: 'cancelled', price: '58000', priceAvg: '0', feeDetail: '', cancelReason: 'normal_cancel' },
  ]);
  const told = {
    instId: 'BTCUSDT',
    orderId,
    clientOid: 'one',
    price: '58000',
    size: '580',
    newSize: '0.01',
    notional: '580',
    orderType: 'limit',
    force: 'gtc',
    side: 'buy',
    accBaseVolume: '0',
    priceAvg: '0',
    enterPointSource: 'API',
    feeDetail: [],
    stpMode: 'none',
    cTime: nowMs(),
    uTime: nowMs(),
  };
  const frames = await stream.take(2, ofChannel('orders'));
  expect(frames.map((frame) => frame['data'])).toEqual([
    [{ ...told, status: 'live' }],
    [{ ...told, status: 'cancelled' }],
  ]);
  const balances = await stream.take(3, ofChannel('account'));
  expect(
    balances.map((frame) => Object(frame['data']).map(({ coin, frozen }: Record<string, string>) => [coin, frozen])),
  ).toEqual([
    [
      ['USDT', '0'],
      ['BTC', '0'],
    ],
    [['USDT', '580']],
    [['USDT', '0']],
  ]);
});

test('a market buy spends quote, its fee is taken from what it bought, and its bills agree', async () => {
  venue = await startVenue('bitget-spot');
  const stream = await venue.logIn();
  for (const channel of ['orders', 'fill']) stream.send(subscribe(channel, 'SPOT'));
  await stream.take(2, (frame) => frame['event'] === 'subscribe');
  const { price: _, ...market } = ORDER;
  const { data } = await post('/api/v2/spot/trade/place-order', {
    ...market,
    orderType: 'market',
    size: '600',
    clientOid: 'spend',
  });
  const { orderId } = Object(data);
  const [fill, ...others] = venue.core.fills('main', 'BTCUSDT', { venueOrderId: orderId, limit: 10 });
  expect(others).toEqual([]);
  const [, filled] = await stream.take(2, ofChannel('orders'));
  expect(Object(filled?.['data'])[0]).toMatchObject({
    size: '600',
    newSize: '600',
    notional: '600',
    status: 'filled',
    accBaseVolume: fill?.quantity,
    fillFee: `-${fill?.fee}`,
    fillFeeCoin: 'BTC',
    feeDetail: [{ feeCoin: 'BTC', fee: `-${fill?.fee}` }],
  });
  const [trade] = await stream.take(1, ofChannel('fill'));
  expect(trade?.['data']).toMatchObject([{ orderId, size: fill?.quantity, side: 'buy', tradeScope: 'taker' }]);
  const [info] = await get('/api/v2/spot/trade/orderInfo', { orderId });
  expect(info).toMatchObject({ size: '600', status: 'filled', baseVolume: fill?.quantity, price: '0' });
  expect(JSON.parse(info.feeDetail)).toMatchObject({ BTC: { feeCoinCode: 'BTC', totalFee: -Number(fill?.fee) } });
  const assets = venue.core.account('main')?.assets ?? [];
  const bills = await get('/api/v2/spot/account/bills');
  for (const { asset, walletBalance } of assets) {
    expect(bills.find(({ coin }: { coin: string }) => coin === asset)).toMatchObject({
      businessType: 'BUY',
      balance: walletBalance,
    });
  }
});

test('a spot order is refused with the code of what is wrong with it', async () => {
  venue = await startVenue('bitget-spot');
  const refusal = async (fields: object) => {
    const { code, msg } = await place(fields);
    return `${code} ${msg}`;
  };
  expect(await refusal({ symbol: 'NOPEUSDT' })).toBe('40034 Parameter NOPEUSDT does not exist');
  expect(await refusal({ size: '0.0000001' })).toBe(
    '40808 Parameter verification exception size checkBDScale error value=0.0000001 checkScale=6',
  );
  expect(await refusal({ price: '58000.001' })).toContain('40808');
  expect(await refusal({ price: '70000' })).toMatch(/^43009 The current order price exceeds the limit \d/);
  expect(await refusal({ side: 'sell', price: '50000' })).toMatch(
    /^43008 The current order price cannot be less than \d/,
  );
  expect(await refusal({ size: '0.00001' })).toBe('45110 less than the minimum amount 1 USDT');
  expect(await refusal({ size: '2' })).toBe('43012 Insufficient balance');
  expect(await refusal({ side: 'sell', size: '2.1', price: '61000' })).toBe('43012 Insufficient balance');
  expect(await refusal({ orderType: 'market', size: '100001' })).toBe('43012 Insufficient balance');
  expect(await refusal({ clientOid: 'twice' })).toContain('00000');
  expect(await refusal({ clientOid: 'twice' })).toBe('43118 clientOrderId duplicate');
  const cancel = await post('/api/v2/spot/trade/cancel-order', { symbol: 'BTCUSDT', orderId: '404' });
  expect(cancel).toMatchObject({ code: '43001', msg: 'The order does not exist' });
  expect(await get('/api/v2/spot/trade/orderInfo', { orderId: '404' })).toEqual([]);
});

test('a replacement has an id of its own; one that is refused leaves the old order canceled', async () => {
  venue = await startVenue('bitget-spot');
  const path = '/api/v2/spot/trade/cancel-replace-order';
  const { data } = await place({ clientOid: 'old' });
  const { orderId } = Object(data);
  const terms = { symbol: 'BTCUSDT', orderId, price: '57000', size: '0.02' };
  const replaced = Object((await post(path, { ...terms, newClientOid: 'new' })).data);
  expect(replaced).toMatchObject({ clientOid: 'new', success: 'success', msg: null });
  expect(venue.core.openOrders('main')).toMatchObject([{ clientOrderId: 'new', price: '57000', quantity: '0.02' }]);
  const late = Object((await post(path, { ...terms, newClientOid: 'late' })).data);
  expect(late).toMatchObject({ orderId, success: 'failure', msg: 'The order does not exist' });
  const dear = { ...terms, orderId: replaced.orderId, size: '10', newClientOid: 'dear' };
  expect(Object((await post(path, dear)).data)).toMatchObject({ success: 'failure', msg: 'Insufficient balance' });
  expect(venue.core.openOrders('main')).toEqual([]);
  const batch = await post('/api/v2/spot/trade/batch-cancel-replace-order', { orderList: [terms] });
  expect(batch.data).toMatchObject([{ success: 'failure' }]);
});

test('in a batch the symbol of the request is that of its rows, unless they are of several', async () => {
  venue = await startVenue('bitget-spot', { symbols: ['BTCUSDT', 'ETHUSDT'] });
  const eth = { ...ORDER, symbol: 'ETHUSDT', price: '2400', clientOid: 'eth' };
  const path = '/api/v2/spot/trade/batch-orders';
  const single = await post(path, { symbol: 'BTCUSDT', orderList: [{ ...eth, price: '58000', clientOid: 'btc' }] });
  expect(single.data).toMatchObject({ successList: [{ clientOid: 'btc' }] });
  const multiple = await post(path, { symbol: 'BTCUSDT', batchMode: 'multiple', orderList: [eth] });
  expect(multiple.data).toMatchObject({ successList: [{ clientOid: 'eth' }] });
  expect(venue.core.openOrders('main').map(({ symbol, clientOrderId }) => [symbol, clientOrderId])).toEqual([
    ['BTCUSDT', 'btc'],
    ['ETHUSDT', 'eth'],
  ]);
});

test('pages are newest first and continue before an id', async () => {
  venue = await startVenue('bitget-spot');
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) ids.unshift(Object((await place({ clientOid: `p${index}` })).data).orderId);
  const page = async (params: object) =>
    (await get('/api/v2/spot/trade/unfilled-orders', params)).map(({ orderId }: { orderId: string }) => orderId);
  expect(await page({})).toEqual(ids);
  expect(await page({ limit: '2' })).toEqual(ids.slice(0, 2));
  expect(await page({ limit: '2', idLessThan: ids[1] })).toEqual(ids.slice(2, 4));
  expect(await page({ idLessThan: '1' })).toEqual([]);
  expect(await page({ orderId: ids[3] })).toEqual([ids[3]]);
});

test('the spot ticker has neither funding nor a mark', async () => {
  venue = await startVenue('bitget-spot');
  const socket = await venue.open('public');
  socket.send(subscribe('ticker', 'SPOT', 'BTCUSDT'));
  const [frame] = await socket.take(1, ofChannel('ticker'));
  const ticker = Object(frame?.['data'])[0];
  expect(Object.keys(ticker)).toEqual(
    expect.arrayContaining(['instId', 'lastPr', 'open24h', 'bidPr', 'askSz', 'changeUtc24h', 'ts']),
  );
  expect('fundingRate' in ticker || 'markPrice' in ticker).toBe(false);
  expect((await venue.get('/api/v2/spot/public/symbols')).body.data).toMatchObject([
    { symbol: 'BTCUSDT', pricePrecision: '2', quantityPrecision: '6', quotePrecision: '8', minTradeUSDT: '1' },
  ]);
  expect((await venue.get('/api/v2/spot/public/coins')).body.data).toMatchObject([{ coin: 'BTC' }, { coin: 'USDT' }]);
  expect((await venue.get('/api/v2/mix/market/contracts', { productType: 'USDT-FUTURES' })).body.data).toEqual([]);
});
