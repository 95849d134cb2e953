import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  FUTURES_ORDER,
  pushOf,
  startVenue,
  subscription,
  type TestSocket,
  type TestVenue,
  UID,
} from '../test-client.ts';

let venue: TestVenue;
let socket: TestSocket;

const ORDERS = '/futures/usdt/orders';
const BTC = { contract: 'BTC_USDT' };

beforeAll(async () => {
  // Time is moved by minutes here: a quiet market, and no peer that is asked for its pongs meanwhile.
  const timing = { pingMs: 1e9, pongTimeoutMs: 1e9, lifetimeMs: 1e10 };
  venue = await startVenue('gate-usdt-futures', { timing, actionsPerSecond: 0.1 });
  socket = await venue.open();
  const timeS = Math.floor(venue.clock.wallUs() / 1_000_000);
  for (const name of ['orders', 'usertrades', 'positions'])
    socket.send(subscription(`futures.${name}`, [UID, '!all'], timeS));
  socket.send(subscription('futures.balances', [UID], timeS));
  await socket.take(4, ({ event }) => event === 'subscribe');
});

afterAll(() => venue.close());

/** Rows that a channel told of one order, or all of them. */
async function rows(channel: string, count: number, wanted: (row: Record<string, unknown>) => boolean) {
  const found = () =>
    socket.frames.filter(pushOf(channel)).flatMap(({ result }) => (Array.isArray(result) ? result.filter(wanted) : []));
  await socket.take(1, () => found().length >= count);
  return found();
}

function ask(offset: number): string {
  return String(Number(venue.core.bestQuote('BTC_USDT')?.ask[0]) + offset);
}

test('a resting order is placed, found, listed, told of and canceled', async () => {
  const placed = await venue.call('POST', ORDERS, { ...FUTURES_ORDER, text: 't-life' });
  expect(placed).toMatchObject({
    status: 201,
    body: { ...FUTURES_ORDER, user: Number(UID), left: 10, status: 'open', text: 't-life', fill_price: '0' },
  });
  const id = String(Object(placed.body).id);
  expect(Object(placed.body).finish_as).toBeUndefined();
  expect((await venue.call('GET', `${ORDERS}/${id}`)).body).toEqual(placed.body);
  expect(await venue.call('GET', ORDERS, { ...BTC, status: 'open' })).toMatchObject({ body: [{ text: 't-life' }] });
  const canceled = await venue.call('DELETE', `${ORDERS}/${id}`);
  expect(canceled).toMatchObject({ status: 200, body: { status: 'finished', finish_as: 'cancelled', left: 10 } });
  const told = await rows('futures.orders', 2, ({ text }) => text === 't-life');
  expect(told).toMatchObject([
    { id: Number(id), status: 'open', finish_as: 'open', finish_time: 0, size: 10, left: 10, price: 58_000 },
    { id: Number(id), status: 'finished', finish_as: 'cancelled', user: UID },
  ]);
  expect(told[1].update_id).toBeGreaterThan(told[0].update_id);
});

test('an order is found by its text while it is open and for 60 seconds after, by its id for ten minutes', async () => {
  const placed = await venue.call('POST', ORDERS, { ...FUTURES_ORDER, text: 't-found' });
  const id = String(Object(placed.body).id);
  await venue.call('DELETE', `${ORDERS}/t-found`);
  venue.clock.advance(59_000);
  expect(await venue.call('GET', `${ORDERS}/t-found`)).toMatchObject({ status: 200, body: { id: Number(id) } });
  venue.clock.advance(2_000);
  expect(await venue.call('GET', `${ORDERS}/t-found`)).toMatchObject({
    status: 404,
    body: { label: 'ORDER_NOT_FOUND' },
  });
  expect(await venue.call('GET', `${ORDERS}/${id}`)).toMatchObject({ status: 200 });
  venue.clock.advance(600_000);
  expect(await venue.call('GET', `${ORDERS}/${id}`)).toMatchObject({ status: 404 });
});

test('a market order fills: order, trade, position and balance are told and agree with the core', async () => {
  const order = { ...BTC, size: 100, price: '0', tif: 'ioc', text: 't-market' };
  const placed = await venue.call('POST', ORDERS, order);
  expect(placed.body).toMatchObject({ status: 'finished', finish_as: 'filled', left: 0, price: '0', tif: 'ioc' });
  const id = String(Object(placed.body).id);
  const fills = venue.core.fills('main', 'BTC_USDT', { venueOrderId: id, limit: 100 });
  const trades = await rows('futures.usertrades', fills.length, ({ order_id }) => order_id === id);
  expect(trades.map(({ id, price, fee, size }) => [id, price, fee, size])).toEqual(
    fills.map((fill) => [fill.tradeId, fill.price, Number(fill.fee), Math.round(Number(fill.quantity) / 0.0001)]),
  );
  expect(await rows('futures.positions', 1, ({ size }) => size === 100)).toMatchObject([
    { contract: 'BTC_USDT', mode: 'single', leverage: 0, cross_leverage_limit: 20, user: UID },
  ]);
  const wallet = venue.core.account('main')?.assets[0]?.walletBalance;
  const charged = await rows('futures.balances', fills.length, ({ text }) => text === `BTC_USDT:${id}`);
  expect(charged.at(-1)).toMatchObject({ type: 'fee', balance: Number(wallet), user: UID });
  const { body } = await venue.call('GET', '/futures/usdt/account_book', { type: 'fee' });
  expect(Object(body)[0]).toMatchObject({ balance: wallet, text: `BTC_USDT:${id}`, contract: 'BTC_USDT' });
  expect((await venue.call('GET', '/futures/usdt/accounts')).body).toMatchObject({
    total: wallet,
    in_dual_mode: false,
    history: { pnl: '0' },
  });
});

