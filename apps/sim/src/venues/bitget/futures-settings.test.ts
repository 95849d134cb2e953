/** Position mode, margin mode, leverage and funding of the futures account. */
import { afterEach, expect, test } from 'bun:test';
import { type Frame, FUTURES_ORDER, ofChannel, startVenue, subscribe, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const FUTURES = 'USDT-FUTURES';
const NAMED = { symbol: 'BTCUSDT', productType: FUTURES, marginCoin: 'USDT' };
const { price: _, ...MARKET } = { ...FUTURES_ORDER, orderType: 'market' };

const post = async (path: string, params: object) => (await venue.call('POST', path, { ...params })).body;
const get = async (path: string, params: object) => Object((await venue.call('GET', path, { ...params })).body.data);
const place = (fields: object) => post('/api/v2/mix/order/place-order', { ...MARKET, ...fields });
const setMode = (posMode: string) => post('/api/v2/mix/account/set-position-mode', { productType: FUTURES, posMode });

test('in hedge mode side names the position, and tradeSide whether it opens or closes', async () => {
  venue = await startVenue('bitget-usdt-futures');
  expect((await setMode('hedge_mode')).data).toEqual({ posMode: 'hedge_mode' });
  const stream = await venue.logIn();
  for (const channel of ['orders', 'fill', 'positions']) stream.send(subscribe(channel, FUTURES));
  await stream.take(3, (frame) => frame['event'] === 'subscribe');
  expect((await place({})).code).toBe('40774');
  await place({ side: 'buy', tradeSide: 'open', clientOid: 'open-long' });
  await place({ side: 'sell', tradeSide: 'open', size: '0.02', clientOid: 'open-short' });
  const held = await get('/api/v2/mix/position/all-position', { productType: FUTURES });
  const sides = held.map((one: Record<string, string>) => [one['holdSide'], one['total'], one['posMode']]);
  expect(sides.toSorted()).toEqual([
    ['long', '0.01', 'hedge_mode'],
    ['short', '0.02', 'hedge_mode'],
  ]);
  await place({ side: 'buy', tradeSide: 'close', clientOid: 'close-long' });
  expect(venue.core.fills('main', 'BTCUSDT', { limit: 10 }).at(-1)).toMatchObject({
    side: 'sell',
    positionSide: 'long',
  });
  const closing = { clientOid: 'close-long', side: 'buy', tradeSide: 'close', posSide: 'long', posMode: 'hedge_mode' };
  expect(await get('/api/v2/mix/order/detail', { ...NAMED, clientOid: 'close-long' })).toMatchObject({
    ...closing,
    reduceOnly: 'YES',
    state: 'filled',
  });
  const rowOf = (frame: Frame) => Object(frame['data'])[0];
  const isClosing = (frame: Frame) => ofChannel('orders')(frame) && rowOf(frame).clientOid === 'close-long';
  const [, told] = (await stream.take(2, isClosing)).map(rowOf);
  expect(told).toMatchObject({ ...closing, reduceOnly: 'yes', status: 'filled' });
  // The fill channel alone tells the trade's own side.
  stream.send('ping');
  await stream.take(1, (frame) => frame['text'] === 'pong');
  const fills = stream.frames.filter(ofChannel('fill')).map(rowOf);
  expect(new Set(fills.map(({ side, tradeSide }) => `${side} ${tradeSide}`))).toEqual(
    new Set(['buy open', 'sell open', 'sell close']),
  );
  expect((await place({ side: 'buy', tradeSide: 'close' })).code).toBe('22002');
  const history = await get('/api/v2/mix/position/history-position', { productType: FUTURES });
  expect(history.list).toMatchObject([{ holdSide: 'long', posMode: 'hedge_mode', closeTotalPos: '0.01' }]);
});

test('what a closing order holds is not available', async () => {
  venue = await startVenue('bitget-usdt-futures');
  await setMode('hedge_mode');
  await place({ side: 'buy', tradeSide: 'open' });
  await post('/api/v2/mix/order/place-order', { ...FUTURES_ORDER, tradeSide: 'close', price: '62000', size: '0.004' });
  expect(await get('/api/v2/mix/position/single-position', NAMED)).toMatchObject([
    { holdSide: 'long', total: '0.01', available: '0.006', locked: '0.004', openDelegateSize: '0' },
  ]);
});

test('modes cannot change while there are positions or orders', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const setMargin = (marginMode: string) => post('/api/v2/mix/account/set-margin-mode', { ...NAMED, marginMode });
  expect((await setMargin('isolated')).data).toMatchObject({ symbol: 'BTCUSDT', marginMode: 'isolated' });
  expect(await get('/api/v2/mix/account/account', NAMED)).toMatchObject({
    marginMode: 'isolated',
    posMode: 'one_way_mode',
  });
  await place({});
  expect((await setMode('hedge_mode')).code).toBe('40920');
  expect((await setMargin('crossed')).code).toBe('45117');
  expect(await get('/api/v2/mix/position/all-position', { productType: FUTURES })).toMatchObject([
    { marginMode: 'isolated' },
  ]);
});

