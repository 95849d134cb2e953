import { afterEach, expect, test } from 'bun:test';
import { FUTURES_ORDER, startVenue, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const NAMED = { symbol: 'BTCUSDT', productType: 'USDT-FUTURES' };

async function refusal(path: string, params: object, method: 'GET' | 'POST' = 'POST') {
  const { status, body } = await venue.call(method, path, { ...params });
  return body.code === '00000' ? 'accepted' : `${status} ${body.code} ${body.msg}`;
}

/** In a second of its own: the path's budget is another test's subject. */
const place = (fields: object) => {
  venue.clock.advance(1_000);
  return refusal('/api/v2/mix/order/place-order', { ...FUTURES_ORDER, ...fields });
};

test('a futures order is refused with the code of what is wrong with it', async () => {
  venue = await startVenue('bitget-usdt-futures', { symbols: ['BTCUSDT', 'XRPUSDT'] });
  const cases: readonly (readonly [object, string])[] = [
    [{ productType: '' }, '400 400172 Parameter verification failed'],
    [{ productType: 'NOPE' }, '400 40019 Parameter NOPE cannot be empty'],
    [{ symbol: 'NOPEUSDT' }, '400 40034 Parameter NOPEUSDT does not exist'],
    [{ productType: 'COIN-FUTURES' }, '400 40034 Parameter BTCUSDT does not exist'],
    [{ marginCoin: 'EUR' }, '400 40034 Parameter EUR does not exist'],
    [{ marginMode: '' }, '400 40019 Parameter marginMode cannot be empty'],
    [{ side: 'hold' }, '400 40017 Parameter verification failed side'],
    [{ orderType: 'stop' }, '400 40017 Parameter verification failed orderType'],
    [{ force: 'never' }, '400 40017 Parameter verification failed force'],
    [{ reduceOnly: 'MAYBE' }, '400 40017 Parameter verification failed reduceOnly'],
    [{ size: '' }, '400 40019 Parameter size cannot be empty'],
    [{ size: '0' }, '400 43011 The parameter does not meet the specification size <= 0'],
    [
      { size: '0.01001' },
      '400 40808 Parameter verification exception size checkBDScale error value=0.01001 checkScale=4',
    ],
    [{ price: '' }, '400 40019 Parameter price cannot be empty'],
    [
      { price: '58000.12' },
      '400 40808 Parameter verification exception price checkBDScale error value=58000.12 checkScale=1',
    ],
    [{ price: '70000' }, '400 22006 limit price > risk price'],
    [{ side: 'sell', price: '50000' }, '400 22007 limit price < risk price'],
    [{ symbol: 'XRPUSDT', size: '9', price: '0.54' }, '400 45110 less than the minimum amount 5 USDT'],
    [{ size: '1201' }, '400 45112 more than the maximum order quantity'],
    [{ size: '900' }, '400 40762 The order amount exceeds the balance'],
    [{ side: 'sell', price: '62000', reduceOnly: 'YES' }, '400 22002 No position to close'],
    [
      { clientOid: 'x'.repeat(65) },
      '400 40305 clientOid or clientOrderId length cannot greater than 64, and cannot be Martian characters',
    ],
    [
      { clientOid: 'ключ' },
      '400 40305 clientOid or clientOrderId length cannot greater than 64, and cannot be Martian characters',
    ],
  ];
  for (const [fields, expected] of cases) {
    expect([fields, await place(fields)]).toEqual([fields, expected]);
  }
  expect(await place({ size: '0.0001', price: '57000.0', side: 'buy' })).toBe('accepted');
  expect(await place({ clientOid: 'twice' })).toBe('accepted');
  expect(await place({ clientOid: 'twice' })).toBe('400 40786 Duplicate clientOid');
  expect(await place({ symbol: 'btcusdt', productType: 'usdt-futures', side: 'BUY', force: 'GTC' })).toBe('accepted');
});

test('a body that is no JSON object is refused', async () => {
  venue = await startVenue('bitget-usdt-futures');
  expect(await refusal('/api/v2/mix/order/place-order', [1])).toBe('400 400172 Parameter verification failed');
});

test('an order that is not there has another code for each question', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const order = { ...NAMED, orderId: '404' };
  expect(await refusal('/api/v2/mix/order/cancel-order', order)).toBe('400 40768 Order does not exist');
  expect(await refusal('/api/v2/mix/order/cancel-order', NAMED)).toBe('400 40924 orderId and clientOid must have one');
  expect(await refusal('/api/v2/mix/order/detail', order, 'GET')).toBe(
    '400 40109 The data of the order cannot be found, please confirm the order number',
  );
  expect(await refusal('/api/v2/mix/order/cancel-all-orders', NAMED)).toBe('400 22001 No order to cancel');
});

