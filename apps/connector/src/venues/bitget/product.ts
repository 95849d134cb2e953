/**
 * The two markets of a Bitget classic account as data: how they are named on the wire, and where one message means two
 * things. What else differs (paths, shapes of lists) stands in `endpoints.ts`.
 */
import { MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import type { MarketName } from '../venue-config.ts';

export interface Product {
  readonly market: MarketName;
  readonly marketType: MarketType;
  /** Of channels. */
  readonly instType: 'USDT-FUTURES' | 'SPOT';
  /** What every request about futures names, nothing for spot. */
  readonly scope: Readonly<Record<string, string>>;
  /** `businessType` of the fees that the account pays. */
  readonly feeBusiness: 'mix' | 'spot';
  /**
   * Sign of a fee that was paid on the fill channel. Everywhere else, and for futures here too, Bitget writes what was
   * paid as negative; spot fills on the stream carry it positive (recorded frames, among them those in ccxt's source).
   */
  readonly streamedFee: 'paid_is_negative' | 'paid_is_positive';
}

/** The only margin coin of linear perpetuals here. */
export const MARGIN_COIN = 'USDT';

export const USDT_FUTURES: Product = {
  market: 'perpetual',
  marketType: MarketType.PERPETUAL,
  instType: 'USDT-FUTURES',
  scope: { productType: 'USDT-FUTURES' },
  feeBusiness: 'mix',
  streamedFee: 'paid_is_negative',
};

export const SPOT: Product = {
  market: 'spot',
  marketType: MarketType.SPOT,
  instType: 'SPOT',
  scope: {},
  feeBusiness: 'spot',
  streamedFee: 'paid_is_positive',
};
