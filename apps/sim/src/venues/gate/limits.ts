/**
 * The venue's budgets as data (APIv4, "rate limit rules"): requests in a window, counted per address or per user and,
 * where the documents say "per endpoint", for each route by itself.
 *
 * L1  Windows are aligned to the wall clock: the counter falls to zero when a new window begins.
 * L2  A refused request still counts; nobody is banned.
 */
import { type CountWindow, countWindow, currentWindow, remember, windowLeftMs } from '../count-window.ts';
import type { Budget } from './call.ts';

export interface Allowance {
  readonly requests: number;
  readonly windowMs: number;
  /** `route` counts each route by itself, `symbol` each market, `all` everything under this budget together. */
  readonly per: 'route' | 'symbol' | 'all';
}

export type Allowances = Readonly<Record<Budget, Allowance>>;

const ENDPOINT: Allowance = { requests: 200, windowMs: 10_000, per: 'route' };

/** Placing and amending in batches or singly, together; cancels singly or in lists, together; all else per endpoint. */
export const SPOT_ALLOWANCES: Allowances = {
  public: ENDPOINT,
  private: ENDPOINT,
  place: { requests: 10, windowMs: 1_000, per: 'symbol' },
  cancel: { requests: 200, windowMs: 1_000, per: 'all' },
};

export const FUTURES_ALLOWANCES: Allowances = {
  public: ENDPOINT,
  private: ENDPOINT,
  place: { requests: 100, windowMs: 1_000, per: 'all' },
  cancel: { requests: 200, windowMs: 1_000, per: 'all' },
};

/** What the answer's `X-Gate-RateLimit-*` headers say. */
export interface Spent {
  readonly over: boolean;
  readonly remaining: number;
  readonly limit: number;
  /** When the window ends if it is used up, else now. */
  readonly resetMs: number;
}

export interface Limits {
  /** `who` is an address or a user. */
  spend(budget: Budget, who: string, what: { readonly route: string; readonly symbol: string }, nowMs: number): Spent;
}

export function createLimits(allowances: Allowances): Limits {
  const windows = new Map<string, CountWindow>();
  return {
    spend(budget, who, what, nowMs) {
      const { requests, windowMs, per } = allowances[budget];
      const key = JSON.stringify([budget, who, per === 'all' ? '' : what[per]]);
      const window = currentWindow(
        remember(windows, key, () => countWindow(windowMs)),
        nowMs,
      );
      window.used += 1;
      const over = window.used > requests;
      return {
        over,
        remaining: Math.max(0, requests - window.used),
        limit: requests,
        resetMs: over ? nowMs + windowLeftMs(window, nowMs) : nowMs,
      };
    },
  };
}
