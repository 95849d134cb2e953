import { afterEach, beforeEach, expect, test } from 'bun:test';
import { pushOf, startVenue, subscription, type TestVenue, UID } from '../test-client.ts';

let venue: TestVenue;

beforeEach(async () => {
  const timing = { pingMs: 1e9, pongTimeoutMs: 1e9, lifetimeMs: 1e10 };
  venue = await startVenue('gate-usdt-futures', { timing, actionsPerSecond: 0.001 });
});

afterEach(() => venue.close());

const FUTURES = '/futures/usdt';
const market = (size: number, fields: object = {}) =>
  venue.call('POST', `${FUTURES}/orders`, { contract: 'BTC_USDT', size, price: '0', tif: 'ioc', ...fields });
const setDual = (dual_mode: boolean) => venue.call('POST', `${FUTURES}/dual_mode?dual_mode=${dual_mode}`);
const positions = async () => (await venue.call('GET', `${FUTURES}/positions`, { holding: true })).body;

test('in dual mode each side has its position, and reduce_only takes from the other', async () => {
  expect((await setDual(true)).body).toMatchObject({ in_dual_mode: true, position_mode: 'dual' });
  await market(10);
  await market(-4);
  expect(await positions()).toMatchObject([
    { size: 10, mode: 'dual_long' },
    { size: -4, mode: 'dual_short' },
  ]);
  expect((await market(-3, { reduce_only: true })).body).toMatchObject({ finish_as: 'filled' });
  expect((await market(1, { reduce_only: true })).body).toMatchObject({ finish_as: 'filled' });
  expect((await venue.call('GET', `${FUTURES}/dual_comp/positions/BTC_USDT`)).body).toMatchObject([
    { size: 7, mode: 'dual_long' },
    { size: -3, mode: 'dual_short' },
  ]);
  expect(await venue.call('GET', `${FUTURES}/positions/BTC_USDT`)).toMatchObject({
    status: 400,
    body: { label: 'POSITION_DUAL_MODE' },
  });
});

test('auto_size closes all of one side, and stands only in dual mode', async () => {
  expect(await market(0, { auto_size: 'close_long' })).toMatchObject({ status: 400 });
  await setDual(true);
  await market(10);
  expect(await market(0, { close: true })).toMatchObject({ status: 400 });
  expect((await market(0, { auto_size: 'close_short' })).body).toMatchObject({ label: 'POSITION_EMPTY' });
  expect((await market(0, { auto_size: 'close_long' })).body).toMatchObject({ size: -10, finish_as: 'filled' });
  expect(await positions()).toEqual([]);
});

test('the mode changes only without positions and orders, and not to what it is', async () => {
  expect((await setDual(false)).body).toMatchObject({ label: 'NO_CHANGE' });
  await market(1);
  expect((await setDual(true)).body).toMatchObject({ label: 'POSITION_HOLDING' });
  await market(-1);
  await venue.call('POST', `${FUTURES}/orders`, { contract: 'BTC_USDT', size: 1, price: '58000' });
  expect((await setDual(true)).body).toMatchObject({ label: 'ORDER_PENDING' });
});

test('leverage 0 is cross margin, above it isolated, and cross_mode changes the margin alone', async () => {
  const set = async (query: string) =>
    (await venue.call('POST', `${FUTURES}/positions/BTC_USDT/leverage?${query}`)).body;
  expect(await set('leverage=25')).toMatchObject({ leverage: '25', cross_leverage_limit: '0' });
  expect(venue.core.marginType('main', 'BTC_USDT')).toBe('isolated');
  expect(await set('leverage=0&cross_leverage_limit=10')).toMatchObject({ leverage: '0', cross_leverage_limit: '10' });
  const mode = { contract: 'BTC_USDT', mode: 'ISOLATED' };
  expect((await venue.call('POST', `${FUTURES}/positions/cross_mode`, mode)).body).toMatchObject({ leverage: '10' });
});

test('funding is charged at its time: told, in the account book, and in the history of rates', async () => {
  const socket = await venue.open();
  socket.send(subscription('futures.balances', [UID], Math.floor(venue.clock.wallUs() / 1_000_000)));
  await socket.take(1);
  await market(100);
  const mark = venue.core.markPrice('BTC_USDT');
  const atUs = mark?.nextFundingUs ?? 0;
  expect((await venue.get(`${FUTURES}/funding_rate`, { contract: 'BTC_USDT' })).body).toEqual([]);
  venue.clock.advance((atUs - venue.clock.wallUs()) / 1_000 + 2_000);
  const [payment] = venue.core.fundingPayments('main', 'BTC_USDT', { limit: 10 });
  const [row] = Object((await venue.call('GET', `${FUTURES}/account_book`, { type: 'fund' })).body);
  expect(row).toMatchObject({ change: payment?.amount, type: 'fund', text: 'BTC_USDT', time: atUs / 1_000_000 });
  const told = await socket.take(
    1,
    (frame) => pushOf('futures.balances')(frame) && Object(frame['result'])[0].type === 'fund',
  );
  expect(Object(told[0]?.['result'])[0]).toMatchObject({
    change: Number(payment?.amount),
    balance: Number(venue.core.account('main')?.assets[0]?.walletBalance),
  });
  expect((await venue.get(`${FUTURES}/funding_rate`, { contract: 'BTC_USDT' })).body).toEqual([
    { t: atUs / 1_000_000, r: String(mark?.fundingRate) },
  ]);
  expect((await venue.call('GET', `${FUTURES}/accounts`)).body).toMatchObject({ history: { fund: payment?.amount } });
});
