/** Balances of the futures account and its bills, as REST answers them and the stream pushes them. */
import { type Decimal, divide, isZero, min, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { AccountAsset, Fill, FundingPayment } from '../../core/types.ts';
import { directionOf } from './order-view.ts';
import { money, paid, wireTime } from './print.ts';

const RATE_PLACES = 8;

/** What REST says of one margin coin in every answer. */
export function marginAccount(asset: AccountAsset) {
  const { marginBalance, availableBalance, unrealizedPnl } = asset;
  const equity = money(marginBalance);
  return {
    marginCoin: asset.asset,
    locked: money(asset.openOrderInitialMargin),
    available: money(availableBalance),
    crossedMaxAvailable: money(availableBalance),
    isolatedMaxAvailable: money(availableBalance),
    maxTransferOut: money(transferable(asset)),
    accountEquity: equity,
    usdtEquity: equity,
    btcEquity: '0',
    crossedRiskRate: riskRate(asset),
    unrealizedPL: money(unrealizedPnl),
    coupon: '0',
    crossedUnrealizedPL: money(unrealizedPnl),
    isolatedUnrealizedPL: '0',
    assetMode: 'single',
  };
}

/** An element of `accounts`. */
export function listedMarginAccount(asset: AccountAsset) {
  return {
    ...marginAccount(asset),
    unionTotalMargin: '0',
    unionAvailable: '0',
    unionMm: '0',
    assetList: [],
    isolatedMargin: '0',
    crossedMargin: money(sum([asset.positionInitialMargin, asset.openOrderInitialMargin])),
  };
}

/** An element of the `account` channel. */
export function pushedMarginAccount(asset: AccountAsset) {
  const equity = money(asset.marginBalance);
  return {
    marginCoin: asset.asset,
    frozen: money(asset.openOrderInitialMargin),
    available: money(asset.availableBalance),
    maxOpenPosAvailable: money(asset.availableBalance),
    maxTransferOut: money(transferable(asset)),
    equity,
    usdtEquity: equity,
    crossedRiskRate: riskRate(asset),
    unrealizedPL: money(asset.unrealizedPnl),
    unionTotalMargin: '0',
    unionAvailable: '0',
    unionMm: '0',
    assetsMode: 'single',
  };
}

/** One line of the account's history before its running balance is known. */
export interface BillEntry {
  readonly billId: string;
  readonly symbol: string;
  readonly amount: Decimal;
  /** Above zero is paid. */
  readonly fee: Decimal;
  readonly businessType: string;
  readonly coin: string;
  readonly timeUs: number;
}

export function billOfFill(fill: Fill): BillEntry {
  const { posSide, tradeSide } = directionOf(fill);
  return {
    // A trade of an account with itself is two bills.
    billId: `${fill.tradeId}${fill.maker ? 1 : 2}`,
    symbol: fill.symbol,
    amount: fill.realizedPnl,
    fee: fill.fee,
    businessType: posSide === 'net' ? fill.side : `${tradeSide}_${posSide}`,
    coin: fill.feeAsset,
    timeUs: fill.timeUs,
  };
}

export function billOfFunding(payment: FundingPayment): BillEntry {
  return {
    billId: `${payment.paymentId}9`,
    symbol: payment.symbol,
    amount: payment.amount,
    fee: ZERO,
    businessType: 'contract_settle_fee',
    coin: payment.asset,
    timeUs: payment.timeUs,
  };
}

/** Entries, oldest first, with the balance that each left, counted back from what the wallet holds now. */
export function withBalances(entries: readonly BillEntry[], wallets: ReadonlyMap<string, Decimal>) {
  const balances = new Map(wallets);
  return entries
    .toReversed()
    .map((entry) => {
      const balance = balances.get(entry.coin) ?? entry.amount;
      balances.set(entry.coin, subtract(balance, subtract(entry.amount, entry.fee)));
      return {
        billId: entry.billId,
        symbol: entry.symbol,
        amount: money(entry.amount),
        fee: paid(entry.fee),
        feeByCoupon: '',
        businessType: entry.businessType,
        coin: entry.coin,
        balance: money(balance),
        cTime: wireTime(entry.timeUs),
      };
    })
    .reverse();
}

/** Unrealised profit cannot leave the account. */
function transferable({ availableBalance, walletBalance }: AccountAsset): Decimal {
  return min<Decimal>(availableBalance, walletBalance);
}

function riskRate({ maintenanceMargin, marginBalance }: AccountAsset): Decimal {
  return isZero(marginBalance) ? marginBalance : divide(maintenanceMargin, marginBalance, RATE_PLACES, 'half-even');
}
