/**
 * The venue's rate limits, spent here before they are spent there.
 *
 * R1  Windows are the venue's: aligned to its clock, counted from zero in each. What the venue reports in its headers
 *     only ever raises our count within a window: requests in flight are in ours and not yet in its.
 * R2  Cancels may spend all of a budget, new orders and queries only a share of it (`SHARES`), so that a flood of
 *     either never keeps an order from being cancelled.
 * R3  After 429 or 418 nothing of that kind leaves until the time that the venue named. No exception for cancels: the
 *     next call in a ban makes the ban longer.
 */
import { RateBudget as RateBudgetMessage } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/**
 * What a venue counts apart: `requests` everywhere (all calls, per IP or UID), `orders`, or a path with a limit of its
 * own such as "place_order". A call costs something in each kind that counts it.
 */
export type BudgetKind = string;
export type Priority = 'cancel' | 'order' | 'query';

export interface Budget {
  /** e.g. "weight_1m", "orders_10s". */
  readonly name: string;
  readonly kind: BudgetKind;
  readonly limit: number;
  readonly windowMs: number;
}

/** What one call costs in every budget of a kind. */
export type Cost = Readonly<Record<BudgetKind, number>>;

const SHARES: Readonly<Record<Priority, number>> = { cancel: 1, order: 0.9, query: 0.75 };

interface Spent {
  readonly budget: Budget;
  window: number;
  used: number;
}

export interface RateBudget {
  /** Replaces the budgets by what the venue says they are. What was used is kept by name. */
  configure(budgets: readonly Budget[]): void;
  /** Undefined when the call may go; its cost is then spent. Otherwise why not. */
  take(cost: Cost, priority: Priority): string | undefined;
  /** Gives back what a call took that never left. */
  refund(cost: Cost): void;
  /** The venue's own count for the budget of that name. */
  observe(name: string, used: number): void;
  block(kind: BudgetKind, forMs: number): void;
  /** When every call is refused until, by the venue's clock; undefined while none is. */
  blockedUntilUs(kind: BudgetKind): number | undefined;
  messages(): RateBudgetMessage[];
}

/** `nowUs` is the venue's clock. */
export function rateBudget(initial: readonly Budget[], nowUs: () => number): RateBudget {
  let spent: Spent[] = [];
  const blocks = new Map<BudgetKind, number>();

  const windowOf = (budget: Budget) => Math.floor(nowUs() / (budget.windowMs * 1_000));
  const usedNow = (entry: Spent) => {
    const window = windowOf(entry.budget);
    if (window !== entry.window) {
      entry.window = window;
      entry.used = 0;
    }
    return entry.used;
  };
  const blockedUntilUs = (kind: BudgetKind) => {
    const untilUs = blocks.get(kind);
    if (untilUs === undefined) return undefined;
    if (untilUs > nowUs()) return untilUs;
    blocks.delete(kind);
    return undefined;
  };
  const configure = (budgets: readonly Budget[]) => {
    spent = budgets.map((budget) => ({
      budget,
      window: windowOf(budget),
      used: spent.find((entry) => entry.budget.name === budget.name)?.used ?? 0,
    }));
  };
  configure(initial);

  return {
    configure,
    take(cost, priority) {
      const blocked = Object.keys(cost).find((kind) => blockedUntilUs(kind) !== undefined);
      if (blocked !== undefined) return `the venue refuses ${blocked} for a while`;
      for (const entry of spent) {
        const { kind, limit, name } = entry.budget;
        const amount = cost[kind] ?? 0;
        // What costs nothing passes a spent budget.
        if (amount > 0 && usedNow(entry) + amount > Math.floor(limit * SHARES[priority]))
          return `budget ${name} is spent`;
      }
      for (const entry of spent) entry.used += cost[entry.budget.kind] ?? 0;
      return undefined;
    },
    refund(cost) {
      for (const entry of spent) entry.used = Math.max(0, usedNow(entry) - (cost[entry.budget.kind] ?? 0));
    },
    observe(name, used) {
      const entry = spent.find((candidate) => candidate.budget.name === name);
      if (entry !== undefined) entry.used = Math.max(usedNow(entry), used);
    },
    block(kind, forMs) {
      const untilUs = nowUs() + forMs * 1_000;
      blocks.set(kind, Math.max(untilUs, blocks.get(kind) ?? 0));
    },
    blockedUntilUs,
    messages() {
      return spent.map((entry) => {
        const blockedUs = blockedUntilUs(entry.budget.kind);
        return RateBudgetMessage.fromPartial({
          name: entry.budget.name,
          limit: entry.budget.limit,
          used: usedNow(entry),
          windowMs: entry.budget.windowMs,
          ...(blockedUs === undefined ? {} : { blockedUntilUs: Math.round(blockedUs) }),
        });
      });
    },
  };
}