test('what cannot be modified is refused and stays as it is', async () => {
  venue = await startVenue('bitget-usdt-futures');
  await place({ clientOid: 'rests' });
  const modify = (fields: object) =>
    refusal('/api/v2/mix/order/modify-order', { ...NAMED, clientOid: 'rests', ...fields });
  const both = { newSize: '0.02', newPrice: '57000' };
  expect(await modify({ newSize: '0.02' })).toBe('400 40925 price or size must be passed in together');
  expect(await modify(both)).toBe('400 22003 modify price and size, please pass in newClientOid');
  expect(await modify({ ...both, newClientOid: 'rests' })).toBe('400 40786 Duplicate clientOid');
  expect(await modify({ newSize: '0.01', newPrice: '58000', newClientOid: 'b' })).toBe(
    '400 40923 Order size and price have not changed',
  );
  expect(await modify({ ...both, clientOid: 'nobody', newClientOid: 'b' })).toBe('400 40768 Order does not exist');
  expect(venue.core.openOrders('main').map(({ clientOrderId }) => clientOrderId)).toEqual(['rests']);
  expect(await modify({ ...both, newClientOid: 'moved' })).toBe('accepted');
  expect(venue.core.openOrders('main')).toMatchObject([{ clientOrderId: 'moved', quantity: '0.02', price: '57000' }]);
});

test('leverage above the contract is refused', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const set = (leverage: unknown) =>
    refusal('/api/v2/mix/account/set-leverage', { ...NAMED, marginCoin: 'USDT', leverage });
  expect(await set('151')).toBe('400 40797 Exceeded the maximum settable leverage');
  expect(await set(10)).toBe('accepted');
  expect(venue.core.leverage('main', 'BTCUSDT')).toBe(10);
});

test('an account has a budget for each path, which refused calls use up too', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const order = { ...FUTURES_ORDER, size: '0' };
  const answers = [];
  for (let call = 0; call < 11; call++) answers.push(await venue.call('POST', '/api/v2/mix/order/place-order', order));
  expect(answers.map(({ headers }) => headers.get('x-mbx-used-remain-limit'))).toEqual([
    '9',
    '8',
    '7',
    '6',
    '5',
    '4',
    '3',
    '2',
    '1',
    '0',
    '0',
  ]);
  expect(answers[9]?.status).toBe(400);
  expect(answers[10]).toMatchObject({ status: 429, body: { code: '429', msg: 'Too Many Requests' } });
  const other = await venue.call('GET', '/api/v2/mix/order/orders-pending', { productType: 'USDT-FUTURES' });
  expect(other.status).toBe(200);
  venue.clock.advance(1_000);
  expect(await place({})).toBe('accepted');
});

test('scripted faults change the answer alone', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const path = '/api/v2/mix/order/place-order';
  await venue.control('POST', '/faults', { kind: 'fail_after_accept', path });
  expect(await place({ clientOid: 'lost' })).toBe('503 40725 service return an error');
  expect(venue.core.openOrders('main')).toMatchObject([{ clientOrderId: 'lost' }]);
  await venue.control('POST', '/faults', { kind: 'refuse', path, status: 502, body: {} });
  expect((await venue.call('POST', path, FUTURES_ORDER)).status).toBe(502);
  await venue.control('POST', '/faults', { kind: 'timeout_after_accept', path, holdMs: 5_000 });
  const held = place({ clientOid: 'held' });
  await venue.get('/api/v2/public/time');
  venue.clock.advance(5_000);
  expect(await held).toBe('504 40910 Operation timed out');
  expect(venue.core.openOrders('main')).toHaveLength(2);
  const calls = Object(await (await venue.control('GET', '/truth/calls')).json()).items;
  expect(calls.at(-2)).toMatchObject({ path: '/api/v2/public/time', status: 200 });
  expect(calls.at(-1)).toMatchObject({ account: 'main', path, clientOrderId: 'held', status: 504, code: '40910' });
});
