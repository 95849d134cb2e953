/** The fills of each account and symbol, oldest first; the newest `MAX_FILLS_KEPT` of them. */
import type { FillFilter } from './core-api.ts';
import { selectFrom } from './list-filter.ts';
import type { Fill } from './types.ts';

/** More than a day of a busy strategy. */
export const MAX_FILLS_KEPT = 200_000;

export interface FillStore {
  add(fill: Fill): void;
  list(accountId: string, symbol: string, filter: FillFilter): readonly Fill[];
  /** The newest of any account in the symbol. */
  last(symbol: string): Fill | undefined;
}

export function createFillStore(): FillStore {
  const scopes = new Map<string, Fill[]>();
  const lastBySymbol = new Map<string, Fill>();
  const keyOf = (accountId: string, symbol: string) => JSON.stringify([accountId, symbol]);
  return {
    add(fill) {
      const key = keyOf(fill.accountId, fill.symbol);
      const fills = scopes.get(key) ?? [];
      scopes.set(key, fills);
      fills.push(fill);
      // Forgotten in tenths, so that the array is not moved for every fill.
      if (fills.length > MAX_FILLS_KEPT * 1.1) fills.splice(0, fills.length - MAX_FILLS_KEPT);
      lastBySymbol.set(fill.symbol, fill);
    },
    list(accountId, symbol, filter) {
      const all = scopes.get(keyOf(accountId, symbol)) ?? [];
      const { venueOrderId } = filter;
      const wanted = venueOrderId === undefined ? all : all.filter((fill) => fill.venueOrderId === venueOrderId);
      return selectFrom(
        wanted,
        filter,
        ({ tradeId }) => tradeId,
        ({ timeUs }) => timeUs,
      );
    },
    last: (symbol) => lastBySymbol.get(symbol),
  };
}
