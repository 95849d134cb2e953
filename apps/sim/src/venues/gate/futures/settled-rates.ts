/**
 * Funding rates that were settled, as they were published last before their time: noted while the front runs, and
 * forgotten with it.
 */
import type { Core } from '../../../core/core-api.ts';
import type { MarkPrice } from '../../../core/types.ts';

/** Four months of a contract that is settled every hour; the oldest is forgotten first. */
const MOST_KEPT = 3_000;

export interface SettledRate {
  readonly rate: MarkPrice['fundingRate'];
  readonly timeUs: number;
}

export interface SettledRates {
  /** Oldest first. */
  of(symbol: string): readonly SettledRate[];
  close(): void;
}

export function noteSettledRates(core: Core): SettledRates {
  const upcoming = new Map<string, SettledRate>();
  const settled = new Map<string, SettledRate[]>();
  const note = ({ symbol, fundingRate, nextFundingUs }: MarkPrice) => {
    const before = upcoming.get(symbol);
    upcoming.set(symbol, { rate: fundingRate, timeUs: nextFundingUs });
    if (before === undefined || before.timeUs === nextFundingUs) return;
    const known = settled.get(symbol) ?? [];
    settled.set(symbol, known);
    known.push(before);
    if (known.length > MOST_KEPT) known.shift();
  };
  const close = core.subscribe((event) => {
    if (event.kind === 'mark_price') note(event.mark);
  });
  return { of: (symbol) => settled.get(symbol) ?? [], close };
}
