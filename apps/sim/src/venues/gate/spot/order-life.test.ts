import { afterAll, beforeAll, expect, test } from 'bun:test';
import { pushOf, SPOT_ORDER, startVenue, subscription, type TestSocket, type TestVenue, UID } from '../test-client.ts';

let venue: TestVenue;
let socket: TestSocket;

const PAIR = { currency_pair: 'BTC_USDT' };

beforeAll(async () => {
  venue = await startVenue('gate-spot');
  socket = await venue.open();
  const timeS = Math.floor(venue.clock.wallUs() / 1_000_000);
  for (const name of ['orders', 'usertrades']) socket.send(subscription(`spot.${name}`, ['!all'], timeS));
  socket.send(subscription('spot.balances', undefined, timeS));
  await socket.take(3, ({ event }) => event === 'subscribe');
});

afterAll(() => venue.close());

/** Rows that a channel told. */
async function rows(channel: string, count: number, wanted: (row: Record<string, unknown>) => boolean) {
  const found = () =>
    socket.frames.filter(pushOf(channel)).flatMap(({ result }) => (Array.isArray(result) ? result.filter(wanted) : []));
  await socket.take(1, () => found().length >= count);
  return found();
}

const place = (fields: object) => venue.call('POST', '/spot/orders', { ...SPOT_ORDER, ...fields });

async function balance(currency: string) {
  return Object((await venue.call('GET', '/spot/accounts', { currency })).body)[0];
}

test('a resting buy locks quote, is told, and gives it back when it is canceled', async () => {
  const placed = await place({ text: 't-life' });
  expect(placed).toMatchObject({
    status: 201,
    body: { ...SPOT_ORDER, left: '0.01', status: 'open', finish_as: 'open', text: 't-life', fee: '0' },
  });
  const { id } = Object(placed.body);
  expect(await balance('USDT')).toMatchObject({ available: '99420', locked: '580' });
  const path = `/spot/orders/${id}`;
  expect((await venue.call('GET', path, PAIR)).body).toEqual(placed.body);
  expect((await venue.call('DELETE', path, PAIR)).body).toMatchObject({ status: 'cancelled', finish_as: 'cancelled' });
  expect(await balance('USDT')).toMatchObject({ available: '100000', locked: '0' });
  expect(await rows('spot.orders', 2, (row) => row['id'] === id)).toMatchObject([
    { event: 'put', finish_as: 'open', user: Number(UID) },
    { event: 'finish', finish_as: 'cancelled', left: '0.01' },
  ]);
  expect(await rows('spot.balances', 2, ({ currency }) => currency === 'USDT')).toMatchObject([
    { change: '0', freeze: '580', freeze_change: '580', change_type: 'order-create', available: '99420' },
    { change: '0', freeze: '0', freeze_change: '-580', change_type: 'order-update', total: '100000' },
  ]);
});

test('a text finds pending orders only', async () => {
  await place({ text: 't-found' });
  expect((await venue.call('GET', '/spot/orders/t-found', PAIR)).status).toBe(200);
  await venue.call('DELETE', '/spot/orders/t-found', PAIR);
  for (const method of ['GET', 'DELETE'] as const)
    expect(await venue.call(method, '/spot/orders/t-found', PAIR)).toMatchObject({
      status: 404,
      body: { label: 'CLIENT_ID_NOT_FOUND' },
    });
});

test('a market buy spends quote and pays its fee in what it bought', async () => {
  const market = { type: 'market', time_in_force: 'ioc', price: undefined };
  const { body } = await place({ ...market, amount: '500' });
  const order = Object(body);
  expect(order).toMatchObject({ amount: '500', left: '0', status: 'closed', finish_as: 'filled', fee_currency: 'BTC' });
  expect(Number(order.filled_total)).toBeGreaterThan(499);
  const fills = venue.core.fills('main', 'BTC_USDT', { venueOrderId: order.id, limit: 100 });
  const told = await rows('spot.usertrades', fills.length, ({ order_id }) => order_id === order.id);
  expect(told.map(({ id, amount, fee, fee_currency }) => [String(id), amount, fee, fee_currency])).toEqual(
    fills.map((fill) => [fill.tradeId, fill.quantity, fill.fee, 'BTC']),
  );
  const matched = await rows('spot.balances', 1, (row) => row['currency'] === 'BTC');
  const held = venue.core.account('main')?.assets.find(({ asset }) => asset === 'BTC');
  expect(matched.at(-1)).toMatchObject({ change_type: 'order-match', total: held?.walletBalance });
  const sold = Object((await place({ ...market, side: 'sell', amount: '0.005' })).body);
  expect(sold).toMatchObject({ status: 'closed', filled_amount: '0.005', fee_currency: 'USDT' });
});

