/**
 * What accounts are worth at the present mark prices, and whether one can carry more (margin.ts has the arithmetic).
 */
import { add, compare, type Decimal, multiply, type Price, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import type { Balances } from './balances.ts';
import { atLeastZero, type MarkedExposure, markExposure } from './margin.ts';
import type { LiveOrder, OrderStore } from './orders.ts';
import { onlyReduces, sidesOf } from './position-side.ts';
import type {
  Account,
  AccountAsset,
  Balance,
  Instrument,
  MarkedPosition,
  Position,
  PositionSide,
  Side,
} from './types.ts';

/** An order that might be added, `replacing` one that is open. */
export interface OrderLoad {
  readonly side: Side;
  readonly positionSide: PositionSide;
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
  readonly balances: Balances;
  readonly orders: OrderStore;
  readonly instrument: (symbol: string) => Instrument | undefined;
  readonly markPrice: (symbol: string) => Price;
}

interface Marked {
  readonly instrument: Instrument;
  readonly position: Position;
  readonly marked: MarkedExposure;
}

export function createValuer(options: ValuerOptions): Valuer {
  const { accounts, balances, orders, instrument: instrumentOf, markPrice } = options;

  function markedOf(
    accountId: string,
    instrument: Instrument,
    positionSide: PositionSide,
    live: readonly LiveOrder[],
    load?: OrderLoad,
  ): Marked {
    const { symbol, maintenanceMarginRate } = instrument;
    const growing = live.filter(
      ({ order }) =>
        order.symbol === symbol && order.positionSide === positionSide && order.venueOrderId !== load?.replacing,
    );
    const position = accounts.position(accountId, symbol, positionSide);
    const marked = markExposure({
      position,
      markPrice: markPrice(symbol),
      leverage: accounts.leverage(accountId, symbol),
      maintenanceMarginRate,
      openBuys: openNotional(growing, 'buy', load),
      openSells: openNotional(growing, 'sell', load),
    });
    return { instrument, position, marked };
  }

  function exposures(accountId: string): Marked[] {
    const live = orders.liveOf(accountId);
    const symbols = new Set([...accounts.symbols(accountId), ...live.map(({ order }) => order.symbol)]);
    const contracts = Array.from(symbols, instrumentOf).filter((one) => one?.market === 'perpetual');
    const sides = sidesOf(accounts.positionMode(accountId));
    return contracts.flatMap((instrument) =>
      instrument === undefined ? [] : sides.map((side) => markedOf(accountId, instrument, side, live)),
    );
  }

  return {
    account(accountId) {
      if (!accounts.has(accountId)) return undefined;
      const all = exposures(accountId);
      const assets = balances.all(accountId).map((balance) => valueAsset(balance, all));
      const positions = all.map(
        ({ instrument: { symbol }, position, marked }): MarkedPosition => ({
          ...position,
          markPrice: markPrice(symbol),
          leverage: accounts.leverage(accountId, symbol),
          marginType: accounts.marginType(accountId, symbol),
          isolatedMargin: accounts.marginType(accountId, symbol) === 'isolated' ? marked.positionInitialMargin : ZERO,
          unrealizedPnl: marked.unrealizedPnl,
          notional: marked.notional,
          initialMargin: add(marked.positionInitialMargin, marked.openOrderInitialMargin),
          maintenanceMargin: marked.maintenanceMargin,
        }),
      );
      return { accountId, assets, positionMode: accounts.positionMode(accountId), positions };
    },
    canCarry(accountId, instrument, load) {
      const ofAsset = exposures(accountId).filter((one) => one.instrument.quote === instrument.quote);
      const present = ofAsset.find(
        ({ position: { symbol, positionSide } }) => symbol === instrument.symbol && positionSide === load.positionSide,
      );
      const after = markedOf(accountId, instrument, load.positionSide, orders.liveOf(accountId), load);
      const marginBefore = present === undefined ? ZERO : initialMargin(present.marked);
      const marginAfter = initialMargin(after.marked);
      if (compare(marginAfter, marginBefore) <= 0) return true;
      const total = sum(ofAsset.map(({ marked }) => initialMargin(marked)));
      const worth = add(
        accounts.wallet(accountId, instrument.quote),
        sum(ofAsset.map(({ marked }) => marked.unrealizedPnl)),
      );
      return compare(add(subtract(total, marginBefore), marginAfter), worth) <= 0;
    },
  };
}

function initialMargin(marked: MarkedExposure): Decimal {
  return add(marked.positionInitialMargin, marked.openOrderInitialMargin);
}

function openNotional(live: readonly LiveOrder[], side: Side, load: OrderLoad | undefined): Decimal {
  const values = live
    .filter(({ order }) => order.side === side && !onlyReduces(order))
    .map(({ order, open }) => (order.price === undefined ? ZERO : multiply(order.price, open)));
  if (load?.side === side) values.push(load.notional);
  return sum(values);
}

function valueAsset(balance: Balance, all: readonly Marked[]): AccountAsset {
  const ofAsset = all.filter(({ instrument }) => instrument.quote === balance.asset);
  const marked = ofAsset.map((one) => one.marked);
  const unrealizedPnl = sum(marked.map((one) => one.unrealizedPnl));
  const positionInitialMargin = sum(marked.map((one) => one.positionInitialMargin));
  const openOrderInitialMargin = sum(marked.map((one) => one.openOrderInitialMargin));
  const marginBalance = add(balance.walletBalance, unrealizedPnl);
  const used = sum([positionInitialMargin, openOrderInitialMargin, balance.locked]);
  return {
    ...balance,
    unrealizedPnl,
    marginBalance,
    positionInitialMargin,
    openOrderInitialMargin,
    maintenanceMargin: sum(marked.map((one) => one.maintenanceMargin)),
    availableBalance: atLeastZero(subtract(marginBalance, used)),
    updatedUs: Math.max(0, ...ofAsset.map(({ position }) => position.updatedUs)),
  };
}
