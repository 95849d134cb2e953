/**
 * Pages of ground truth.
 *
 * P1  Orders come in their present state, by venue order id; fills, funding payments and requests in the order in which they happened.
 * P2  `next` is null when nothing was left. A page can be short, even empty, and still have a `next`: entries that do
 *     not match count against the work of one call.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Core } from '../core/core-api.ts';
import type { TruthRequest } from '../core/truth-entry.ts';
import type { CallLog } from './call-log.ts';

/** Entries of the log that one call looks at. */
const SCAN = 20_000;

export interface TruthQuery {
  readonly accounts: readonly string[];
  readonly symbols: readonly string[];
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Page {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

export function listOrders(core: Core, { accounts, symbols, after, limit }: TruthQuery): Page {
  const fromId = String(after === undefined ? 0 : Number(after) + 1);
  const orders = accounts
    .flatMap((account) => symbols.flatMap((symbol) => core.orders(account, symbol, { fromId, limit: limit + 1 })))
    .sort((a, b) => Number(a.venueOrderId) - Number(b.venueOrderId));
  const items = orders.slice(0, limit);
  return { items, next: orders.length > limit ? (items.at(-1)?.venueOrderId ?? null) : null };
}

export function listFills(core: Core, query: TruthQuery): Page {
  return scan(
    (from, count) => core.truth(from, count),
    query,
    (entry) =>
      entry.kind === 'fill' &&
      query.accounts.includes(entry.fill.accountId) &&
      query.symbols.includes(entry.fill.symbol)
        ? { seq: entry.seq, ...entry.fill }
        : undefined,
  );
}

export function listFunding(core: Core, query: TruthQuery): Page {
  return scan(
    (from, count) => core.truth(from, count),
    query,
    (entry) =>
      entry.kind === 'funding' &&
      query.accounts.includes(entry.payment.accountId) &&
      query.symbols.includes(entry.payment.symbol)
        ? { seq: entry.seq, ...entry.payment }
        : undefined,
  );
}

export function listRequests(core: Core, query: TruthQuery): Page {
  return scan(
    (from, count) => core.truth(from, count),
    query,
    (entry) => {
      if (entry.kind !== 'request') return undefined;
      const { accountId, symbol } = subjectOf(entry.request);
      const wanted = query.accounts.includes(accountId) && (symbol === undefined || query.symbols.includes(symbol));
      return wanted ? entry : undefined;
    },
  );
}

/** Calls that name no account or symbol (public ones, malformed ones) belong to every page. */
export function listCalls(log: CallLog, query: TruthQuery): Page {
  return scan(
    (from, count) => log.list(from, count),
    query,
    (call) => {
      const ofAccount = call.account === undefined || query.accounts.includes(call.account);
      const ofSymbol = call.symbol === undefined || query.symbols.includes(call.symbol);
      return ofAccount && ofSymbol ? call : undefined;
    },
  );
}

export function listBalances(core: Core, { accounts }: TruthQuery): Page {
  const items = accounts.flatMap((account) =>
    (core.account(account)?.assets ?? []).map((asset) => ({ accountId: account, ...asset })),
  );
  return { items, next: null };
}

export function listPositions(core: Core, { accounts, symbols }: TruthQuery): Page {
  const items = accounts.flatMap((account) =>
    (core.account(account)?.positions ?? [])
      .filter((position) => symbols.includes(position.symbol))
      .map((position) => ({ accountId: account, ...position })),
  );
  return { items, next: null };
}

function scan<E extends { readonly seq: number }>(
  read: (fromSeq: number, limit: number) => readonly E[],
  { after, limit }: TruthQuery,
  pick: (entry: E) => unknown,
): Page {
  const from = after === undefined ? 0 : Number(after) + 1;
  const entries = read(from, SCAN);
  const items: unknown[] = [];
  for (const entry of entries) {
    const item = pick(entry);
    if (item !== undefined) items.push(item);
    if (items.length === limit) return { items, next: String(entry.seq) };
  }
  const last = entries.at(-1);
  return { items, next: entries.length === SCAN && last !== undefined ? String(last.seq) : null };
}

function subjectOf(request: TruthRequest): { readonly accountId: string; readonly symbol?: string } {
  switch (request.kind) {
    case 'place':
      return request.order;
    case 'amend':
      return request.amend;
    case 'cancel':
      return request.cancel;
    case 'cancel_all':
      return request;
    default:
      return assertNever(request);
  }
}
