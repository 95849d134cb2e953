/**
 * The venue's two budgets: request weight per IP and minute, and new orders per account in a short and a long window.
 *
 * L1  Windows are aligned to the wall clock, as Binance's are: the counter falls to zero when a new window begins.
 * L2  A refused request still counts. Above the weight limit it is 429 with the seconds left in the window.
 * L3  Whoever goes on after `graceRequests` refusals in one window is banned (418): 2 minutes, doubled with each ban
 *     up to 3 days. No request in a ban is looked at.
 */
import { type CountWindow, countWindow, currentWindow, remember, windowLeftMs } from '../count-window.ts';
import type { OrderCost } from './call.ts';
import { type Refused, refuse, type Wording } from './errors.ts';

/** As `rateLimits` of exchangeInfo names it. */
export interface OrderWindow {
  readonly interval: 'SECOND' | 'MINUTE' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
}

export interface LimitOptions {
  readonly weightPerMinute: number;
  /** New orders of one account. */
  readonly orders: { readonly short: OrderWindow; readonly long: OrderWindow };
  /** L3. */
  readonly graceRequests: number;
}

const MINUTE_MS = 60_000;
const INTERVAL_MS = { SECOND: 1_000, MINUTE: MINUTE_MS, DAY: 86_400_000 } as const;
const INTERVAL_LETTERS = { SECOND: 'S', MINUTE: 'M', DAY: 'D' } as const;
const FIRST_BAN_MS = 120_000;
const LONGEST_BAN_MS = 3 * 86_400_000;

interface Address {
  readonly weight: CountWindow;
  bannedUntilMs: number;
  nextBanMs: number;
}

interface Counters {
  readonly short: CountWindow;
  readonly long: CountWindow;
}

/** What one account has used of its order windows. */
export interface OrderCounts {
  readonly short: number;
  readonly long: number;
}

export interface Limits {
  readonly options: LimitOptions;
  /** Counts the weight; a refusal where the budget is used up. */
  spend(ip: string, weight: number, nowMs: number): Refused | undefined;
  usedWeight(ip: string, nowMs: number): number;
  /** Counts new orders; a refusal (-1015) where a counter is above its limit. */
  countOrders(account: string, cost: OrderCost, nowMs: number): Refused | undefined;
  /** Takes one order off both counters: where the venue counts unfilled orders only. */
  uncountOrder(account: string, nowMs: number): void;
  orderCounts(account: string, nowMs: number): OrderCounts;
}

export function createLimits(options: LimitOptions, wording: Wording): Limits {
  const { short, long } = options.orders;
  const addresses = new Map<string, Address>();
  const banned = (ip: string, untilMs: number, nowMs: number): Refused => ({
    ...wording.banned(ip, untilMs),
    retryAfterSeconds: Math.ceil((untilMs - nowMs) / 1_000),
  });
  const accounts = new Map<string, Counters>();
  const address = (ip: string) =>
    remember(addresses, ip, () => ({ weight: countWindow(MINUTE_MS), bannedUntilMs: 0, nextBanMs: FIRST_BAN_MS }));
  const counters = (name: string) =>
    remember(accounts, name, () => ({ short: countWindow(lengthMs(short)), long: countWindow(lengthMs(long)) }));

  return {
    options,
    spend(ip, weight, nowMs) {
      const known = address(ip);
      if (nowMs < known.bannedUntilMs) return banned(ip, known.bannedUntilMs, nowMs);
      const window = currentWindow(known.weight, nowMs);
      window.used += weight;
      if (window.used <= options.weightPerMinute) return undefined;
      window.refused += 1;
      if (window.refused > options.graceRequests) {
        known.bannedUntilMs = nowMs + known.nextBanMs;
        known.nextBanMs = Math.min(known.nextBanMs * 2, LONGEST_BAN_MS);
        return banned(ip, known.bannedUntilMs, nowMs);
      }
      return {
        ...wording.tooMuchWeight(ip, options.weightPerMinute),
        retryAfterSeconds: Math.ceil(windowLeftMs(window, nowMs) / 1_000),
      };
    },
    usedWeight: (ip, nowMs) => currentWindow(address(ip).weight, nowMs).used,
    countOrders(name, cost, nowMs) {
      const known = counters(name);
      const shortUsed = currentWindow(known.short, nowMs);
      const longUsed = currentWindow(known.long, nowMs);
      shortUsed.used += cost.short;
      longUsed.used += cost.long;
      if (shortUsed.used > short.limit) return tooManyOrders(short, windowLeftMs(shortUsed, nowMs));
      if (longUsed.used > long.limit) return tooManyOrders(long, windowLeftMs(longUsed, nowMs));
      return undefined;
    },
    uncountOrder(name, nowMs) {
      const known = counters(name);
      for (const window of [currentWindow(known.short, nowMs), currentWindow(known.long, nowMs)]) {
        window.used = Math.max(0, window.used - 1);
      }
    },
    orderCounts(name, nowMs) {
      const known = counters(name);
      return { short: currentWindow(known.short, nowMs).used, long: currentWindow(known.long, nowMs).used };
    },
  };
}

/** `rateLimits` as exchangeInfo lists it. */
export function rateLimitRows({ weightPerMinute, orders }: LimitOptions) {
  return [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
    { rateLimitType: 'ORDERS', ...orders.short },
    { rateLimitType: 'ORDERS', ...orders.long },
  ];
}

/** `rateLimits` as the WebSocket API's answers carry it: with what was used, orders first and only where they count. */
export function usedLimitRows(options: LimitOptions, usedWeight: number, used: OrderCounts | undefined): object[] {
  const [weight, short, long] = rateLimitRows(options);
  const orders =
    used === undefined
      ? []
      : [
          { ...short, count: used.short },
          { ...long, count: used.long },
        ];
  return [...orders, { ...weight, count: usedWeight }];
}

/** `10S`, `1M`, `1D`: how the headers name a window. */
export function windowSuffix({ interval, intervalNum }: OrderWindow): string {
  return `${intervalNum}${INTERVAL_LETTERS[interval]}`;
}

function lengthMs({ interval, intervalNum }: OrderWindow): number {
  return intervalNum * INTERVAL_MS[interval];
}

function tooManyOrders({ limit, interval, intervalNum }: OrderWindow, leftMs: number): Refused {
  const refused = refuse('TOO_MANY_ORDERS', String(limit), `${intervalNum} ${interval}`);
  return { ...refused, retryAfterSeconds: Math.ceil(leftMs / 1_000) };
}