test('an order that only reduces shrinks to its position, and `close` takes all of it', async () => {
  const reducing = { ...BTC, size: -500, price: ask(500), tif: 'gtc', reduce_only: true, text: 't-reduce' };
  expect((await venue.call('POST', ORDERS, reducing)).body).toMatchObject({ is_reduce_only: true, status: 'open' });
  const closing = { ...BTC, size: 0, close: true, price: '0', tif: 'ioc' };
  expect((await venue.call('POST', ORDERS, closing)).body).toMatchObject({ size: -100, finish_as: 'filled' });
  expect(await rows('futures.orders', 2, ({ text }) => text === 't-reduce')).toMatchObject([
    { status: 'open' },
    { status: 'finished', finish_as: 'reduce_only' },
  ]);
  expect(await venue.call('POST', ORDERS, closing)).toMatchObject({ status: 400, body: { label: 'POSITION_EMPTY' } });
  expect((await venue.call('GET', '/futures/usdt/positions', { holding: true })).body).toEqual([]);
  expect((await venue.call('GET', '/futures/usdt/positions/BTC_USDT')).body).toMatchObject({ size: 0 });
});

test('post-only is refused when it would take; ioc and fok end with the words of their terms', async () => {
  const crossing = { ...BTC, size: 10, price: ask(100), tif: 'poc' };
  expect(await venue.call('POST', ORDERS, crossing)).toMatchObject({
    status: 400,
    body: { label: 'ORDER_POC_IMMEDIATE' },
  });
  const away = { ...FUTURES_ORDER, tif: 'ioc' };
  expect((await venue.call('POST', ORDERS, away)).body).toMatchObject({ finish_as: 'ioc', left: 10 });
  expect((await venue.call('POST', ORDERS, { ...away, tif: 'fok' })).body).toMatchObject({ finish_as: 'fok' });
});

test('an amend keeps the id, rounds the price to the tick, and cancels below what was executed', async () => {
  const placed = await venue.call('POST', ORDERS, { ...FUTURES_ORDER, text: 't-amend' });
  const path = `${ORDERS}/${Object(placed.body).id}`;
  expect((await venue.call('PUT', path, { price: '57000.18' })).body).toMatchObject({ price: '57000.2', size: 10 });
  expect((await venue.call('PUT', path, { size: 4 })).body).toMatchObject({ size: 4, left: 4 });
  expect(await venue.call('PUT', path, { size: 4 })).toMatchObject({ status: 400, body: { label: 'NO_CHANGE' } });
  expect(await venue.call('PUT', path, {})).toMatchObject({ body: { label: 'NO_CHANGE' } });
  expect(await venue.call('PUT', path, { size: -4 })).toMatchObject({ body: { label: 'INVALID_PARAM_VALUE' } });
  await venue.call('DELETE', path);
  expect(await venue.call('PUT', path, { size: 5 })).toMatchObject({ body: { label: 'ORDER_FINISHED' } });
  expect(await venue.call('DELETE', path)).toMatchObject({ body: { label: 'ORDER_FINISHED' } });
});

test('a countdown cancels when its time is over, and not when it was disarmed', async () => {
  const arm = (timeout: number) => venue.call('POST', '/futures/usdt/countdown_cancel_all', { ...BTC, timeout });
  expect(await arm(4)).toMatchObject({ status: 400, body: { label: 'INVALID_PARAM_VALUE' } });
  await venue.call('POST', ORDERS, { ...FUTURES_ORDER, text: 't-dead' });
  await arm(5);
  await arm(0);
  venue.clock.advance(6_000);
  expect(venue.core.openOrders('main')).toHaveLength(1);
  const triggerMs = Math.floor(venue.clock.wallUs() / 1_000) + 5_000;
  expect((await arm(5)).body).toEqual({ triggerTime: String(triggerMs) });
  venue.clock.advance(5_000);
  expect(venue.core.openOrders('main')).toEqual([]);
  expect(await rows('futures.orders', 2, ({ text }) => text === 't-dead')).toMatchObject([
    { status: 'open' },
    { finish_as: 'cancelled' },
  ]);
});

test('cancel all takes one side when asked to', async () => {
  await venue.call('POST', ORDERS, { ...FUTURES_ORDER, text: 't-bid' });
  await venue.call('POST', ORDERS, { ...FUTURES_ORDER, size: -10, price: ask(1_000), text: 't-ask' });
  expect((await venue.call('DELETE', ORDERS, { ...BTC, side: 'ask' })).body).toMatchObject([{ text: 't-ask' }]);
  expect((await venue.call('DELETE', ORDERS, BTC)).body).toMatchObject([{ text: 't-bid' }]);
  expect(await venue.call('DELETE', ORDERS)).toMatchObject({ body: { label: 'MISSING_REQUIRED_PARAM' } });
});
