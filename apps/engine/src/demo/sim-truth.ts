/**
 * Reads the sim's ground truth from its control API, page by page, into a ledger. Nothing of it passed through a
 * connector.
 */
import { type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import { z } from 'zod';
import type { Ledger, LedgerBalance, LedgerFill, LedgerOrder, LedgerPosition } from './ledger.ts';
import { symbolOfPerpetual } from './venue-symbol.ts';

const PAGE_SIZE = 10_000;
const TIMEOUT_MS = 20_000;

const decimalText = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: `not a decimal: ${text.slice(0, 40)}` });
  return z.NEVER;
});
const symbolText = z.string().transform((text) => symbolOfPerpetual(text) ?? text);
const side = z.enum(['buy', 'sell']);

const orderSchema = z
  .object({
    accountId: z.string(),
    clientOrderId: z.string(),
    symbol: symbolText,
    side,
    status: z.enum(['new', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected']),
    price: decimalText.optional(),
    quantity: decimalText,
    executedQuantity: decimalText,
  })
  .transform(
    (order): LedgerOrder => ({
      account: order.accountId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      status: order.status === 'new' ? 'open' : order.status,
      price: order.price,
      quantity: order.quantity,
      filled: order.executedQuantity,
    }),
  );

const fillSchema = z
  .object({
    accountId: z.string(),
    symbol: symbolText,
    tradeId: z.string(),
    venueOrderId: z.string(),
    side,
    price: decimalText,
    quantity: decimalText,
    fee: decimalText,
  })
  .transform(({ accountId, ...fill }): LedgerFill => ({ account: accountId, ...fill }));

const balanceSchema = z
  .object({ accountId: z.string(), asset: z.string(), walletBalance: decimalText })
  .transform((row): LedgerBalance => ({ account: row.accountId, asset: row.asset, total: row.walletBalance }));

const positionSchema = z
  .object({ accountId: z.string(), symbol: symbolText, quantity: decimalText })
  .transform((row): LedgerPosition => ({ account: row.accountId, symbol: row.symbol, quantity: row.quantity }));

/** Everything that the sim knows of `accounts`. Rejects when the sim does not answer or answers nonsense. */
export async function readSimTruth(control: string, accounts: readonly string[]): Promise<Ledger> {
  const orders: LedgerOrder[] = [];
  const fills: LedgerFill[] = [];
  const balances: LedgerBalance[] = [];
  const positions: LedgerPosition[] = [];
  for (const account of accounts) {
    const read = <T>(list: string, schema: z.ZodType<T>) => readPages(`${control}/truth/${list}`, account, schema);
    orders.push(...(await read('orders', orderSchema)));
    fills.push(...(await read('fills', fillSchema)));
    balances.push(...(await read('balances', balanceSchema)));
    positions.push(...(await read('positions', positionSchema)));
  }
  return { orders, fills, balances, positions };
}

async function readPages<T>(url: string, account: string, schema: z.ZodType<T>): Promise<T[]> {
  const page = z.object({ items: z.array(schema), next: z.string().nullable() });
  const items: T[] = [];
  let after: string | null = null;
  do {
    const query: Record<string, string> = { account, limit: String(PAGE_SIZE), ...(after === null ? {} : { after }) };
    const response = await fetch(`${url}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the sim answered ${response.status} to ${url}`);
    const answer = page.parse(await response.json());
    items.push(...answer.items);
    after = answer.next;
  } while (after !== null);
  return items;
}
