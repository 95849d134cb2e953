/**
 * Reads the sim's ground truth from its control API, page by page, into a ledger. Nothing of it passed through a
 * connector.
 */
import { type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import { z } from 'zod';
import type { MarketName } from './demo-plan.ts';
import type { Ledger, LedgerBalance, LedgerFill, LedgerOrder, LedgerPosition } from './ledger.ts';
import { contractSymbol } from './venue-symbol.ts';

const PAGE_SIZE = 10_000;
const TIMEOUT_MS = 20_000;

const decimalText = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: `not a decimal: ${text.slice(0, 40)}` });
  return z.NEVER;
});
const side = z.enum(['buy', 'sell']);

const orderSchema = z.object({
  accountId: z.string(),
  clientOrderId: z.string(),
  symbol: z.string(),
  side,
  status: z.enum(['new', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected']),
  price: decimalText.optional(),
  quantity: decimalText,
  executedQuantity: decimalText,
});

const fillSchema = z.object({
  accountId: z.string(),
  symbol: z.string(),
  tradeId: z.string(),
  venueOrderId: z.string(),
  side,
  price: decimalText,
  quantity: decimalText,
  fee: decimalText,
});

const balanceSchema = z.object({ accountId: z.string(), asset: z.string(), walletBalance: decimalText });
const positionSchema = z.object({ accountId: z.string(), symbol: z.string(), quantity: decimalText });

export interface TruthQuestion {
  readonly control: string;
  /** Each account at the one venue of the sim that its connector serves. */
  readonly accounts: readonly { readonly account: string; readonly venue: string }[];
  readonly market: MarketName;
}

/** Everything that the sim knows of the accounts. Rejects when the sim does not answer or answers nonsense. */
export async function readSimTruth({ control, accounts, market }: TruthQuestion): Promise<Ledger> {
  const orders: LedgerOrder[] = [];
  const fills: LedgerFill[] = [];
  const balances: LedgerBalance[] = [];
  const positions: LedgerPosition[] = [];
  for (const { account, venue } of accounts) {
    const read = <T>(list: string, schema: z.ZodType<T>) =>
      readPages(`${control}/truth/${list}`, { account, venue }, schema);
    for (const row of await read('orders', orderSchema)) {
      orders.push({
        account,
        // Gate's ids of clients begin with `t-`; that is not part of ours.
        clientOrderId: row.clientOrderId.replace(/^t-/, ''),
        symbol: contractSymbol(row.symbol, market),
        side: row.side,
        status: row.status === 'new' ? 'open' : row.status,
        // Bitget calls every end without a fill `canceled`, its own decisions included.
        ...(venue.startsWith('bitget') && row.status === 'expired' ? { alsoCalled: 'canceled' } : {}),
        price: row.price,
        quantity: row.quantity,
        filled: row.executedQuantity,
      });
    }
    for (const { accountId: _, ...row } of await read('fills', fillSchema))
      fills.push({ ...row, account, symbol: contractSymbol(row.symbol, market) });
    for (const row of await read('balances', balanceSchema))
      balances.push({ account, asset: row.asset, total: row.walletBalance });
    for (const row of await read('positions', positionSchema))
      positions.push({ account, symbol: contractSymbol(row.symbol, market), quantity: row.quantity });
  }
  return { orders, fills, balances, positions };
}

async function readPages<T>(
  url: string,
  of: { readonly account: string; readonly venue: string },
  schema: z.ZodType<T>,
): Promise<T[]> {
  const page = z.object({ items: z.array(schema), next: z.string().nullable() });
  const items: T[] = [];
  let after: string | null = null;
  do {
    const query: Record<string, string> = { ...of, limit: String(PAGE_SIZE), ...(after === null ? {} : { after }) };
    const response = await fetch(`${url}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the sim answered ${response.status} to ${url}`);
    const answer = page.parse(await response.json());
    items.push(...answer.items);
    after = answer.next;
  } while (after !== null);
  return items;
}
