/**
 * Binance's REST protocol as data: what calls cost, how it reports what was used, how an error looks.
 *
 * Weights: developers.binance.com, USD-M, "Request Weight" of each endpoint. Orders count in the order budgets;
 * cancels and amends do not.
 */
import { isRecord } from '@trunkline/kit/record';
import type { RestProtocol } from '../caller.ts';
import type { ErrorTable } from '../error-table.ts';
import { optionalText } from '../fields.ts';
import type { Budget, Cost } from '../rate-budget.ts';

const weight = (requests: number): Cost => ({ requests });

export const COSTS = {
  place: { requests: 0, orders: 1 },
  amend: { requests: 1, orders: 1 },
  cancel: weight(1),
  cancelBatch: weight(1),
  exchangeInfo: weight(1),
  time: weight(1),
  listenKey: weight(1),
  order: weight(1),
  openOrders: weight(1),
  allOrders: weight(5),
  userTrades: weight(5),
  account: weight(5),
  positions: weight(5),
  positionMode: weight(30),
  commissionRate: weight(20),
  depth: weight(20),
  klines: weight(10),
  premiumIndex: weight(1),
  income: weight(30),
  symbolConfig: weight(5),
  openInterest: weight(1),
  setting: weight(1),
  countdown: weight(10),
  /** Counted by the spot API's IP budget, which this connector does not use otherwise. */
  apiRestrictions: weight(1),
} as const satisfies Record<string, Cost>;

/** Spot's weights (developers.binance.com, spot); those of orders and trades are in `order-source.ts`. */
export const SPOT_COSTS = {
  place: { requests: 1, orders: 1 },
  cancel: weight(1),
  exchangeInfo: weight(20),
  time: weight(1),
  account: weight(20),
  commission: weight(20),
  depth: weight(50),
} as const satisfies Record<string, Cost>;

export function placeBatchCost(orders: number): Cost {
  return { requests: 5, orders };
}

/** Until exchangeInfo says it: the limits of an ordinary account. */
export const USUAL_BUDGETS: readonly Budget[] = [
  { name: 'weight_1m', kind: 'requests', limit: 2_400, windowMs: 60_000 },
  { name: 'orders_10s', kind: 'orders', limit: 300, windowMs: 10_000 },
  { name: 'orders_1m', kind: 'orders', limit: 1_200, windowMs: 60_000 },
];

export const USUAL_SPOT_BUDGETS: readonly Budget[] = [
  { name: 'weight_1m', kind: 'requests', limit: 6_000, windowMs: 60_000 },
  { name: 'orders_10s', kind: 'orders', limit: 100, windowMs: 10_000 },
  { name: 'orders_1d', kind: 'orders', limit: 200_000, windowMs: 86_400_000 },
];

export function binanceRest(requestExpiryMs: number, errors: ErrorTable): RestProtocol {
  return {
    errors,
    requestExpiryMs,
    defaultBackoffMs: 60_000,
    usageOf,
    errorOf,
  };
}

const USED = /^x-mbx-(used-weight|order-count)-(\d+[smhd])$/i;

/** `X-MBX-USED-WEIGHT-1M: 12`, `X-MBX-ORDER-COUNT-10S: 3`. */
function usageOf(headers: Headers): [name: string, used: number][] {
  const usage: [string, number][] = [];
  headers.forEach((value, key) => {
    const [, what, window] = USED.exec(key) ?? [];
    if (what === undefined || window === undefined || !/^\d{1,9}$/.test(value)) return;
    usage.push([
      `${what.toLowerCase() === 'used-weight' ? 'weight' : 'orders'}_${window.toLowerCase()}`,
      Number(value),
    ]);
  });
  return usage;
}

/** `{"code":-2019,"msg":"Margin is insufficient."}`; settings answer `{"code":200,"msg":"success"}`. */
export function errorOf(body: unknown): { code: string; message: string } | undefined {
  if (!isRecord(body) || !('msg' in body)) return undefined;
  const code = optionalText(body, 'code');
  if (code === undefined || !code.startsWith('-')) return undefined;
  return { code, message: optionalText(body, 'msg') ?? '' };
}
