/**
 * Whether what we believe to hold is what the venue says that we hold: positions of perpetuals, balances of spot.
 *
 * H1  A difference closes the account to new risk, and is never booked as a trade.
 * H2  A spot balance also moves by deposits, withdrawals and whatever else is done with the account, which no trade list
 *     tells. A difference that is there after every trade since the baseline was read, and is still the same when the
 *     trade lists have had the time by which they may lag, is such a transfer: it is journaled, the baseline moves by
 *     it, and trading goes on.
 */
import type { Clock } from '@trunkline/proto/clock';
import { type Decimal, isZero, subtract, ZERO } from '@trunkline/proto/decimal';
import {
  type AccountBaseline,
  baseOf,
  expectedBalances,
  isSpot,
  movedBaseline,
  readBalances,
} from '../positions/balance-ledger.ts';
import type { PositionBook } from '../positions/position-book.ts';
import { type AccountQueries, LIST_LAG_US } from './account-queries.ts';

export type Agreement =
  | { readonly kind: 'ok' }
  /** The venue did not answer. */
  | { readonly kind: 'failed'; readonly message: string }
  /** By asset for spot; empty for positions, whose difference is no transfer. */
  | { readonly kind: 'differs'; readonly message: string; readonly by: ReadonlyMap<string, Decimal> };

export interface Holdings {
  /** Asks the venue and compares. */
  compare(baseline: AccountBaseline | undefined): Promise<Agreement>;
  /** The baseline moved by a transfer, or undefined when a difference is not to be explained by one (H2). */
  explain(baseline: AccountBaseline, difference: Agreement, readAllTrades: boolean): AccountBaseline | undefined;
}

export interface HoldingsOptions {
  readonly clock: Clock;
  readonly symbols: readonly string[];
  readonly queries: AccountQueries;
  readonly positions: PositionBook;
  readonly balancesHeard: (balances: Readonly<Record<string, Decimal>>) => void;
}

/** An account trades one market: its first symbol tells which. */
export function createHoldings(options: HoldingsOptions): Holdings {
  return options.symbols.some(isSpot) ? spotHoldings(options) : perpetualHoldings(options);
}

function perpetualHoldings({ symbols, queries, positions }: HoldingsOptions): Holdings {
  return {
    async compare() {
      const held = await queries.positions();
      if (held.kind === 'failed') return { kind: 'failed', message: `positions: ${held.message}` };
      positions.heard(held.value, true);
      const [difference] = positions.differences().filter(({ symbol }) => symbols.includes(symbol));
      if (!difference) return { kind: 'ok' };
      const { symbol, side, ours, venue } = difference;
      const message = `position ${symbol} ${side}: ours ${ours}, the venue's ${venue}`;
      return { kind: 'differs', message, by: new Map() };
    },
    explain: () => undefined,
  };
}

function spotHoldings({ clock, symbols, queries, positions, balancesHeard }: HoldingsOptions): Holdings {
  const bases = new Set(symbols.map(baseOf));
  /** What no trade explained when all were read, and in every comparison since then. */
  let standing: { readonly by: ReadonlyMap<string, Decimal>; readonly sinceUs: number } | undefined;
  return {
    async compare(baseline) {
      const wallet = await queries.balances();
      if (wallet.kind === 'failed') return { kind: 'failed', message: `balances: ${wallet.message}` };
      const theirs = readBalances(wallet.value.balances);
      balancesHeard(theirs);
      const by = new Map<string, Decimal>();
      const words: string[] = [];
      for (const { asset, total, venueTotal } of expectedBalances(baseline, positions.list(), theirs)) {
        const difference = subtract(venueTotal ?? ZERO, total);
        if (!bases.has(asset) || isZero(difference)) continue;
        by.set(asset, difference);
        words.push(`balance ${asset}: ours ${total}, the venue's ${venueTotal ?? 'none'}`);
      }
      if (standing && !sameAmounts(standing.by, by)) standing = undefined;
      return by.size === 0 ? { kind: 'ok' } : { kind: 'differs', message: words.join('; '), by };
    },
    explain(baseline, difference, readAllTrades) {
      if (difference.kind !== 'differs') return undefined;
      const nowUs = clock.monotonicUs();
      if (readAllTrades) standing ??= { by: difference.by, sinceUs: nowUs };
      if (!standing || nowUs - standing.sinceUs < LIST_LAG_US) return undefined;
      standing = undefined;
      return movedBaseline(baseline, difference.by);
    },
  };
}

function sameAmounts(one: ReadonlyMap<string, Decimal>, other: ReadonlyMap<string, Decimal>): boolean {
  return one.size === other.size && [...one].every(([asset, amount]) => other.get(asset) === amount);
}
