/**
 * The venue's two budgets: request weight per IP and minute, and new orders per account in 10 seconds and a minute.
 *
 * L1  Windows are aligned to the wall clock, as Binance's are: the counter falls to zero when a new window begins.
 * L2  A refused request still counts. Above the weight limit it is 429 with the seconds left in the window.
 * L3  Whoever goes on after `graceRequests` refusals in one window is banned (418): 2 minutes, doubled with each ban
 *     up to 3 days. No request in a ban is looked at.
 */
import type { OrderCost } from './call.ts';
import { type Refused, refuse } from './errors.ts';

export interface LimitOptions {
  readonly weightPerMinute: number;
  readonly ordersPerTenSeconds: number;
  readonly ordersPerMinute: number;
  /** L3. */
  readonly graceRequests: number;
}

/** `rateLimits` of Binance's exchangeInfo for USD-M. */
export const USUAL_LIMITS: LimitOptions = {
  weightPerMinute: 2_400,
  ordersPerTenSeconds: 300,
  ordersPerMinute: 1_200,
  graceRequests: 20,
};

const TEN_SECONDS_MS = 10_000;
const MINUTE_MS = 60_000;
const FIRST_BAN_MS = 120_000;
const LONGEST_BAN_MS = 3 * 86_400_000;
/** Addresses and accounts that are remembered at most; the venue forgets the oldest first. */
const MAX_REMEMBERED = 10_000;

interface Window {
  startMs: number;
  used: number;
  refused: number;
}

interface Address {
  readonly weight: Window;
  bannedUntilMs: number;
  nextBanMs: number;
}

export interface OrderCounts {
  readonly tenSeconds: number;
  readonly minute: number;
}

export interface Limits {
  readonly options: LimitOptions;
  /** Counts the weight; a refusal where the budget is used up. */
  spend(ip: string, weight: number, nowMs: number): Refused | undefined;
  usedWeight(ip: string, nowMs: number): number;
  /** Counts new orders; a refusal (-1015) where a counter is above its limit. */
  countOrders(account: string, cost: OrderCost, nowMs: number): Refused | undefined;
  orderCounts(account: string, nowMs: number): OrderCounts;
}

export function createLimits(options: LimitOptions): Limits {
  const addresses = new Map<string, Address>();
  const accounts = new Map<string, { readonly tenSeconds: Window; readonly minute: Window }>();
  const address = (ip: string) =>
    remember(addresses, ip, () => ({ weight: emptyWindow(), bannedUntilMs: 0, nextBanMs: FIRST_BAN_MS }));
  const counters = (name: string) =>
    remember(accounts, name, () => ({ tenSeconds: emptyWindow(), minute: emptyWindow() }));

  return {
    options,
    spend(ip, weight, nowMs) {
      const known = address(ip);
      if (nowMs < known.bannedUntilMs) return banned(ip, known.bannedUntilMs, nowMs);
      const window = current(known.weight, MINUTE_MS, nowMs);
      window.used += weight;
      if (window.used <= options.weightPerMinute) return undefined;
      window.refused += 1;
      if (window.refused > options.graceRequests) {
        known.bannedUntilMs = nowMs + known.nextBanMs;
        known.nextBanMs = Math.min(known.nextBanMs * 2, LONGEST_BAN_MS);
        return banned(ip, known.bannedUntilMs, nowMs);
      }
      return {
        ...refuse('TOO_MANY_REQUESTS', ip, String(options.weightPerMinute)),
        retryAfterSeconds: Math.ceil((window.startMs + MINUTE_MS - nowMs) / 1_000),
      };
    },
    usedWeight: (ip, nowMs) => current(address(ip).weight, MINUTE_MS, nowMs).used,
    countOrders(name, cost, nowMs) {
      const known = counters(name);
      const tenSeconds = current(known.tenSeconds, TEN_SECONDS_MS, nowMs);
      const minute = current(known.minute, MINUTE_MS, nowMs);
      tenSeconds.used += cost.tenSeconds;
      minute.used += cost.minute;
      if (tenSeconds.used > options.ordersPerTenSeconds) {
        return tooManyOrders(options.ordersPerTenSeconds, '10 SECOND', tenSeconds.startMs + TEN_SECONDS_MS - nowMs);
      }
      if (minute.used > options.ordersPerMinute) {
        return tooManyOrders(options.ordersPerMinute, '1 MINUTE', minute.startMs + MINUTE_MS - nowMs);
      }
      return undefined;
    },
    orderCounts(name, nowMs) {
      const known = counters(name);
      return {
        tenSeconds: current(known.tenSeconds, TEN_SECONDS_MS, nowMs).used,
        minute: current(known.minute, MINUTE_MS, nowMs).used,
      };
    },
  };
}

function banned(ip: string, untilMs: number, nowMs: number): Refused {
  return { ...refuse('IP_BANNED', ip, String(untilMs)), retryAfterSeconds: Math.ceil((untilMs - nowMs) / 1_000) };
}

function tooManyOrders(limit: number, per: string, leftMs: number): Refused {
  return { ...refuse('TOO_MANY_ORDERS', String(limit), per), retryAfterSeconds: Math.ceil(leftMs / 1_000) };
}

function emptyWindow(): Window {
  return { startMs: 0, used: 0, refused: 0 };
}

/** The window that `nowMs` falls in, emptied when it is a new one (L1). */
function current(window: Window, lengthMs: number, nowMs: number): Window {
  const startMs = nowMs - (nowMs % lengthMs);
  if (window.startMs !== startMs) {
    window.startMs = startMs;
    window.used = 0;
    window.refused = 0;
  }
  return window;
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MAX_REMEMBERED) {
    const oldest = known.keys().next();
    if (!oldest.done) known.delete(oldest.value);
  }
  const made = make();
  known.set(key, made);
  return made;
}