test('funding is a bill of its own, part of the position, and told as a balance', async () => {
  venue = await startVenue('bitget-usdt-futures', { actionsPerSecond: 0.001 });
  await place({ size: '1' });
  const dueUs = venue.core.markPrice('BTCUSDT')?.nextFundingUs ?? 0;
  venue.clock.advance((dueUs - venue.clock.wallUs()) / 1_000 - 2_000);
  const stream = await venue.logIn();
  stream.send(subscribe('account', FUTURES));
  await stream.take(1, ofChannel('account'));
  venue.clock.advance(4_000);
  const [payment] = venue.core.fundingPayments('main', 'BTCUSDT', { limit: 10 });
  const wallet = venue.core.account('main')?.assets[0]?.walletBalance;
  const { bills } = await get('/api/v2/mix/account/bill', {
    productType: FUTURES,
    businessType: 'contract_settle_fee',
  });
  expect(bills).toEqual([
    {
      billId: expect.stringMatching(/^\d+$/),
      symbol: 'BTCUSDT',
      amount: payment?.amount,
      fee: '0',
      feeByCoupon: '',
      businessType: 'contract_settle_fee',
      coin: 'USDT',
      balance: wallet,
      cTime: String(Math.floor(dueUs / 1_000)),
    },
  ]);
  expect(await get('/api/v2/mix/position/all-position', { productType: FUTURES })).toMatchObject([
    { totalFee: payment?.amount },
  ]);
  const [, after] = await stream.take(2, ofChannel('account'));
  const [{ equity, unrealizedPL }] = Object(after?.['data']);
  expect(Number(equity) - Number(unrealizedPL)).toBeCloseTo(Number(wallet), 6);
  const all = await get('/api/v2/mix/account/bill', { productType: FUTURES });
  expect(all.bills.map(({ businessType }: { businessType: string }) => businessType)).toContain('buy');
});

test('an order that would trade with its own account is canceled as its stpMode says', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const [ask] = venue.core.bestQuote('BTCUSDT')?.ask ?? [];
  const [bid] = venue.core.bestQuote('BTCUSDT')?.bid ?? [];
  const middle = ((Number(ask) + Number(bid)) / 2).toFixed(1);
  await post('/api/v2/mix/order/place-order', { ...FUTURES_ORDER, side: 'sell', price: middle, clientOid: 'maker' });
  await post('/api/v2/mix/order/place-order', {
    ...FUTURES_ORDER,
    price: middle,
    stpMode: 'cancel_taker',
    clientOid: 'taker',
  });
  expect(await get('/api/v2/mix/order/detail', { ...NAMED, clientOid: 'taker' })).toMatchObject({
    state: 'canceled',
    cancelReason: 'stp_cancel',
    baseVolume: '0',
  });
  expect(venue.core.openOrders('main').map(({ clientOrderId }) => clientOrderId)).toEqual(['maker']);
});

test('a position that is closed is missing from the next frame, and told by positions-history', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const stream = await venue.logIn();
  for (const channel of ['positions', 'positions-history']) stream.send(subscribe(channel, FUTURES));
  await stream.take(2, (frame) => frame['event'] === 'subscribe');
  await place({});
  await place({ side: 'sell', reduceOnly: 'YES' });
  const [closed] = await stream.take(1, ofChannel('positions-history'));
  expect(closed?.['data']).toMatchObject([
    { instId: 'BTCUSDT', holdSide: 'long', openSize: '0.01', closeSize: '0.01', marginCoin: 'USDT' },
  ]);
  stream.send('ping');
  await stream.take(1, (frame) => frame['text'] === 'pong');
  const frames = stream.frames.filter(ofChannel('positions'));
  expect(frames.at(-1)?.['data']).toEqual([]);
});
