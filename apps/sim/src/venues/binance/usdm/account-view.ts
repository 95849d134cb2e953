/** Balances, margins and positions as the venue's REST answers them. */
import { type Decimal, isZero, sum, ZERO } from '@trunkline/proto/decimal';
import type { Account, AccountAsset, Instrument, MarkedPosition } from '../../../core/types.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { money, POSITION_SIDES, precisionOf } from '../print.ts';

/** The venue's single notional bracket of a symbol. */
export const NOTIONAL_CAP = 50_000_000;

/** A position of an instrument that the account never touched. */
export interface HeldPosition {
  readonly instrument: Instrument;
  readonly position: MarkedPosition;
}

export function balances(owner: VenueAccount, account: Account) {
  return account.assets.map((asset) => ({
    accountAlias: owner.name,
    asset: asset.asset,
    balance: money(asset.walletBalance),
    crossWalletBalance: money(asset.walletBalance),
    crossUnPnl: money(asset.unrealizedPnl),
    availableBalance: money(asset.availableBalance),
    maxWithdrawAmount: money(asset.availableBalance),
    marginAvailable: true,
    updateTime: milliseconds(asset.updatedUs),
  }));
}

export function accountV3(account: Account, held: readonly HeldPosition[]) {
  const total = (pick: (asset: AccountAsset) => Decimal) => money(sum(account.assets.map(pick)));
  return {
    totalInitialMargin: money(sum(account.assets.map(initialMargin))),
    totalMaintMargin: total((asset) => asset.maintenanceMargin),
    totalWalletBalance: total((asset) => asset.walletBalance),
    totalUnrealizedProfit: total((asset) => asset.unrealizedPnl),
    totalMarginBalance: total((asset) => asset.marginBalance),
    totalPositionInitialMargin: total((asset) => asset.positionInitialMargin),
    totalOpenOrderInitialMargin: total((asset) => asset.openOrderInitialMargin),
    totalCrossWalletBalance: total((asset) => asset.walletBalance),
    totalCrossUnPnl: total((asset) => asset.unrealizedPnl),
    availableBalance: total((asset) => asset.availableBalance),
    maxWithdrawAmount: total((asset) => asset.availableBalance),
    assets: account.assets.map((asset) => ({
      asset: asset.asset,
      walletBalance: money(asset.walletBalance),
      unrealizedProfit: money(asset.unrealizedPnl),
      marginBalance: money(asset.marginBalance),
      maintMargin: money(asset.maintenanceMargin),
      initialMargin: money(initialMargin(asset)),
      positionInitialMargin: money(asset.positionInitialMargin),
      openOrderInitialMargin: money(asset.openOrderInitialMargin),
      crossWalletBalance: money(asset.walletBalance),
      crossUnPnl: money(asset.unrealizedPnl),
      availableBalance: money(asset.availableBalance),
      maxWithdrawAmount: money(asset.availableBalance),
      marginAvailable: true,
      updateTime: milliseconds(asset.updatedUs),
    })),
    positions: held.filter(({ position }) => !isZero(position.quantity)).map(positionV3),
  };
}

/** Version 2 lists every symbol and says what the account may do. */
export function accountV2(owner: VenueAccount, account: Account, held: readonly HeldPosition[]) {
  return {
    ...accountV3(account, held),
    feeTier: 0,
    canTrade: true,
    canDeposit: true,
    canWithdraw: owner.canWithdraw,
    multiAssetsMargin: false,
    tradeGroupId: -1,
    updateTime: 0,
    positions: held.map(({ instrument, position }) => ({
      ...positionV3({ instrument, position }),
      positionInitialMargin: money(position.initialMargin),
      openOrderInitialMargin: '0',
      leverage: String(position.leverage),
      isolated: position.marginType === 'isolated',
      entryPrice: entryPrice(position, instrument),
      breakEvenPrice: entryPrice(position, instrument),
      maxNotional: String(NOTIONAL_CAP),
      bidNotional: '0',
      askNotional: '0',
    })),
  };
}

export function positionRiskV3({ instrument, position }: HeldPosition) {
  return {
    symbol: instrument.symbol,
    positionSide: POSITION_SIDES[position.positionSide],
    positionAmt: fixed(position.quantity, precisionOf(instrument).quantity),
    entryPrice: entryPrice(position, instrument),
    breakEvenPrice: entryPrice(position, instrument),
    markPrice: money(position.markPrice),
    unRealizedProfit: money(position.unrealizedPnl),
    liquidationPrice: '0',
    isolatedMargin: money(position.isolatedMargin),
    notional: money(position.notional),
    marginAsset: instrument.quote,
    isolatedWallet: money(position.isolatedMargin),
    initialMargin: money(position.initialMargin),
    maintMargin: money(position.maintenanceMargin),
    positionInitialMargin: money(position.initialMargin),
    openOrderInitialMargin: '0',
    adl: 0,
    bidNotional: '0',
    askNotional: '0',
    updateTime: milliseconds(position.updatedUs),
  };
}

export function positionRiskV2({ instrument, position }: HeldPosition) {
  return {
    symbol: instrument.symbol,
    positionAmt: fixed(position.quantity, precisionOf(instrument).quantity),
    entryPrice: entryPrice(position, instrument),
    breakEvenPrice: entryPrice(position, instrument),
    markPrice: money(position.markPrice),
    unRealizedProfit: money(position.unrealizedPnl),
    liquidationPrice: '0',
    leverage: String(position.leverage),
    maxNotionalValue: String(NOTIONAL_CAP),
    marginType: position.marginType,
    isolatedMargin: money(position.isolatedMargin),
    isAutoAddMargin: 'false',
    positionSide: POSITION_SIDES[position.positionSide],
    notional: money(position.notional),
    isolatedWallet: money(position.isolatedMargin),
    updateTime: milliseconds(position.updatedUs),
  };
}

export function leverageBracket(instrument: Instrument) {
  return {
    symbol: instrument.symbol,
    notionalCoef: 1,
    brackets: [
      {
        bracket: 1,
        initialLeverage: instrument.maxLeverage,
        notionalCap: NOTIONAL_CAP,
        notionalFloor: 0,
        maintMarginRatio: Number(instrument.maintenanceMarginRate),
        cum: 0,
      },
    ],
  };
}

/** Entry price to more places than the tick: it is an average. */
export function entryPrice(
  position: { readonly quantity: Decimal; readonly entryPrice: Decimal },
  instrument: Instrument,
): string {
  const average = isZero(position.quantity) ? ZERO : position.entryPrice;
  return isZero(average) ? '0.0' : fixed(average, Math.max(ENTRY_PLACES, precisionOf(instrument).price));
}

const ENTRY_PLACES = 8;

function positionV3({ instrument, position }: HeldPosition) {
  return {
    symbol: instrument.symbol,
    positionSide: POSITION_SIDES[position.positionSide],
    positionAmt: fixed(position.quantity, precisionOf(instrument).quantity),
    unrealizedProfit: money(position.unrealizedPnl),
    isolatedMargin: money(position.isolatedMargin),
    notional: money(position.notional),
    isolatedWallet: money(position.isolatedMargin),
    initialMargin: money(position.initialMargin),
    maintMargin: money(position.maintenanceMargin),
    updateTime: milliseconds(position.updatedUs),
  };
}

function initialMargin(asset: AccountAsset): Decimal {
  return sum([asset.positionInitialMargin, asset.openOrderInitialMargin]);
}
