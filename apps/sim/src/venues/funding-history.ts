/**
 * The funding rates that were settled, as everybody may ask for them: the last rate that was published before a funding
 * time is the rate of that time. Kept in memory from the start of the front.
 */
import type { Decimal, Price } from '@trunkline/proto/decimal';
import type { Core } from '../core/core-api.ts';
import type { MarkPrice } from '../core/types.ts';

/** A year of settlements every eight hours. */
const MAX_KEPT = 1_095;

export interface SettledRate {
  readonly symbol: string;
  readonly fundingRate: Decimal;
  /** The last before the funding time. */
  readonly markPrice: Price;
  readonly timeUs: number;
}

export interface FundingHistory {
  /** Oldest first. */
  of(symbol: string): readonly SettledRate[];
  close(): void;
}

export function createFundingHistory(core: Core): FundingHistory {
  const latest = new Map<string, MarkPrice>();
  const settled = new Map<string, SettledRate[]>();
  const stop = core.subscribe((event) => {
    if (event.kind !== 'mark_price') return;
    const { mark } = event;
    const { symbol } = mark;
    const before = latest.get(symbol);
    latest.set(symbol, mark);
    if (before === undefined || mark.nextFundingUs <= before.nextFundingUs) return;
    const rates = settled.get(symbol) ?? [];
    settled.set(symbol, rates);
    rates.push({
      symbol,
      fundingRate: before.fundingRate,
      markPrice: before.markPrice,
      timeUs: before.nextFundingUs,
    });
    if (rates.length > MAX_KEPT) rates.shift();
  });
  return {
    of: (symbol) => settled.get(symbol) ?? [],
    close() {
      stop();
      latest.clear();
    },
  };
}
