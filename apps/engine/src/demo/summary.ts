/**
 * What a run of the demonstration ends with: an interface (`--json`), so fields are added and never change. Decimals
 * are strings, times microseconds unless named otherwise.
 */
import { type Decimal, parseDecimal, sum, ZERO } from '@trunkline/proto/decimal';
import { type AccountStatus, NO_ORDERS, type OrderCounts, type Percentiles } from '../orchestrator/engine-status.ts';
import type { Agreement } from './agreement.ts';
import type { Ledger } from './ledger.ts';

export interface ConnectorSummary {
  readonly name: string;
  readonly venue: string;
  readonly market: string;
  readonly symbols: readonly string[];
  readonly link: string;
  /** Starts of the process in this run. */
  readonly boots: number;
  /** Streams of the order lane in this run. */
  readonly sessions: number;
  readonly events: { readonly quotes: number; readonly books: number; readonly trades: number };
  readonly conflated: number;
  readonly gaps: number;
  readonly rttUs: Percentiles | null;
  /** Fills of its account. */
  readonly fills: number;
  readonly rssBytes: number | null;
}

export interface Summary {
  readonly ok: boolean;
  readonly seconds: number;
  readonly connectors: readonly ConnectorSummary[];
  readonly orders: OrderCounts;
  readonly fills: number;
  readonly positions: readonly {
    readonly account: string;
    readonly symbol: string;
    readonly quantity: string;
    readonly venueQuantity: string;
  }[];
  readonly balances: readonly {
    readonly account: string;
    readonly asset: string;
    readonly total: string;
    readonly venueTotal: string;
  }[];
  readonly pnl: {
    readonly realized: string;
    readonly unrealized: string;
    readonly fees: string;
    readonly funding: string;
  };
  readonly journal: {
    readonly path: string;
    readonly events: number;
    readonly head: string;
    readonly verified: boolean;
  };
  readonly agreement: Agreement;
}

export interface SummaryInput {
  readonly seconds: number;
  readonly accounts: readonly AccountStatus[];
  readonly processes: ReadonlyMap<string, { readonly boots: number; readonly rssBytes: number | null }>;
  readonly venue: Ledger;
  readonly agreement: Agreement;
  readonly journal: Summary['journal'];
}

export function summarize(input: SummaryInput): Summary {
  const { accounts, venue, agreement, journal } = input;
  const body = {
    seconds: input.seconds,
    connectors: accounts.map((account) => connectorSummary(account, input.processes)),
    orders: totalCounts(accounts.map((account) => account.orders)),
    fills: accounts.reduce((total, account) => total + account.fills, 0),
    positions: accounts.flatMap((account) => positionsOf(account, venue)),
    balances: accounts.flatMap((account) => balancesOf(account, venue)),
    pnl: {
      realized: total(accounts.map((account) => account.pnl.realized)),
      unrealized: total(accounts.map((account) => account.pnl.unrealized)),
      fees: total(accounts.map((account) => account.pnl.fees)),
      funding: total(accounts.map((account) => account.pnl.funding)),
    },
    journal,
    agreement,
  };
  return { ok: problemsOf(body).length === 0, ...body };
}

/** Why a summary is not ok, one line each; none when it is. */
export function problemsOf(summary: Omit<Summary, 'ok'>): string[] {
  const { agreement, orders, journal } = summary;
  const { compared, ...differences } = agreement;
  const problems: string[] = [];
  if (compared.orders === 0) problems.push('no order was compared');
  if (compared.fills === 0) problems.push('no fill was compared');
  for (const [name, count] of Object.entries(differences)) if (count > 0) problems.push(`${name}: ${count}`);
  for (const state of ['open', 'unknown', 'lost'] as const) {
    if (orders[state] > 0) problems.push(`${orders[state]} orders are ${state}`);
  }
  for (const position of summary.positions) {
    if (position.quantity !== position.venueQuantity) {
      problems.push(
        `${position.account} ${position.symbol}: ${position.quantity}, the venue has ${position.venueQuantity}`,
      );
    }
  }
  for (const balance of summary.balances) {
    if (balance.total !== balance.venueTotal) {
      problems.push(`${balance.account} ${balance.asset}: ${balance.total}, the venue has ${balance.venueTotal}`);
    }
  }
  if (!journal.verified) problems.push('the journal does not verify');
  for (const connector of summary.connectors) {
    if (connector.sessions === 0 || connector.events.quotes === 0) problems.push(`${connector.name} never served`);
    else if (connector.fills === 0) problems.push(`${connector.name} never traded`);
  }
  return problems;
}

function connectorSummary(account: AccountStatus, processes: SummaryInput['processes']): ConnectorSummary {
  const process = processes.get(account.connector);
  return {
    name: account.connector,
    venue: account.venue,
    market: account.market,
    symbols: account.symbols,
    link: account.link,
    boots: process?.boots ?? account.boots,
    sessions: account.sessions,
    events: account.events,
    conflated: account.conflated,
    gaps: account.gaps,
    rttUs: account.rttUs,
    fills: account.fills,
    rssBytes: process?.rssBytes ?? null,
  };
}

/** Every symbol that either side has a position in, or had. Spot has none at the venue: its balances tell. */
function positionsOf(account: AccountStatus, venue: Ledger): Summary['positions'] {
  if (account.market === 'spot') return [];
  const theirs = venue.positions.filter((position) => position.account === account.account);
  const symbols = new Set([...account.positions, ...theirs].map((position) => position.symbol));
  return [...symbols].sort().map((symbol) => ({
    account: account.account,
    symbol,
    quantity: account.positions.find((position) => position.symbol === symbol)?.quantity ?? ZERO,
    venueQuantity: theirs.find((position) => position.symbol === symbol)?.quantity ?? ZERO,
  }));
}

function balancesOf(account: AccountStatus, venue: Ledger): Summary['balances'] {
  const theirs = venue.balances.filter((balance) => balance.account === account.account);
  const assets = new Set([...account.balances, ...theirs].map((balance) => balance.asset));
  return [...assets].sort().map((asset) => ({
    account: account.account,
    asset,
    total: account.balances.find((balance) => balance.asset === asset)?.total ?? ZERO,
    venueTotal: theirs.find((balance) => balance.asset === asset)?.total ?? ZERO,
  }));
}

function total(values: readonly string[]): Decimal {
  return sum(values.map((value) => parseDecimal(value) ?? ZERO));
}

function totalCounts(counts: readonly OrderCounts[]): OrderCounts {
  return counts.reduce(
    (sofar, one) => ({
      intents: sofar.intents + one.intents,
      denied: sofar.denied + one.denied,
      accepted: sofar.accepted + one.accepted,
      rejected: sofar.rejected + one.rejected,
      canceled: sofar.canceled + one.canceled,
      filled: sofar.filled + one.filled,
      expired: sofar.expired + one.expired,
      absent: sofar.absent + one.absent,
      unknown: sofar.unknown + one.unknown,
      lost: sofar.lost + one.lost,
      open: sofar.open + one.open,
    }),
    NO_ORDERS,
  );
}
