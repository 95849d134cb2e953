import { expect, test } from 'bun:test';
import { USDM_WORDING } from './errors.ts';
import { createLimits } from './limits.ts';

const MINUTE_START_MS = 1_700_000_040_000;
const options = {
  weightPerMinute: 10,
  orders: {
    short: { interval: 'SECOND', intervalNum: 10, limit: 3 },
    long: { interval: 'MINUTE', intervalNum: 1, limit: 4 },
  },
  graceRequests: 2,
} as const;

test('weight counts within a wall-clock minute and starts again in the next', () => {
  const limits = createLimits(options, USDM_WORDING);
  expect(limits.spend('ip', 6, MINUTE_START_MS)).toBeUndefined();
  expect(limits.spend('ip', 4, MINUTE_START_MS + 59_999)).toBeUndefined();
  expect(limits.usedWeight('ip', MINUTE_START_MS + 59_999)).toBe(10);
  expect(limits.usedWeight('ip', MINUTE_START_MS + 60_000)).toBe(0);
});

test('above the limit the answer is 429 with the seconds left in the minute', () => {
  const limits = createLimits(options, USDM_WORDING);
  limits.spend('ip', 10, MINUTE_START_MS);
  expect(limits.spend('ip', 1, MINUTE_START_MS + 18_500)).toMatchObject({
    status: 429,
    code: -1003,
    retryAfterSeconds: 42,
  });
  expect(limits.spend('other', 1, MINUTE_START_MS + 18_500)).toBeUndefined();
});

test('whoever goes on is banned for two minutes, then for four', () => {
  const limits = createLimits(options, USDM_WORDING);
  limits.spend('ip', 11, MINUTE_START_MS);
  limits.spend('ip', 1, MINUTE_START_MS);
  expect(limits.spend('ip', 1, MINUTE_START_MS)).toMatchObject({ status: 418, code: -1003, retryAfterSeconds: 120 });
  expect(limits.spend('ip', 1, MINUTE_START_MS + 119_999)).toMatchObject({ status: 418 });
  expect(limits.spend('ip', 1, MINUTE_START_MS + 120_000)).toBeUndefined();
  for (let again = 0; again < 3; again++) limits.spend('ip', 11, MINUTE_START_MS + 180_000);
  expect(limits.spend('ip', 1, MINUTE_START_MS + 180_000)).toMatchObject({ status: 418, retryAfterSeconds: 240 });
});

test('orders count per account in ten seconds and in a minute', () => {
  const limits = createLimits(options, USDM_WORDING);
  const one = { short: 1, long: 1 };
  for (let order = 0; order < 3; order++) expect(limits.countOrders('a', one, MINUTE_START_MS)).toBeUndefined();
  expect(limits.orderCounts('a', MINUTE_START_MS)).toEqual({ short: 3, long: 3 });
  expect(limits.countOrders('a', one, MINUTE_START_MS)).toMatchObject({ status: 429, code: -1015 });
  expect(limits.countOrders('a', one, MINUTE_START_MS + 10_000)).toMatchObject({
    msg: 'Too many new orders; current limit is 4 orders per 1 MINUTE.',
  });
  expect(limits.countOrders('b', one, MINUTE_START_MS)).toBeUndefined();
});
