import { afterAll, beforeAll, expect, test } from 'bun:test';
import { FUTURES_ORDER, startVenue, type TestVenue } from '../test-client.ts';

let venue: TestVenue;

const ORDERS = '/futures/usdt/orders';

beforeAll(async () => {
  venue = await startVenue('gate-usdt-futures');
});

afterAll(() => venue.close());

const place = (fields: object) => venue.call('POST', ORDERS, { ...FUTURES_ORDER, ...fields });

test('an order is refused with the label of what is wrong with it', async () => {
  for (const [fields, label] of [
    [{ contract: 'NO_USDT' }, 'CONTRACT_NOT_FOUND'],
    [{ contract: undefined }, 'MISSING_REQUIRED_PARAM'],
    [{ size: undefined }, 'MISSING_REQUIRED_PARAM'],
    [{ size: 1.5 }, 'INVALID_PARAM_VALUE'],
    [{ size: 0 }, 'INVALID_PARAM_VALUE'],
    [{ size: 'many' }, 'INVALID_PARAM_VALUE'],
    [{ size: 2_000_000 }, 'SIZE_TOO_LARGE'],
    [{ size: 900_000 }, 'INSUFFICIENT_AVAILABLE'],
    [{ price: '90000' }, 'PRICE_TOO_DEVIATED'],
    [{ price: '-1' }, 'INVALID_PARAM_VALUE'],
    [{ price: '0', tif: 'gtc' }, 'INVALID_PARAM_VALUE'],
    [{ tif: 'day' }, 'INVALID_PARAM_VALUE'],
    [{ text: 'mine' }, 'INVALID_PARAM_VALUE'],
    [{ text: `t-${'x'.repeat(29)}` }, 'INVALID_PARAM_VALUE'],
    [{ text: 't-ä' }, 'INVALID_PARAM_VALUE'],
    [{ stp_act: 'cn' }, 'INVALID_PARAM_VALUE'],
    [{ iceberg: 5 }, 'INVALID_PARAM_VALUE'],
    [{ reduce_only: true }, 'POSITION_EMPTY'],
    [{ close: true }, 'INVALID_PARAM_VALUE'],
  ] as const) {
    const refused = await place(fields);
    expect([JSON.stringify(fields), refused.status, Object(refused.body).label]).toEqual([
      JSON.stringify(fields),
      400,
      label,
    ]);
  }
  expect(venue.core.openOrders('main')).toEqual([]);
});

test('a text of 28 bytes with every allowed sign is taken', async () => {
  const text = `t-A9_-.${'x'.repeat(23)}`;
  expect((await place({ text })).body).toMatchObject({ text });
  await venue.call('DELETE', `${ORDERS}/${text}`);
});

test('a body that is no JSON object is refused', async () => {
  expect(await venue.call('POST', ORDERS, ['x'])).toMatchObject({ status: 400 });
  expect(await venue.call('POST', '/futures/usdt/batch_orders', { a: 1 })).toMatchObject({
    body: { label: 'INVALID_REQUEST_BODY' },
  });
});

test('a batch has at most ten orders, a cancel by list twenty ids', async () => {
  const rows = Array.from({ length: 11 }, () => FUTURES_ORDER);
  expect(await venue.call('POST', '/futures/usdt/batch_orders', rows)).toMatchObject({ status: 400 });
  const ids = Array.from({ length: 21 }, (_, id) => String(id));
  expect(await venue.call('POST', '/futures/usdt/batch_cancel_orders', ids)).toMatchObject({ status: 400 });
});

test('an order that is not there is not found, whatever it is asked for', async () => {
  for (const [method, id] of [
    ['GET', '1'],
    ['DELETE', '1'],
    ['PUT', '1'],
    ['GET', 't-none'],
    ['DELETE', 't-none'],
  ] as const)
    expect(await venue.call(method, `${ORDERS}/${id}`, {})).toMatchObject({
      status: 404,
      body: { label: 'ORDER_NOT_FOUND' },
    });
  expect(await venue.call('GET', `${ORDERS}/x1`)).toMatchObject({ status: 400 });
});

test('leverage above the contract is refused', async () => {
  const set = (leverage: string) =>
    venue.call('POST', '/futures/usdt/positions/BTC_USDT/leverage', { leverage: '0', cross_leverage_limit: leverage });
  expect(await set('126')).toMatchObject({ status: 400, body: { label: 'LEVERAGE_TOO_HIGH' } });
  expect(await set('0')).toMatchObject({ status: 400, body: { label: 'LEVERAGE_TOO_LOW' } });
  expect(await set('50')).toMatchObject({ status: 200, body: { leverage: '0', cross_leverage_limit: '50' } });
});

test('the hundred-and-first order of a second is refused, and the headers say when to come back', async () => {
  venue.clock.advance(1_000 - (Math.floor(venue.clock.wallUs() / 1_000) % 1_000));
  const path = `${ORDERS}/1`;
  for (let request = 0; request < 100; request++) await venue.call('PUT', path, { size: 1 });
  const refused = await venue.call('PUT', path, { size: 1 });
  expect(refused).toMatchObject({ status: 429, body: { label: 'TOO_MANY_REQUESTS' } });
  expect(refused.headers.get('x-gate-ratelimit-requests-remain')).toBe('0');
  expect(refused.headers.get('x-gate-ratelimit-limit')).toBe('100');
  expect(Number(refused.headers.get('x-gate-ratelimit-reset-timestamp'))).toBe(
    Math.floor(venue.clock.wallUs() / 1_000_000) + 1,
  );
  venue.clock.advance(1_000);
  expect(await venue.call('PUT', path, { size: 1 })).toMatchObject({ status: 404 });
});

test('scripted faults change the answer alone', async () => {
  const fault = (body: object) => venue.control('POST', '/faults', body);
  const path = '/api/v4/futures/usdt/orders';
  await fault({ kind: 'fail_after_accept', method: 'POST', path, status: 502 });
  expect(await place({ text: 't-lost' })).toMatchObject({ status: 502, body: { label: 'INTERNAL' } });
  expect((await venue.call('GET', `${ORDERS}/t-lost`)).body).toMatchObject({ status: 'open' });
  await fault({ kind: 'refuse', method: 'DELETE', status: 429, body: { label: 'TOO_FAST' }, retryAfterSeconds: 3 });
  const refused = await venue.call('DELETE', `${ORDERS}/t-lost`);
  expect(refused).toMatchObject({ status: 429, body: { label: 'TOO_FAST' } });
  expect(refused.headers.get('retry-after')).toBe('3');
  expect((await venue.call('DELETE', `${ORDERS}/t-lost`)).status).toBe(200);
});

test('the log of calls names contract, text and label', async () => {
  await place({ text: 't-logged', price: '90000' });
  const { items } = Object(await (await venue.control('GET', '/truth/calls?limit=1000')).json());
  expect(items.at(-1)).toMatchObject({
    symbol: 'BTC_USDT',
    clientOrderId: 't-logged',
    status: 400,
    code: 'PRICE_TOO_DEVIATED',
  });
});
