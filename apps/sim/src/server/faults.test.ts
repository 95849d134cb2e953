import { expect, test } from 'bun:test';
import { createRequestFaults, faultSchema, isRequestFault } from './faults.ts';

function requestFault(fault: unknown) {
  const parsed = faultSchema.parse(fault);
  if (!isRequestFault(parsed)) throw new Error('not a request fault');
  return parsed;
}

const order = { account: 'main', method: 'POST', path: '/fapi/v1/order' };

test('a fault fires for as many matching requests as it was asked for', () => {
  const faults = createRequestFaults();
  faults.add(requestFault({ kind: 'timeout_after_accept', path: '/fapi/v1/order', count: 2 }));
  expect(faults.take({ ...order, path: '/fapi/v1/time' })).toBeUndefined();
  expect(faults.take(order)).toMatchObject({ kind: 'timeout_after_accept', holdMs: 60_000 });
  expect(faults.waiting()).toBe(1);
  expect(faults.take(order)).toMatchObject({ kind: 'timeout_after_accept' });
  expect(faults.take(order)).toBeUndefined();
  expect(faults.waiting()).toBe(0);
});

test('all that a fault names must match, and the oldest match is taken', () => {
  const faults = createRequestFaults();
  faults.add(requestFault({ kind: 'delay', delayMs: 1, account: 'other' }));
  faults.add(requestFault({ kind: 'delay', delayMs: 2, method: 'POST' }));
  faults.add(requestFault({ kind: 'delay', delayMs: 3 }));
  expect(faults.take(order)).toMatchObject({ delayMs: 2 });
  expect(faults.take(order)).toMatchObject({ delayMs: 3 });
  expect(faults.take({ ...order, account: 'other' })).toMatchObject({ delayMs: 1 });
});

test('a fault of unknown kind, with an unknown key or an impossible value is no fault', () => {
  for (const fault of [
    { kind: 'explode' },
    { kind: 'drop_book_delta', symbol: 'BTCUSDT', nth: 0 },
    { kind: 'drop_book_delta', symbol: 'BTCUSDT', colour: 'red' },
    { kind: 'refuse', status: 200, body: {} },
    { kind: 'delay', delayMs: -1 },
  ]) {
    expect(faultSchema.safeParse(fault).success).toBe(false);
  }
});
