import { expect, test } from 'bun:test';
import { createLimits, FUTURES_ALLOWANCES, SPOT_ALLOWANCES } from './limits.ts';

const SECOND_MS = 1_000;
const AT = 1_700_000_000_000;

test('spot placing has a budget a second for each user and pair, which the next second renews', () => {
  const limits = createLimits(SPOT_ALLOWANCES);
  const place = (symbol: string, nowMs: number) => limits.spend('place', '1', { route: 'POST /x', symbol }, nowMs);
  for (let request = 1; request <= 10; request++) expect(place('BTC_USDT', AT).remaining).toBe(10 - request);
  expect(place('BTC_USDT', AT)).toEqual({ over: true, remaining: 0, limit: 10, resetMs: AT + SECOND_MS });
  expect(place('ETH_USDT', AT).over).toBe(false);
  expect(place('BTC_USDT', AT + SECOND_MS)).toEqual({ over: false, remaining: 9, limit: 10, resetMs: AT + SECOND_MS });
});

test('futures placing has one budget for all contracts, cancels another', () => {
  const limits = createLimits(FUTURES_ALLOWANCES);
  const spend = (budget: 'place' | 'cancel', route: string) => limits.spend(budget, '1', { route, symbol: route }, AT);
  for (let request = 0; request < 100; request++) expect(spend('place', `r${request}`).over).toBe(false);
  expect(spend('place', 'r0').over).toBe(true);
  expect(spend('cancel', 'r0')).toMatchObject({ over: false, limit: 200 });
});

test('everything else is counted for each endpoint and caller', () => {
  const limits = createLimits(FUTURES_ALLOWANCES);
  const spend = (who: string, route: string) => limits.spend('public', who, { route, symbol: '' }, AT);
  for (let request = 0; request < 200; request++) spend('ip', 'GET /a');
  expect(spend('ip', 'GET /a').over).toBe(true);
  expect(spend('ip', 'GET /b').over).toBe(false);
  expect(spend('other', 'GET /a').over).toBe(false);
});
