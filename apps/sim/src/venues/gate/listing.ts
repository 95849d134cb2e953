/**
 * The pairs and contracts that the two markets can list, with the venue's own tick, step, contract size and minimum, and
 * the price at which a synthetic market of each begins. Fees are those of a regular user (VIP 0).
 */
import { asQuantity, decimal, notional, ONE, price, quantity, ZERO } from '@trunkline/proto/decimal';
import type { Instrument } from '../../core/types.ts';
import type { Listing } from '../venue-front.ts';

const QUOTE = 'USDT';
/** `funding_interval` of the contracts: 8 hours. */
const FUNDING_INTERVAL_MS = 28_800_000;
/** Pairs have no leverage: what a spot instrument says of it is never read. */
const NO_LEVERAGE = { maxLeverage: 1, maintenanceMarginRate: ZERO };

export const SPOT_LISTINGS: readonly Listing[] = [
  pair('BTC', { tick: '0.1', step: '0.000001', most: '1000', start: '60000' }),
  pair('ETH', { tick: '0.01', step: '0.0001', most: '10000', start: '2500' }),
  pair('SOL', { tick: '0.01', step: '0.001', most: '100000', start: '150' }),
  pair('XRP', { tick: '0.0001', step: '0.1', most: '10000000', start: '0.55' }),
];

export const FUTURES_LISTINGS: readonly Listing[] = [
  contract('BTC', { tick: '0.1', size: '0.0001', most: '100', leverage: 125, start: '60000' }),
  contract('ETH', { tick: '0.01', size: '0.01', most: '10000', leverage: 100, start: '2500' }),
  contract('SOL', { tick: '0.01', size: '1', most: '100000', leverage: 100, start: '150' }),
  contract('XRP', { tick: '0.0001', size: '10', most: '10000000', leverage: 75, start: '0.55' }),
];

function pair(
  base: string,
  rules: { readonly tick: string; readonly step: string; readonly most: string; readonly start: string },
): Listing {
  const instrument: Instrument = {
    ...NO_LEVERAGE,
    symbol: `${base}_${QUOTE}`,
    market: 'spot',
    base,
    quote: QUOTE,
    tickSize: price(rules.tick),
    stepSize: quantity(rules.step),
    contractSize: asQuantity(ONE),
    minQuantity: quantity(rules.step),
    maxQuantity: quantity(rules.most),
    // `min_quote_amount` of the venue's USDT pairs.
    minNotional: notional(price('3'), asQuantity(ONE)),
    makerFeeRate: decimal('0.001'),
    takerFeeRate: decimal('0.001'),
    priceBand: decimal('0.15'),
    maxOpenOrders: 200,
  };
  return { startPrice: price(rules.start), instrument };
}

/** `size` is `quanto_multiplier`: base asset a contract, and so the step of every quantity. */
function contract(
  base: string,
  rules: {
    readonly tick: string;
    readonly size: string;
    readonly most: string;
    readonly leverage: number;
    readonly start: string;
  },
): Listing {
  const instrument: Instrument = {
    symbol: `${base}_${QUOTE}`,
    market: 'perpetual',
    base,
    quote: QUOTE,
    tickSize: price(rules.tick),
    stepSize: quantity(rules.size),
    contractSize: quantity(rules.size),
    fundingIntervalMs: FUNDING_INTERVAL_MS,
    minQuantity: quantity(rules.size),
    maxQuantity: quantity(rules.most),
    // The least order is one contract, whatever it is worth.
    minNotional: notional(price('0.000001'), asQuantity(ONE)),
    makerFeeRate: decimal('0.0002'),
    takerFeeRate: decimal('0.0005'),
    maxLeverage: rules.leverage,
    maintenanceMarginRate: decimal('0.004'),
    priceBand: decimal('0.15'),
    maxOpenOrders: 100,
  };
  return { startPrice: price(rules.start), instrument };
}
