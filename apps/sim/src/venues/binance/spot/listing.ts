/**
 * The pairs that this venue can list, with Binance's own tick, step, minimum and fee (regular user, VIP 0, no
 * discount), and the price at which a synthetic market of each begins.
 */
import { asQuantity, decimal, notional, ONE, price, quantity, ZERO } from '@trunkline/proto/decimal';
import type { Listing } from '../../venue-front.ts';

const COMMON = {
  market: 'spot',
  contractSize: quantity('1'),
  quote: 'USDT',
  makerFeeRate: decimal('0.001'),
  takerFeeRate: decimal('0.001'),
  maxLeverage: 1,
  maintenanceMarginRate: ZERO,
  minNotional: notional(price('5'), asQuantity(ONE)),
  /** The outer side of PERCENT_PRICE_BY_SIDE: buys above, sells below. */
  priceBand: decimal('0.2'),
  maxOpenOrders: 200,
} as const;

export const LISTINGS: ReadonlyMap<string, Listing> = new Map(
  [
    list('BTC', { tick: '0.01', step: '0.00001', most: '9000', start: '60000' }),
    list('ETH', { tick: '0.01', step: '0.0001', most: '9000', start: '2500' }),
    list('BNB', { tick: '0.01', step: '0.001', most: '900000', start: '550' }),
    list('SOL', { tick: '0.01', step: '0.001', most: '90000', start: '150' }),
    list('XRP', { tick: '0.0001', step: '0.1', most: '9222449', start: '0.55' }),
  ].map((entry) => [entry.instrument.symbol, entry]),
);

function list(
  base: string,
  rules: { readonly tick: string; readonly step: string; readonly most: string; readonly start: string },
): Listing {
  return {
    startPrice: price(rules.start),
    instrument: {
      ...COMMON,
      symbol: `${base}${COMMON.quote}`,
      base,
      tickSize: price(rules.tick),
      stepSize: quantity(rules.step),
      minQuantity: quantity(rules.step),
      maxQuantity: quantity(rules.most),
    },
  };
}
