import { afterAll, beforeAll, expect, test } from 'bun:test';
import { ACCOUNT, FUTURES_ORDER, startVenue, type TestVenue, UID } from './test-client.ts';

let venue: TestVenue;

beforeAll(async () => {
  const withdraws = { ...ACCOUNT, name: 'rich', apiKey: 'rich-key', uid: '7002', canWithdraw: true };
  venue = await startVenue('gate-usdt-futures', { accounts: [ACCOUNT, withdraws] });
});

afterAll(() => venue.close());

test('a request is refused for the first thing that is wrong with who sent it, and when', async () => {
  const nowS = Math.floor(venue.clock.wallUs() / 1_000_000);
  const accounts = (options: object) => venue.call('GET', '/futures/usdt/accounts', {}, options);
  for (const [name, options] of [
    ['KEY', { without: ['KEY', 'Timestamp', 'SIGN'] }],
    ['Timestamp', { without: ['Timestamp', 'SIGN'] }],
    ['SIGN', { without: ['SIGN'] }],
  ] as const) {
    expect(await accounts(options)).toMatchObject({
      status: 401,
      body: { label: 'MISSING_REQUIRED_HEADER', message: `Missing required header: ${name}` },
    });
  }
  expect(await accounts({ apiKey: 'nobody', timestamp: nowS - 61 })).toMatchObject({
    status: 403,
    body: { label: 'REQUEST_EXPIRED', message: 'gap between request Timestamp and server time exceeds 60' },
  });
  expect(await accounts({ timestamp: nowS + 61 })).toMatchObject({ status: 403 });
  expect(await accounts({ timestamp: 'soon' })).toMatchObject({ status: 403 });
  expect(await accounts({ apiKey: 'nobody', apiSecret: 'wrong' })).toMatchObject({
    status: 401,
    body: { label: 'INVALID_KEY', message: 'Invalid key provided' },
  });
  expect(await accounts({ apiSecret: 'wrong' })).toMatchObject({ status: 401, body: { label: 'INVALID_SIGNATURE' } });
  expect(await accounts({ timestamp: nowS - 60 })).toMatchObject({ status: 200 });
  expect(await accounts({ timestamp: nowS + 60 })).toMatchObject({ status: 200 });
});

test('what is signed is the query unescaped and the body as sent', async () => {
  const order = { ...FUTURES_ORDER, text: 't-signed' };
  expect(await venue.call('POST', '/futures/usdt/orders', order)).toMatchObject({ status: 201 });
  const listed = await venue.call('GET', '/futures/usdt/orders', { status: 'open', contract: 'BTC_USDT' });
  expect(listed).toMatchObject({ status: 200, body: [{ text: 't-signed' }] });
  expect(await venue.call('DELETE', '/futures/USDT/orders/t-signed')).toMatchObject({ status: 200 });
});

test('an order that arrives after its x-gate-exptime is refused, before it is not', async () => {
  const nowMs = Math.floor(venue.clock.wallUs() / 1_000);
  const place = (expiresMs: number | string) =>
    venue.call('POST', '/futures/usdt/orders', FUTURES_ORDER, { headers: { 'x-gate-exptime': String(expiresMs) } });
  expect(await place(nowMs - 1)).toMatchObject({ status: 403, body: { label: 'REQUEST_EXPIRED' } });
  expect(await place('soon')).toMatchObject({ status: 400, body: { label: 'INVALID_PARAM_VALUE' } });
  expect(venue.core.openOrders('main')).toEqual([]);
  expect(await place(nowMs)).toMatchObject({ status: 201 });
  await venue.call('DELETE', '/futures/usdt/orders', { contract: 'BTC_USDT' });
});

test('the key says whose it is and whether it may withdraw', async () => {
  expect((await venue.call('GET', '/account/detail')).body).toMatchObject({ user_id: Number(UID), key: { mode: 1 } });
  const permissions = async (apiKey: string) => {
    const { body } = await venue.call('GET', '/account/main_keys', {}, { apiKey });
    return JSON.stringify(body);
  };
  expect(await permissions('test-key')).not.toContain('withdraw');
  expect(await permissions('rich-key')).toContain('{"name":"withdraw","read_only":false}');
});

test('a path that is not served and a method that is not allowed are told apart', async () => {
  expect(await venue.get('/futures/usdt/nothing')).toMatchObject({ status: 404, body: { label: 'NOT_FOUND' } });
  expect(await venue.call('PUT', '/futures/usdt/contracts')).toMatchObject({
    status: 405,
    body: { label: 'METHOD_NOT_ALLOWED' },
  });
});

test('a request id of the client comes back, with the times of the request and what is left of the budget', async () => {
  const { headers } = await venue.call(
    'GET',
    '/futures/usdt/accounts',
    {},
    {
      headers: { 'X-Client-Request-Id': 'mine' },
    },
  );
  expect(headers.get('x-client-request-id')).toBe('mine');
  expect(Number(headers.get('x-out-time'))).toBeGreaterThanOrEqual(Number(headers.get('x-in-time')));
  expect(Number(headers.get('x-gate-ratelimit-limit'))).toBe(200);
  expect(Number(headers.get('x-gate-ratelimit-requests-remain'))).toBeLessThan(200);
});
