/** Position mode, margin type, funding and self-trade prevention as USD-M shows them. */
import { afterEach, expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { startVenue, type TestVenue } from '../test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const LIMIT = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '58000' };
const MARKET = { symbol: 'BTCUSDT', type: 'MARKET', quantity: '0.01', newOrderRespType: 'RESULT' };
const FUNDING_TIME_US = 1_767_225_600_000_000;

const post = (path: string, fields: Record<string, string | boolean>) => venue.call('POST', `/fapi/v1/${path}`, fields);
const dual = (dualSidePosition: boolean) => post('positionSide/dual', { dualSidePosition });

test('hedge mode keeps a long and a short position apart, in queries and in events', async () => {
  venue = await startVenue();
  expect((await dual(false)).body).toMatchObject({ code: -4059 });
  expect((await dual(true)).body).toEqual({ code: 200, msg: 'success' });
  expect((await venue.call('GET', '/fapi/v1/positionSide/dual')).body).toEqual({ dualSidePosition: true });
  expect((await venue.call('GET', '/fapi/v1/accountConfig')).body).toMatchObject({ dualSidePosition: true });
  const { listenKey } = Object((await venue.keyed('POST', '/fapi/v1/listenKey')).body);
  const socket = await venue.open(`/private/ws?listenKey=${listenKey}`);
  const bought = await post('order', { ...MARKET, side: 'BUY', positionSide: 'LONG' });
  expect(bought.body).toMatchObject({ status: 'FILLED', positionSide: 'LONG' });
  await post('order', { ...MARKET, side: 'SELL', positionSide: 'SHORT' });
  const positions = await venue.call('GET', '/fapi/v3/positionRisk');
  expect(positions.body).toMatchObject([
    { positionSide: 'LONG', positionAmt: '0.010' },
    { positionSide: 'SHORT', positionAmt: '-0.010' },
  ]);
  const [lite] = await socket.take(1, (frame) => frame['e'] === 'TRADE_LITE');
  expect(lite).toMatchObject({ s: 'BTCUSDT', S: 'BUY', l: expect.any(String), m: false });
  const updates = await socket.take(2, (frame) => frame['e'] === 'ACCOUNT_UPDATE');
  expect(updates.map((frame) => Object(frame['a']).P[0].ps)).toEqual(['LONG', 'SHORT']);
  const trades = await venue.call('GET', '/fapi/v1/userTrades', { symbol: 'BTCUSDT' });
  expect(Object(trades.body)[0]).toMatchObject({ positionSide: 'LONG' });
});

test('an order fits the position mode of its account', async () => {
  venue = await startVenue();
  const order = (fields: Record<string, string>) => post('order', { ...LIMIT, ...fields });
  expect((await order({ positionSide: 'LONG' })).body).toMatchObject({ code: -4061 });
  await dual(true);
  expect((await order({})).body).toMatchObject({ code: -4061 });
  expect((await order({ positionSide: 'LONG', reduceOnly: 'true' })).body).toEqual({
    code: -1106,
    msg: "Parameter 'reduceonly' sent when not required.",
  });
  expect((await order({ positionSide: 'LONG' })).status).toBe(200);
});

test('settings do not change under open orders or positions', async () => {
  venue = await startVenue();
  const marginType = (name: string) => post('marginType', { symbol: 'BTCUSDT', marginType: name });
  expect((await marginType('CROSSED')).body).toMatchObject({ code: -4046 });
  await post('order', { ...LIMIT, newClientOrderId: 'open' });
  expect((await dual(true)).body).toMatchObject({ code: -4067 });
  expect((await marginType('ISOLATED')).body).toMatchObject({ code: -4047 });
  await venue.call('DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'open' });
  await post('order', { ...MARKET, side: 'BUY' });
  expect((await dual(true)).body).toMatchObject({ code: -4068 });
  expect((await marginType('ISOLATED')).body).toMatchObject({ code: -4048 });
  await post('order', { ...MARKET, side: 'SELL', reduceOnly: 'true' });
  expect((await marginType('ISOLATED')).body).toEqual({ code: 200, msg: 'success' });
  expect((await venue.call('GET', '/fapi/v1/symbolConfig', { symbol: 'BTCUSDT' })).body).toMatchObject([
    { symbol: 'BTCUSDT', marginType: 'ISOLATED' },
  ]);
});

test('funding is paid at its time: as an event, as income, and in the history of rates', async () => {
  venue = await startVenue({ clock: new VirtualClock({ startUs: FUNDING_TIME_US - 60_000_000 }) });
  await post('order', { ...MARKET, side: 'BUY' });
  const { listenKey } = Object((await venue.keyed('POST', '/fapi/v1/listenKey')).body);
  const socket = await venue.open(`/private/ws?listenKey=${listenKey}`);
  venue.clock.advance(65_000);
  const [update] = await socket.take(1, (frame) => Object(frame['a']).m === 'FUNDING_FEE');
  const [payment] = venue.sim.core.fundingPayments('main', 'BTCUSDT', { limit: 1 });
  expect(Object(update?.['a']).B).toMatchObject([
    { a: 'USDT', bc: expect.stringContaining(String(Number(payment?.amount))) },
  ]);
  const income = await venue.call('GET', '/fapi/v1/income', { incomeType: 'FUNDING_FEE' });
  expect(income.body).toMatchObject([{ incomeType: 'FUNDING_FEE', asset: 'USDT', symbol: 'BTCUSDT' }]);
  expect(Number(Object(income.body)[0].income)).toBe(Number(payment?.amount));
  const rates = await venue.get('/fapi/v1/fundingRate', { symbol: 'BTCUSDT' });
  const settled = Object(Object(rates.body).at(-1));
  expect(settled).toMatchObject({ symbol: 'BTCUSDT', fundingTime: Number(payment?.timeUs) / 1_000 });
  expect(Number(settled.fundingRate)).toBe(Number(payment?.rate));
  expect((await venue.get('/fapi/v1/fundingInfo')).body).toMatchObject([{ fundingIntervalHours: 8 }]);
  expect((await venue.get('/fapi/v1/openInterest', { symbol: 'BTCUSDT' })).body).toMatchObject({ symbol: 'BTCUSDT' });
});

test('an order that would meet one of its own expires it in match, where it was asked to', async () => {
  venue = await startVenue();
  const quote = venue.sim.core.bestQuote('BTCUSDT');
  const middle = (Math.round((Number(quote?.bid[0]) + Number(quote?.ask[0])) * 5) / 10).toFixed(1);
  await post('order', { ...LIMIT, price: middle, newClientOrderId: 'maker' });
  const taker = { ...LIMIT, side: 'SELL', price: middle, newOrderRespType: 'RESULT' };
  const expired = await post('order', { ...taker, selfTradePreventionMode: 'EXPIRE_TAKER' });
  expect(expired.body).toMatchObject({ status: 'EXPIRED_IN_MATCH', selfTradePreventionMode: 'EXPIRE_TAKER' });
});
