/**
 * The contracts that this venue can list, with Binance's own tick, step, minimum and fee (regular user, VIP 0), and
 * the price at which a synthetic market of each begins.
 */
import { asQuantity, decimal, notional, ONE, price, quantity } from '@trunkline/proto/decimal';
import type { Listing } from '../../venue-front.ts';

const COMMON = {
  market: 'perpetual',
  contractSize: quantity('1'),
  fundingIntervalMs: 8 * 3_600_000,
  quote: 'USDT',
  makerFeeRate: decimal('0.0002'),
  takerFeeRate: decimal('0.0005'),
  maintenanceMarginRate: decimal('0.004'),
  priceBand: decimal('0.05'),
  maxOpenOrders: 200,
} as const;

export const LISTINGS: ReadonlyMap<string, Listing> = new Map(
  [
    list('BTC', { tick: '0.1', step: '0.001', most: '1000', minNotional: '100', leverage: 125, start: '60000' }),
    list('ETH', { tick: '0.01', step: '0.001', most: '10000', minNotional: '20', leverage: 125, start: '2500' }),
    list('BNB', { tick: '0.01', step: '0.01', most: '10000', minNotional: '5', leverage: 75, start: '550' }),
    list('SOL', { tick: '0.01', step: '0.01', most: '100000', minNotional: '5', leverage: 100, start: '150' }),
    list('XRP', { tick: '0.0001', step: '0.1', most: '10000000', minNotional: '5', leverage: 75, start: '0.55' }),
  ].map((entry) => [entry.instrument.symbol, entry]),
);

function list(
  base: string,
  rules: {
    readonly tick: string;
    readonly step: string;
    readonly most: string;
    readonly minNotional: string;
    readonly leverage: number;
    readonly start: string;
  },
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
      minNotional: notional(price(rules.minNotional), asQuantity(ONE)),
      maxLeverage: rules.leverage,
    },
  };
}
