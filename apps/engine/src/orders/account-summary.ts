/**
 * One account as people and the summary see it. A plain value, taken at one moment; decimals are strings.
 */
import type { Decimal, Price } from '@trunkline/proto/decimal';
import type { VenueStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type AccountBaseline, type BalanceView, expectedBalances } from '../positions/balance-ledger.ts';
import { averageEntry, unrealized } from '../positions/position.ts';
import { feesValue, type PnlTotals, type PositionBook } from '../positions/position-book.ts';
import type { TradingState } from '../risk/halt-board.ts';
import { checkGate, type GateView } from '../risk/trading-gate.ts';
import type { SettingsView } from './account-facts.ts';
import { missingFills, type Order, type OrderStatus, workingTerms } from './order-state.ts';
import type { OrderTable } from './order-table.ts';
import type { InquiryView, Resolver } from './resolver.ts';

export interface OrderView {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly status: OrderStatus;
  readonly price: string | null;
  readonly quantity: string;
  readonly filled: string;
  readonly missingFills: string;
  readonly external: boolean;
  readonly anomalies: readonly string[];
  /** What is being done about its fate; null while that is not in doubt. */
  readonly inquiry: InquiryView | null;
}

export interface PositionView {
  readonly symbol: string;
  readonly side: 'both' | 'long' | 'short';
  readonly quantity: string;
  /** The venue's last word; null before the first. */
  readonly venueQuantity: string | null;
  readonly averageEntry: string | null;
  readonly realized: string;
  readonly unrealized: string | null;
  /** In the quote currency. */
  readonly fees: string;
}

export interface OrderCounters {
  readonly intents: number;
  readonly denied: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly canceled: number;
  readonly filled: number;
  readonly expired: number;
  readonly absent: number;
  readonly unknown: number;
  readonly lost: number;
  /** Open, partially filled, and decided ones without an answer yet. */
  readonly open: number;
}

export interface AccountSummary {
  readonly account: string;
  readonly state: TradingState;
  /** Why a new order would be denied now; null when it would not. */
  readonly closed: string | null;
  readonly connected: boolean;
  readonly reconciled: boolean;
  readonly reconcileProblem: string;
  /** Set once the account is not ours any more. */
  readonly ended: string | null;
  readonly boots: number;
  readonly venueStatus: VenueStatus | undefined;
  readonly inFlight: number;
  readonly orders: readonly OrderView[];
  readonly counters: OrderCounters;
  readonly positions: readonly PositionView[];
  readonly balances: readonly BalanceView[];
  readonly pnl: PnlTotals;
  readonly settings: readonly SettingsView[];
}

export interface SummarySource {
  readonly account: string;
  readonly table: OrderTable;
  readonly positions: PositionBook;
  readonly resolver: Resolver;
  readonly baseline: AccountBaseline | undefined;
  readonly balances: Readonly<Record<string, Decimal>>;
  readonly venueStatus: VenueStatus | undefined;
  readonly boots: number;
  readonly ended: string | undefined;
  readonly deniedBefore: number;
  readonly gate: GateView;
  readonly problem: string;
  readonly markOf: (symbol: string) => Price | undefined;
  readonly settings: readonly SettingsView[];
}

export function summarize(source: SummarySource): AccountSummary {
  const { account, table, positions, resolver, gate, markOf } = source;
  const inquiries = new Map(resolver.view().map((inquiry) => [inquiry.clientOrderId, inquiry]));
  return {
    account,
    state: gate.halt.state,
    closed: checkGate(gate, { reduceOnly: false })?.message ?? null,
    connected: gate.connected,
    reconciled: gate.reconciled,
    reconcileProblem: source.problem,
    ended: source.ended ?? null,
    boots: source.boots,
    venueStatus: source.venueStatus,
    inFlight: gate.inFlight,
    orders: table.live().map((order) => orderView(order, inquiries.get(order.clientOrderId) ?? null)),
    counters: countersOf(table, source.deniedBefore),
    positions: positions.list().map((position) => {
      const { symbol, side, quantity, realized } = position;
      const mark = markOf(symbol) ?? positions.venuePosition(symbol, side)?.markPrice;
      const venueQuantity = positions.venuePosition(symbol, side)?.quantity ?? null;
      const open = mark ? unrealized(position, mark) : null;
      return {
        symbol,
        side,
        quantity,
        venueQuantity,
        averageEntry: averageEntry(position),
        realized,
        unrealized: open,
        fees: feesValue(position, mark ?? undefined),
      };
    }),
    balances: expectedBalances(source.baseline, positions.list(), source.balances),
    pnl: positions.totals(markOf),
    settings: source.settings,
  };
}

function orderView(order: Order, inquiry: InquiryView | null): OrderView {
  const { clientOrderId, venueOrderId, status, filled, anomalies } = order;
  const { symbol, side } = order.terms;
  const { price, quantity } = workingTerms(order);
  const missing = missingFills(order);
  const external = order.origin === 'external';
  const ids = { clientOrderId, venueOrderId, symbol, side };
  return { ...ids, status, price, quantity, filled, missingFills: missing, external, anomalies, inquiry };
}

function countersOf(table: OrderTable, deniedBefore: number): OrderCounters {
  const of = (...statuses: OrderStatus[]) => statuses.reduce((sum, status) => sum + table.count(status), 0);
  const accepted = of('open', 'partially_filled', 'filled', 'canceled', 'expired');
  const [rejected, denied, absent] = [of('rejected'), of('denied'), of('absent')];
  const [unknown, lost, undecided] = [of('unknown'), of('lost'), of('intent')];
  return {
    intents: accepted + rejected + denied + absent + unknown + lost + undecided,
    denied: denied + deniedBefore,
    accepted,
    rejected,
    canceled: of('canceled'),
    filled: of('filled'),
    expired: of('expired'),
    absent,
    unknown,
    lost,
    open: of('open', 'partially_filled') + undecided,
  };
}
