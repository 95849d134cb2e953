import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  answerTo,
  apiFrame,
  FUTURES_ORDER,
  loginFrame,
  startVenue,
  type TestSocket,
  type TestVenue,
  UID,
} from './test-client.ts';

let venue: TestVenue;
let socket: TestSocket;

const nowS = () => Math.floor(venue.clock.wallUs() / 1_000_000);
const ask = (channel: string, id: string, parameters: unknown, headers?: Readonly<Record<string, unknown>>) =>
  socket.send(apiFrame(`futures.${channel}`, nowS(), id, parameters, headers));
const answer = async (id: string) => (await socket.take(1, answerTo(id)))[0];

beforeEach(async () => {
  venue = await startVenue('gate-usdt-futures');
  socket = await venue.open();
});

afterEach(() => venue.close());

async function logIn() {
  socket.send(loginFrame('futures.login', nowS()));
  await socket.take(1);
}

test('a connection must log in before it trades, with a fresh signature of its own', async () => {
  ask('order_place', 'early', FUTURES_ORDER);
  expect(await answer('early')).toMatchObject({
    header: { status: '401', channel: 'futures.order_place', event: 'api' },
    data: { errs: { label: 'AUTHENTICATION_FAILED', message: 'Not login' } },
  });
  socket.send(loginFrame('futures.login', nowS(), 'wrong'));
  socket.send(loginFrame('futures.login', nowS() - 61));
  expect(await socket.take(2, answerTo('login'))).toMatchObject([
    { data: { errs: { label: 'INVALID_SIGNATURE' } } },
    { data: { errs: { label: 'REQUEST_EXPIRED' } } },
  ]);
  socket.send(loginFrame('futures.login', nowS()));
  expect((await socket.take(3, answerTo('login')))[2]).toMatchObject({
    request_id: 'login',
    header: { status: '200', channel: 'futures.login' },
    data: { result: { api_key: 'test-key', uid: UID } },
  });
});

test('placing is acknowledged with the request, then answered with the order', async () => {
  await logIn();
  ask('order_place', 'p1', { ...FUTURES_ORDER, text: 't-ws' });
  const [acknowledged, answered] = await socket.take(2, ({ request_id }) => request_id === 'p1');
  expect(acknowledged).toMatchObject({
    ack: true,
    header: { status: '200' },
    data: { result: { req_id: 'p1', req_param: { ...FUTURES_ORDER, text: 't-ws' } } },
  });
  expect(answered?.['ack']).toBeUndefined();
  expect(answered).toMatchObject({
    header: { status: '200', x_gate_ratelimit_limit: 100 },
    data: { result: { text: 't-ws', status: 'open', left: 10 } },
  });
});

test('every operation works on the same orders as REST', async () => {
  await logIn();
  ask('order_batch_place', 'b', [
    { ...FUTURES_ORDER, text: 't-1' },
    { ...FUTURES_ORDER, text: 't-2' },
    { ...FUTURES_ORDER, text: 'bad' },
  ]);
  expect(await answer('b')).toMatchObject({
    data: { result: [{ succeeded: true }, { succeeded: true }, { succeeded: false, label: 'INVALID_PARAM_VALUE' }] },
  });
  ask('order_status', 's', { order_id: 't-1' });
  const order_id = String(Object(Object((await answer('s'))?.['data']).result).id);
  ask('order_amend', 'a', { order_id, size: 20 });
  expect(await answer('a')).toMatchObject({ data: { result: { size: 20 } } });
  ask('order_list', 'l', { contract: 'BTC_USDT', status: 'open' });
  expect(Object((await answer('l'))?.['data']).result).toHaveLength(2);
  ask('order_cancel', 'c', { order_id });
  expect(await answer('c')).toMatchObject({ data: { result: { finish_as: 'cancelled' } } });
  ask('order_cancel', 'c2', { order_id });
  expect(await answer('c2')).toMatchObject({ header: { status: '400' }, data: { errs: { label: 'ORDER_FINISHED' } } });
  ask('order_cancel_ids', 'i', [order_id, '99']);
  expect(await answer('i')).toMatchObject({ data: { result: [{ succeeded: false }, { message: 'ORDER_NOT_FOUND' }] } });
  ask('order_cancel_cp', 'all', { contract: 'BTC_USDT' });
  expect(await answer('all')).toMatchObject({ data: { result: [{ text: 't-2' }] } });
  expect(venue.core.openOrders('main')).toEqual([]);
});

test('a request that comes after its x-gate-exptime is refused', async () => {
  await logIn();
  const nowMs = Math.floor(venue.clock.wallUs() / 1_000);
  ask('order_place', 'late', FUTURES_ORDER, { 'x-gate-exptime': String(nowMs - 1) });
  expect(await answer('late')).toMatchObject({
    header: { status: '403' },
    data: { errs: { label: 'REQUEST_EXPIRED' } },
  });
  expect(venue.core.openOrders('main')).toEqual([]);
});

test('an operation that the venue does not have is not found', async () => {
  await logIn();
  ask('order_shout', 'x', {});
  expect(await answer('x')).toMatchObject({ header: { status: '404' }, data: { errs: { label: 'NOT_FOUND' } } });
});

test('a held answer does not hold the requests after it', async () => {
  await logIn();
  const path = '/api/v4/futures/usdt/orders';
  await venue.control('POST', '/faults', { kind: 'delay', path, delayMs: 1_000, when: 'after' });
  ask('order_place', 'slow', { ...FUTURES_ORDER, text: 't-slow' });
  ask('order_status', 'fast', { order_id: 't-slow' });
  expect(await answer('fast')).toMatchObject({ data: { result: { status: 'open' } } });
  expect(socket.frames.some(answerTo('slow'))).toBe(false);
  venue.clock.advance(1_000);
  expect(await answer('slow')).toMatchObject({ header: { status: '200' } });
});
