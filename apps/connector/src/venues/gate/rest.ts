/**
 * Gate's REST protocol as data: what calls cost, how it reports what was used, how an error looks.
 *
 * Limits (APIv4 documents, "rate limit rules"): every endpoint is counted by itself, public ones per address, private ones
 * per user, 200 in 10 s; placing and amending 100 a second for futures, each order of a batch for itself, and 10 a second
 * and market for spot; cancels 200 a second. So a call has one budget, named by its endpoint, and a 429 closes that one.
 */
import { isRecord } from '@trunkline/kit/record';
import type { RestProtocol } from '../caller.ts';
import { optionalText } from '../fields.ts';
import type { Budget, Cost } from '../rate-budget.ts';
import { GATE_ERRORS } from './errors.ts';
import type { MarketKind } from './market-kind.ts';

const ENDPOINTS = [
  'time',
  'instruments',
  'order_book',
  'candles',
  'account_detail',
  'main_keys',
  'unified_mode',
  'accounts',
  'account_book',
  'fee',
  'positions',
  'position',
  'leverage',
  'cross_mode',
  'dual_mode',
  'order',
  'orders',
  'trades',
  'countdown',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

const SECOND_MS = 1_000;
const ENDPOINT_WINDOW_MS = 10_000;
const ENDPOINT_LIMIT = 200;
const CANCELS = 200;
const FUTURES_ORDERS = 100;
const SPOT_ORDERS = 10;

export const CANCEL: Cost = { requests: 0, cancel: 1 };

export function costOf(endpoint: Endpoint): Cost {
  return { requests: 0, [endpoint]: 1 };
}

export function placeCost({ market }: MarketKind, venueSymbol: string, orders: number): Cost {
  return market === 'spot' ? { requests: 0, [spotOrders(venueSymbol)]: 1 } : { requests: 0, place: orders };
}

/** `venueSymbols` are known once the instruments are loaded. */
export function gateBudgets({ market }: MarketKind, venueSymbols: readonly string[]): Budget[] {
  const placing =
    market === 'spot'
      ? venueSymbols.map((symbol) => budget(spotOrders(symbol), SPOT_ORDERS, SECOND_MS))
      : [budget('place', FUTURES_ORDERS, SECOND_MS)];
  const endpoints = ENDPOINTS.map((endpoint) => budget(endpoint, ENDPOINT_LIMIT, ENDPOINT_WINDOW_MS));
  return [...placing, budget('cancel', CANCELS, SECOND_MS), ...endpoints];
}

export function gateRest(requestExpiryMs: number): RestProtocol {
  return {
    errors: GATE_ERRORS,
    requestExpiryMs,
    defaultBackoffMs: ENDPOINT_WINDOW_MS,
    usageOf,
    limitedBy(cost) {
      const kind = countedBy(cost);
      return kind === undefined ? undefined : { kind, forMs: isEndpoint(kind) ? ENDPOINT_WINDOW_MS : SECOND_MS };
    },
    errorOf,
  };
}

/**
 * `{"label":"ORDER_NOT_FOUND","message":"Order not found"}`, futures say `detail`. Entries of a batch carry `succeeded`
 * and, when that is true, an empty label; those of a futures batch cancel may have their label in `message` alone.
 */
export function errorOf(body: unknown): { code: string; message: string } | undefined {
  if (!isRecord(body)) return undefined;
  const label = optionalText(body, 'label') ?? '';
  const message = optionalText(body, 'message') ?? optionalText(body, 'detail') ?? '';
  if (body['succeeded'] === false) return { code: label === '' ? message : label, message };
  return label === '' ? undefined : { code: label, message };
}

/** `X-Gate-RateLimit-Limit: 100`, `X-Gate-RateLimit-Requests-Remain: 97`, of the endpoint that was called. */
function usageOf(headers: Headers, cost: Cost): [name: string, used: number][] {
  const kind = countedBy(cost);
  const limit = headers.get('x-gate-ratelimit-limit');
  const left = headers.get('x-gate-ratelimit-requests-remain');
  if (kind === undefined || limit === null || left === null) return [];
  if (!COUNT.test(limit) || !COUNT.test(left)) return [];
  return [[kind, Math.max(0, Number(limit) - Number(left))]];
}

const COUNT = /^\d{1,9}$/;
const ENDPOINT_NAMES: ReadonlySet<string> = new Set(ENDPOINTS);

function isEndpoint(kind: string): boolean {
  return ENDPOINT_NAMES.has(kind);
}

function countedBy(cost: Cost): string | undefined {
  return Object.keys(cost).find((kind) => (cost[kind] ?? 0) > 0);
}

function spotOrders(venueSymbol: string): string {
  return `place_${venueSymbol}`;
}

function budget(name: string, limit: number, windowMs: number): Budget {
  return { name, kind: name, limit, windowMs };
}
