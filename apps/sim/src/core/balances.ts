/**
 * An account's balances with what its open spot orders lock: derived from the orders each time, so a lock can neither
 * leak nor outlive its order.
 */
import { type Decimal, multiply, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import { atLeastZero } from './margin.ts';
import type { LiveOrder, OrderStore } from './orders.ts';
import type { Balance, Instrument, Side } from './types.ts';

export interface Balances {
  balance(accountId: string, asset: string): Balance;
  all(accountId: string): readonly Balance[];
  /** Not locked; `replacing` names an order whose lock counts as free. */
  free(accountId: string, asset: string, replacing?: string): Decimal;
}

interface BalancesOptions {
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly instrument: (symbol: string) => Instrument | undefined;
}

/** Where a spot order takes what it pays from. */
export function paidAsset({ base, quote }: Instrument, side: Side): string {
  return side === 'buy' ? quote : base;
}

export function createBalances({ accounts, orders, instrument: instrumentOf }: BalancesOptions): Balances {
  function lockedBy({ order, open }: LiveOrder, asset: string): Decimal {
    const instrument = instrumentOf(order.symbol);
    if (instrument?.market !== 'spot' || paidAsset(instrument, order.side) !== asset) return ZERO;
    // Market buys lock nothing: they are over before anybody can look.
    return order.side === 'sell' ? open : multiply(order.price ?? ZERO, open);
  }

  function locked(accountId: string, asset: string, except?: string): Decimal {
    const live = orders.liveOf(accountId).filter(({ order }) => order.venueOrderId !== except);
    return sum(live.map((one) => lockedBy(one, asset)));
  }

  const balance = (accountId: string, asset: string): Balance => ({
    asset,
    walletBalance: accounts.wallet(accountId, asset),
    locked: locked(accountId, asset),
  });

  return {
    balance,
    all: (accountId) => accounts.assets(accountId).map((asset) => balance(accountId, asset)),
    free: (accountId, asset, replacing) =>
      atLeastZero(subtract(accounts.wallet(accountId, asset), locked(accountId, asset, replacing))),
  };
}
