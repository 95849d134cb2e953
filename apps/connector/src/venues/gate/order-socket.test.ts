/** Frames of the WebSocket API as the venue documents them. */
import { expect, test } from 'bun:test';
import { Secret } from '@trunkline/kit/secret';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { venueClock } from '../venue-clock.ts';
import { FUTURES, type MarketKind, SPOT } from './market-kind.ts';
import { gateOrderSocket } from './order-socket.ts';

const socket = (kind: MarketKind) =>
  gateOrderSocket({
    kind,
    apiKey: new Secret('key'),
    secret: new Secret('secret'),
    venueClock: venueClock(new VirtualClock({ startUs: 1_681_986_203_000_000 })),
    requestExpiryMs: 3_000,
  });

test('a login is signed over its channel, its empty parameters and its second', () => {
  const signature = new Bun.CryptoHasher('sha512', 'secret').update('api\nfutures.login\n{}\n1681986203').digest('hex');
  expect(socket(FUTURES).login?.('1')).toEqual({
    time: 1681986203,
    channel: 'futures.login',
    event: 'api',
    payload: { req_id: '1', timestamp: '1681986203', api_key: 'key', signature, req_param: {} },
  });
});

test('an order carries its expiry, and no signature of its own', () => {
  expect(socket(SPOT).request('order_place', { text: 't-a' })('7')).toEqual({
    time: 1681986203,
    channel: 'spot.order_place',
    event: 'api',
    payload: { req_id: '7', req_param: { text: 't-a' }, req_header: { 'x-gate-exptime': '1681986206000' } },
  });
});

const HEADER = {
  response_time: '1681986204784',
  status: '200',
  channel: 'futures.order_place',
  event: 'api',
  x_gate_ratelimit_requests_remain: 97,
  x_gate_ratelimit_limit: 100,
};

test('an acknowledgement is no answer; the answer has its result, a refusal its label', () => {
  const { read } = socket(FUTURES);
  const result = { id: 1, text: 't-a' };
  expect(read({ request_id: '7', ack: true, header: HEADER, data: { result } })).toBeUndefined();
  expect(read({ request_id: '7', ack: false, header: HEADER, data: { result } })).toEqual({
    id: '7',
    status: 200,
    body: result,
    usage: [['place', 3]],
  });
  const errs = { label: 'AUTHENTICATION_FAILED', message: 'Not login' };
  expect(read({ request_id: '7', header: { ...HEADER, status: '401' }, data: { errs } })).toMatchObject({
    status: 401,
    body: errs,
  });
  expect(read({ channel: 'futures.pong', event: '' })).toBeUndefined();
});

test('a used-up limit is told by leaving out the remainder; spot counts by pair and tells none', () => {
  const { x_gate_ratelimit_requests_remain: _, ...spent } = HEADER;
  const message = { request_id: '7', header: spent, data: { result: {} } };
  expect(socket(FUTURES).read(message)?.usage).toEqual([['place', 100]]);
  expect(socket(SPOT).read(message)?.usage).toEqual([]);
});

test('a service upgrade is a socket that leaves', () => {
  const notice = { type: 'service_upgrade', msg: 'The connection will soon be closed for a service upgrade.' };
  expect(socket(FUTURES).isLeaving?.(notice)).toBe(true);
  expect(socket(FUTURES).isLeaving?.({ channel: 'futures.pong' })).toBe(false);
});
