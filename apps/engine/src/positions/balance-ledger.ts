/**
 * What the wallet should hold: the venue's balance when the account was first seen, and what trading made of it since.
 * A perpetual moves its settlement asset by profit as the venue booked it, funding and fees; a spot trade moves base
 * against quote, less fees.
 *
 * G1  The baseline is written once per account; after that only a transfer that was told apart from trades moves it
 *     (holdings.ts). Other transfers show as the difference to the venue's own figure.
 */
import { add, type Decimal, isNegative, parseDecimal, subtract, ZERO } from '@trunkline/proto/decimal';
import type { Balance } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { z } from 'zod';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { Journal } from '../journal/journal.ts';
import { decimalText } from '../orders/order-event.ts';
import type { Position } from './position.ts';

export const accountBaselineSchema = z.object({
  /** By the connector's clock when it asked: fills from here on are ours to count. */
  atUs: z.int(),
  balances: z.record(z.string(), decimalText),
});
export type AccountBaseline = z.infer<typeof accountBaselineSchema>;

export interface BalanceView {
  readonly asset: string;
  readonly total: Decimal;
  /** The venue's last word; null before the first. */
  readonly venueTotal: Decimal | null;
}

export async function readBaseline(journal: Journal, account: string): Promise<AccountBaseline | undefined> {
  const text = await journal.readState(stateKey(account));
  if (text === undefined) return undefined;
  const parsed = accountBaselineSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`the baseline of ${account} cannot be read: ${parsed.error.message}`);
  return parsed.data;
}

export async function writeBaseline(journal: Journal, account: string, baseline: AccountBaseline): Promise<void> {
  await journal.writeState(stateKey(account), canonicalJson(baseline));
}

/** The baseline as if `by` had been there from the start. */
export function movedBaseline(baseline: AccountBaseline, by: ReadonlyMap<string, Decimal>): AccountBaseline {
  const balances = { ...baseline.balances };
  for (const [asset, amount] of by) balances[asset] = add(balances[asset] ?? ZERO, amount);
  return { ...baseline, balances };
}

export function readBalances(balances: readonly Balance[]): Record<string, Decimal> {
  const totals: Record<string, Decimal> = {};
  for (const { asset, total } of balances) {
    const value = parseDecimal(total);
    if (value !== undefined) totals[asset] = value;
  }
  return totals;
}

/** Balances of every asset that the baseline, a fee or the venue names. */
export function expectedBalances(
  baseline: AccountBaseline | undefined,
  positions: readonly Position[],
  venue: Readonly<Record<string, Decimal>>,
): readonly BalanceView[] {
  const totals = new Map<string, Decimal>(Object.entries(baseline?.balances ?? {}));
  const change = (asset: string, by: Decimal) => totals.set(asset, add(totals.get(asset) ?? ZERO, by));
  for (const position of positions) {
    if (isSpot(position.symbol)) {
      change(baseOf(position.symbol), position.quantity);
      change(settlementOf(position.symbol), spotCash(position));
    } else change(settlementOf(position.symbol), position.booked);
    for (const [asset, funding] of Object.entries(position.funding?.totals ?? {})) change(asset, funding);
    for (const [asset, fee] of Object.entries(position.fees)) change(asset, subtract(ZERO, fee));
  }
  for (const asset of Object.keys(venue)) change(asset, ZERO);
  return [...totals].map(([asset, total]) => ({ asset, total, venueTotal: venue[asset] ?? null }));
}

/** BASE/QUOTE without a settlement asset. */
export function isSpot(symbol: string): boolean {
  return !symbol.includes(':');
}

export function baseOf(symbol: string): string {
  return symbol.split('/')[0] ?? symbol;
}

/** What the trades of a spot symbol brought in, less what they cost, before fees. */
function spotCash({ realized, cost, quantity }: Position): Decimal {
  return isNegative(quantity) ? add(realized, cost) : subtract(realized, cost);
}

/** The asset in which a symbol's profit is paid: what follows the colon, or the quote currency. */
export function settlementOf(symbol: string): string {
  return symbol.split(/[/:]/).at(-1) ?? symbol;
}

function stateKey(account: string): string {
  return `baseline/${account}`;
}