test('a list is placed, amended and canceled row by row, none undoing another', async () => {
  const list = [{ ...SPOT_ORDER, text: 't-1' }, { ...SPOT_ORDER, text: 't-2', amount: '90' }, { ...PAIR }];
  const placed = await venue.call('POST', '/spot/batch_orders', list);
  expect(placed.body).toMatchObject([
    { succeeded: true, text: 't-1' },
    { succeeded: false, text: 't-2', label: 'BALANCE_NOT_ENOUGH' },
    { succeeded: false, label: 'MISSING_REQUIRED_PARAM' },
  ]);
  const id = Object(placed.body)[0].id;
  const amends = [
    { ...PAIR, order_id: id, price: '57000' },
    { ...PAIR, order_id: '9' },
  ];
  expect((await venue.call('POST', '/spot/amend_batch_orders', amends)).body).toMatchObject([
    { succeeded: true, price: '57000' },
    { succeeded: false, label: 'ORDER_NOT_FOUND' },
  ]);
  const ids = [id, '9'].map((each) => ({ ...PAIR, id: each }));
  expect((await venue.call('POST', '/spot/cancel_batch_orders', ids)).body).toMatchObject([
    { succeeded: true, id },
    { succeeded: false, label: 'ORDER_NOT_FOUND' },
  ]);
});

test('an order is refused with the label of what is wrong with it', async () => {
  for (const [fields, label] of [
    [{ currency_pair: 'NO_PAIR' }, 'INVALID_CURRENCY_PAIR'],
    [{ currency_pair: undefined }, 'MISSING_REQUIRED_PARAM'],
    [{ side: 'long' }, 'INVALID_PARAM_VALUE'],
    [{ amount: undefined }, 'MISSING_REQUIRED_PARAM'],
    [{ amount: '0' }, 'INVALID_PARAM_VALUE'],
    [{ amount: '0.0000001' }, 'AMOUNT_TOO_LITTLE'],
    [{ amount: '0.0100001' }, 'INVALID_PRECISION'],
    [{ amount: '0.00001' }, 'AMOUNT_TOO_LITTLE'],
    [{ amount: '5000' }, 'AMOUNT_TOO_MUCH'],
    [{ amount: '90' }, 'BALANCE_NOT_ENOUGH'],
    [{ side: 'sell', amount: '90', price: '61000' }, 'BALANCE_NOT_ENOUGH'],
    [{ price: undefined }, 'MISSING_REQUIRED_PARAM'],
    [{ price: '58000.01' }, 'INVALID_PRECISION'],
    [{ price: '90000' }, 'PRICE_THRESHOLD_EXCEEDED'],
    [{ type: 'market' }, 'INVALID_PARAM_VALUE'],
    [{ account: 'margin' }, 'INVALID_PARAM_VALUE'],
    [{ text: 'mine' }, 'INVALID_PARAM_VALUE'],
    [{ stp_act: 'cb' }, 'INVALID_PARAM_VALUE'],
  ] as const) {
    venue.clock.advance(200);
    const refused = await place(fields);
    expect([JSON.stringify(fields), Object(refused.body).label]).toEqual([JSON.stringify(fields), label]);
    expect(refused.status).toBe(400);
  }
  expect(venue.core.openOrders('main')).toEqual([]);
});

test('the eleventh order of a second in a pair is refused', async () => {
  venue.clock.advance(1_000 - (Math.floor(venue.clock.wallUs() / 1_000) % 1_000));
  for (let request = 0; request < 10; request++) expect((await place({ amount: '0' })).status).toBe(400);
  expect(await place({ amount: '0' })).toMatchObject({ status: 429, body: { label: 'TOO_MANY_REQUESTS' } });
});

test('a countdown of the account cancels in every pair', async () => {
  venue.clock.advance(1_000);
  await place({ text: 't-dead' });
  await venue.call('POST', '/spot/countdown_cancel_all', { timeout: 5 });
  venue.clock.advance(5_000);
  expect(venue.core.openOrders('main')).toEqual([]);
});
