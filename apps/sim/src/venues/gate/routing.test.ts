import { expect, test } from 'bun:test';
import { answer } from './call.ts';
import { createRouter } from './routing.ts';

const router = createRouter([
  { method: 'GET', path: '/futures/usdt/orders/{order_id}', access: 'public', handle: () => answer(1) },
  { method: 'GET', path: '/futures/usdt/orders', access: 'public', handle: () => answer(2) },
]);

test('a segment in braces takes whatever stands there', () => {
  expect(router('GET', '/api/v4/futures/usdt/orders/t-1.2')).toMatchObject({
    kind: 'found',
    path: { order_id: 't-1.2' },
  });
});

test('the settlement currency is taken in either case, an order id as it is', () => {
  expect(router('GET', '/api/v4/futures/USDT/orders/T-x')).toMatchObject({ kind: 'found', path: { order_id: 'T-x' } });
});

test('another method, another path and another root are not found', () => {
  expect(router('POST', '/api/v4/futures/usdt/orders')).toEqual({ kind: 'wrong_method' });
  expect(router('GET', '/api/v4/futures/usdt/orders/1/2')).toEqual({ kind: 'unknown' });
  expect(router('GET', '/futures/usdt/orders')).toEqual({ kind: 'unknown' });
});
