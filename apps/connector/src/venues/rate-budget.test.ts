import { expect, test } from 'bun:test';
import { rateBudget } from './rate-budget.ts';

const BUDGETS = [
  { name: 'weight_1m', kind: 'requests', limit: 100, windowMs: 60_000 },
  { name: 'orders_10s', kind: 'orders', limit: 10, windowMs: 10_000 },
] as const;

function budgets() {
  const time = { us: 0 };
  return { time, budget: rateBudget(BUDGETS, () => time.us) };
}

test('queries leave a share for orders, and orders leave one for cancels', () => {
  const { budget } = budgets();
  expect(budget.take({ requests: 75 }, 'query')).toBeUndefined();
  expect(budget.take({ requests: 1 }, 'query')).toContain('weight_1m');
  expect(budget.take({ requests: 15, orders: 1 }, 'order')).toBeUndefined();
  expect(budget.take({ requests: 1, orders: 1 }, 'order')).toContain('weight_1m');
  expect(budget.take({ requests: 10 }, 'cancel')).toBeUndefined();
  expect(budget.take({ requests: 1 }, 'cancel')).toContain('weight_1m');
});

test('what costs nothing passes a spent budget, but not a ban', () => {
  const { budget } = budgets();
  budget.observe('weight_1m', 100);
  expect(budget.take({ requests: 0, orders: 1 }, 'order')).toBeUndefined();
  budget.block('requests', 1_000);
  expect(budget.take({ requests: 0, orders: 1 }, 'order')).toContain('refuses requests');
});

test('a new window of the venue starts from zero', () => {
  const { budget, time } = budgets();
  for (let order = 0; order < 9; order++) expect(budget.take({ orders: 1 }, 'order')).toBeUndefined();
  expect(budget.take({ orders: 1 }, 'order')).toBe('budget orders_10s is spent');
  time.us = 10_000_000;
  expect(budget.take({ orders: 1 }, 'order')).toBeUndefined();
});

test('the venue\u2019s count only raises ours: requests in flight are in ours and not yet in its', () => {
  const { budget } = budgets();
  budget.take({ requests: 20 }, 'query');
  budget.observe('weight_1m', 5);
  expect(budget.messages()[0]?.used).toBe(20);
  budget.observe('weight_1m', 60);
  expect(budget.messages()[0]?.used).toBe(60);
});

test('in a ban nothing of its kind leaves, not even cancels, until it ends', () => {
  const { budget, time } = budgets();
  budget.block('requests', 2_000);
  expect(budget.take({ requests: 1 }, 'cancel')).toBe('the venue refuses requests for a while');
  expect(budget.messages()[0]?.blockedUntilUs).toBe(2_000_000);
  time.us = 2_000_000;
  expect(budget.take({ requests: 1 }, 'cancel')).toBeUndefined();
  expect(budget.messages()[0]?.blockedUntilUs).toBeUndefined();
});

test('an order limit stops orders and lets cancels pass', () => {
  const { budget } = budgets();
  budget.block('orders', 2_000);
  expect(budget.take({ orders: 1 }, 'order')).toBe('the venue refuses orders for a while');
  expect(budget.take({ requests: 1 }, 'cancel')).toBeUndefined();
});

test('what never left is given back', () => {
  const { budget } = budgets();
  budget.take({ requests: 75 }, 'query');
  budget.refund({ requests: 75 });
  expect(budget.take({ requests: 75 }, 'query')).toBeUndefined();
});
