/**
 * The contracts and pairs that this venue can list, with Bitget's own scales, minimums and fees (no VIP level), and the
 * price at which a synthetic market of each begins. The sim's one price tick is the venue's last decimal place:
 * `priceEndStep` is 1 for all of them.
 */
import { asQuantity, decimal, notional, ONE, price, quantity } from '@trunkline/proto/decimal';
import type { Instrument } from '../../core/types.ts';
import type { Listing } from '../venue-front.ts';

const FUTURES_RULES = {
  market: 'perpetual',
  contractSize: quantity('1'),
  fundingIntervalMs: 8 * 3_600_000,
  quote: 'USDT',
  makerFeeRate: decimal('0.0002'),
  takerFeeRate: decimal('0.0006'),
  maintenanceMarginRate: decimal('0.004'),
  priceBand: decimal('0.05'),
  maxOpenOrders: 400,
  minNotional: notional(price('5'), asQuantity(ONE)),
} as const;

const SPOT_RULES = {
  ...FUTURES_RULES,
  market: 'spot',
  makerFeeRate: decimal('0.001'),
  takerFeeRate: decimal('0.001'),
  maxOpenOrders: 200,
  minNotional: notional(price('1'), asQuantity(ONE)),
  maxLeverage: 1,
} as const;

export const FUTURES_LISTINGS: readonly Listing[] = [
  futures('BTC', { tick: '0.1', step: '0.0001', most: '1200', leverage: 150, start: '60000' }),
  futures('ETH', { tick: '0.01', step: '0.01', most: '17000', leverage: 125, start: '2500' }),
  futures('BNB', { tick: '0.01', step: '0.01', most: '9000', leverage: 75, start: '550' }),
  futures('SOL', { tick: '0.001', step: '0.1', most: '100000', leverage: 100, start: '150' }),
  futures('XRP', { tick: '0.0001', step: '1', most: '10000000', leverage: 100, start: '0.55' }),
];

export const SPOT_LISTINGS: readonly Listing[] = [
  spot('BTC', { tick: '0.01', step: '0.000001', start: '60000' }),
  spot('ETH', { tick: '0.01', step: '0.0001', start: '2500' }),
  spot('BNB', { tick: '0.01', step: '0.0001', start: '550' }),
  spot('SOL', { tick: '0.01', step: '0.0001', start: '150' }),
  spot('XRP', { tick: '0.0001', step: '0.0001', start: '0.55' }),
];

interface Grid {
  readonly tick: string;
  readonly step: string;
  readonly start: string;
}

function futures(base: string, rules: Grid & { readonly most: string; readonly leverage: number }): Listing {
  return list(
    { ...FUTURES_RULES, ...grid(base, rules), maxQuantity: quantity(rules.most), maxLeverage: rules.leverage },
    rules,
  );
}

function spot(base: string, rules: Grid): Listing {
  const { fundingIntervalMs: _, ...common } = SPOT_RULES;
  return list({ ...common, ...grid(base, rules), maxQuantity: quantity('900000000') }, rules);
}

function grid(base: string, { tick, step }: Grid) {
  return {
    symbol: `${base}USDT`,
    base,
    tickSize: price(tick),
    stepSize: quantity(step),
    minQuantity: quantity(step),
  };
}

function list(instrument: Instrument, { start }: Grid): Listing {
  return { instrument, startPrice: price(start) };
}
