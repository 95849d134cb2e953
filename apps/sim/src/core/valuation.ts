/**
 * What accounts are worth at the present mark prices, and whether one can carry more (margin.ts has the arithmetic).
 */
import { add, compare, type Decimal, multiply, type Price, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import { atLeastZero, type MarkedExposure, markExposure } from './margin.ts';
import type { LiveOrder, OrderStore } from './orders.ts';
import type { Account, AccountAsset, Balance, Instrument, MarkedPosition, Side } from './types.ts';

/** An order that might be added, `replacing` one that is open. */
export interface OrderLoad {
  readonly side: Side;
  readonly notional: Decimal;
  readonly replacing?: string;
}

export interface Valuer {
  account(accountId: string): Account | undefined;
  /**
   * Whether the account may take the load on: its initial margins after it stay within wallet plus unrealised PnL, or
   * the load does not raise them.
   */
  canCarry(accountId: string, instrument: Instrument, load: OrderLoad): boolean;
}

interface ValuerOptions {
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly instrument: (symbol: string) => Instrument | undefined;
  readonly markPrice: (symbol: string) => Price;
}

interface Marked {
  readonly instrument: Instrument;
  readonly marked: MarkedExposure;
}

export function createValuer({ accounts, orders, instrument: instrumentOf, markPrice }: ValuerOptions): Valuer {
  function markedOf(accountId: string, instrument: Instrument, live: readonly LiveOrder[], load?: OrderLoad): Marked {
    const { symbol, maintenanceMarginRate } = instrument;
    const growing = live.filter(({ order }) => order.symbol === symbol && order.venueOrderId !== load?.replacing);
    const marked = markExposure({
      position: accounts.position(accountId, symbol),
      markPrice: markPrice(symbol),
      leverage: accounts.leverage(accountId, symbol),
      maintenanceMarginRate,
      openBuys: openNotional(growing, 'buy', load),
      openSells: openNotional(growing, 'sell', load),
    });
    return { instrument, marked };
  }

  function exposures(accountId: string): Marked[] {
    const live = orders.liveOf(accountId);
    const symbols = new Set([...accounts.symbols(accountId), ...live.map(({ order }) => order.symbol)]);
    const known = Array.from(symbols, instrumentOf).filter((instrument) => instrument !== undefined);
    return known.map((instrument) => markedOf(accountId, instrument, live));
  }

  return {
    account(accountId) {
      if (!accounts.has(accountId)) return undefined;
      const all = exposures(accountId);
      const assets = accounts.balances(accountId).map((balance) => valueAsset(balance, all, accounts, accountId));
      const positions = all.map(
        ({ instrument: { symbol }, marked }): MarkedPosition => ({
          ...accounts.position(accountId, symbol),
          markPrice: markPrice(symbol),
          leverage: accounts.leverage(accountId, symbol),
          marginType: 'cross',
          unrealizedPnl: marked.unrealizedPnl,
          notional: marked.notional,
          initialMargin: add(marked.positionInitialMargin, marked.openOrderInitialMargin),
          maintenanceMargin: marked.maintenanceMargin,
        }),
      );
      return { accountId, assets, positions };
    },
    canCarry(accountId, instrument, load) {
      const ofAsset = exposures(accountId).filter((one) => one.instrument.quote === instrument.quote);
      const present = ofAsset.find((one) => one.instrument.symbol === instrument.symbol);
      const after = markedOf(accountId, instrument, orders.liveOf(accountId), load);
      const marginBefore = present === undefined ? ZERO : initialMargin(present.marked);
      const marginAfter = initialMargin(after.marked);
      if (compare(marginAfter, marginBefore) <= 0) return true;
      const total = sum(ofAsset.map(({ marked }) => initialMargin(marked)));
      const { walletBalance } = accounts.balance(accountId, instrument.quote);
      const worth = add(walletBalance, sum(ofAsset.map(({ marked }) => marked.unrealizedPnl)));
      return compare(add(subtract(total, marginBefore), marginAfter), worth) <= 0;
    },
  };
}

function initialMargin(marked: MarkedExposure): Decimal {
  return add(marked.positionInitialMargin, marked.openOrderInitialMargin);
}

function openNotional(live: readonly LiveOrder[], side: Side, load: OrderLoad | undefined): Decimal {
  const values = live
    .filter(({ order }) => order.side === side && !order.reduceOnly)
    .map(({ order, open }) => (order.price === undefined ? ZERO : multiply(order.price, open)));
  if (load?.side === side) values.push(load.notional);
  return sum(values);
}

function valueAsset(balance: Balance, all: readonly Marked[], accounts: AccountBook, accountId: string): AccountAsset {
  const ofAsset = all.filter(({ instrument }) => instrument.quote === balance.asset);
  const marked = ofAsset.map((one) => one.marked);
  const unrealizedPnl = sum(marked.map((one) => one.unrealizedPnl));
  const positionInitialMargin = sum(marked.map((one) => one.positionInitialMargin));
  const openOrderInitialMargin = sum(marked.map((one) => one.openOrderInitialMargin));
  const marginBalance = add(balance.walletBalance, unrealizedPnl);
  const used = add(positionInitialMargin, openOrderInitialMargin);
  return {
    ...balance,
    unrealizedPnl,
    marginBalance,
    positionInitialMargin,
    openOrderInitialMargin,
    maintenanceMargin: sum(marked.map((one) => one.maintenanceMargin)),
    availableBalance: atLeastZero(subtract(marginBalance, used)),
    updatedUs: Math.max(
      0,
      ...ofAsset.map(({ instrument }) => accounts.position(accountId, instrument.symbol).updatedUs),
    ),
  };
}
