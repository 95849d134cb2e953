/** Balances, commissions and the rights of a key as spot's REST answers them. */
import { isZero, subtract, ZERO } from '@trunkline/proto/decimal';
import type { Account, Balance, Instrument } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { money } from '../print.ts';

/** The discount for paying in BNB, which no emulated account does: its fees are in what it receives. */
const DISCOUNT = {
  enabledForAccount: false,
  enabledForSymbol: true,
  discountAsset: 'BNB',
  discount: '0.75000000',
} as const;

export function freeAndLocked({ asset, walletBalance, locked }: Balance) {
  return { asset, free: money(subtract(walletBalance, locked)), locked: money(locked) };
}

export function accountView(
  owner: VenueAccount,
  account: Account,
  rates: Pick<Instrument, 'makerFeeRate' | 'takerFeeRate'>,
  omitZeroBalances: boolean,
) {
  const basisPoints = (rate: Instrument['makerFeeRate']) => Math.round(Number(rate) * 10_000);
  const assets = account.assets.filter((asset) => !omitZeroBalances || !isZero(asset.walletBalance));
  return {
    makerCommission: basisPoints(rates.makerFeeRate),
    takerCommission: basisPoints(rates.takerFeeRate),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: ratesOf(rates),
    canTrade: true,
    canWithdraw: owner.canWithdraw,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: milliseconds(Math.max(0, ...account.assets.map((asset) => asset.updatedUs))),
    accountType: 'SPOT',
    balances: assets.map(freeAndLocked),
    permissions: ['SPOT'],
    uid: Number(owner.uid),
  };
}

export function commissionRates(instrument: Instrument) {
  const none = ratesOf({ makerFeeRate: ZERO, takerFeeRate: ZERO });
  return {
    symbol: instrument.symbol,
    standardCommission: ratesOf(instrument),
    specialCommission: none,
    taxCommission: none,
    discount: DISCOUNT,
  };
}

export function restrictions(account: VenueAccount) {
  return {
    ipRestrict: false,
    createTime: 0,
    enableReading: true,
    enableWithdrawals: account.canWithdraw,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: false,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: true,
    enablePortfolioMarginTrading: false,
  };
}

function ratesOf({ makerFeeRate, takerFeeRate }: Pick<Instrument, 'makerFeeRate' | 'takerFeeRate'>) {
  return { maker: money(makerFeeRate), taker: money(takerFeeRate), buyer: money(ZERO), seller: money(ZERO) };
}
