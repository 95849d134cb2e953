/** An account's status from its parts: the summary of its orders, the feed's counters, the line's round trips. */

import { ZERO } from '@trunkline/proto/decimal';
import type { DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { MarketType, Venue } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { AccountSettings } from '../config.ts';
import type { LatencySamples } from '../exchange/latency-samples.ts';
import type { MarketCounters } from '../exchange/market-feed.ts';
import type { AccountSummary, OrderView } from '../orders/account-summary.ts';
import { type AccountStatus, NO_ORDERS, type UnresolvedStatus } from './engine-status.ts';

export interface AccountStatusSource {
  readonly settings: AccountSettings;
  /** Why the account is not being served, and since when that is final; undefined once it is. */
  readonly pending: { readonly reason: string; readonly final: boolean } | undefined;
  readonly draining: boolean;
  readonly description: DescribeResponse | undefined;
  readonly summary: AccountSummary | undefined;
  readonly market: MarketCounters | undefined;
  readonly roundTrips: LatencySamples;
  readonly streams: number;
  readonly fills: number;
  readonly nowUs: number;
}

export function accountStatus(source: AccountStatusSource): AccountStatus {
  const { settings, description, summary, market, roundTrips } = source;
  const { state, reason } = stateOf(source);
  const p50 = roundTrips.quantile(0.5);
  const p99 = roundTrips.quantile(0.99);
  return {
    account: settings.name,
    connector: settings.connector,
    venue: description?.venueName ?? Venue[Venue.UNSPECIFIED].toLowerCase(),
    market: marketName(description?.marketType),
    symbols: [...settings.symbols],
    link: settings.link,
    state,
    reason,
    boots: summary?.boots ?? 0,
    sessions: source.streams,
    events: { quotes: market?.quotes ?? 0, books: market?.books ?? 0, trades: market?.trades ?? 0 },
    conflated: market?.conflated ?? 0,
    gaps: market?.gaps ?? 0,
    rttUs: p50 === undefined || p99 === undefined ? null : { p50: Math.round(p50), p99: Math.round(p99) },
    orders: summary ? { ...summary.counters } : NO_ORDERS,
    fills: source.fills,
    unresolved: summary?.orders.flatMap((order) => unresolved(order, source.nowUs) ?? []) ?? [],
    positions:
      summary?.positions.map((position) => ({
        symbol: position.symbol,
        quantity: position.quantity,
        entryPrice: position.averageEntry,
        realizedPnl: position.realized,
        unrealizedPnl: position.unrealized ?? ZERO,
        fees: position.fees,
      })) ?? [],
    balances: summary?.balances.map(({ asset, total }) => ({ asset, total })) ?? [],
    pnl: {
      realized: summary?.pnl.realized ?? ZERO,
      unrealized: summary?.pnl.unrealized ?? ZERO,
      fees: summary?.pnl.feesValue ?? ZERO,
      funding: summary?.pnl.funding ?? ZERO,
    },
    settings: [...(summary?.settings ?? [])],
  };
}

function stateOf({ pending, draining, summary }: AccountStatusSource): Pick<AccountStatus, 'state' | 'reason'> {
  if (pending) return { state: pending.final ? 'lost' : 'connecting', reason: pending.reason };
  if (!summary) return { state: 'connecting', reason: '' };
  if (summary.ended !== null) return { state: 'lost', reason: summary.ended };
  if (draining) return { state: 'draining', reason: '' };
  if (!summary.connected) return { state: 'connecting', reason: 'the connector is not connected' };
  if (!summary.reconciled) return { state: 'reconciling', reason: summary.reconcileProblem };
  return { state: summary.state, reason: summary.closed ?? '' };
}

function marketName(market: MarketType | undefined): AccountStatus['market'] {
  if (market === MarketType.PERPETUAL) return 'perpetual';
  return market === MarketType.SPOT ? 'spot' : 'unknown';
}

const INQUIRY_WORDS = {
  ask: 'asking by id',
  search: 'searching orders and trades',
  probe: 'cancelling by id',
} as const;

function unresolved(order: OrderView, nowUs: number): UnresolvedStatus | undefined {
  const { clientOrderId, symbol, status, inquiry } = order;
  if (status !== 'unknown' && status !== 'lost') return undefined;
  if (!inquiry) return { clientOrderId, symbol, status, doing: 'waiting', nextStepAtUs: null };
  const doing = `${INQUIRY_WORDS[inquiry.nextStep]} next, asked ${inquiry.asks} times`;
  return { clientOrderId, symbol, status, doing, nextStepAtUs: nowUs + inquiry.inMs * 1_000 };
}
