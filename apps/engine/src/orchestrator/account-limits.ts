/** An account's pre-trade limits and its strategies' instruments: the config's figures on the venue's own grid. */
import { asPrice, asQuantity, decimal, divide, notional, ONE, parseDecimal, ZERO } from '@trunkline/proto/decimal';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { parseSymbol } from '@trunkline/proto/ids';
import type { LimitSettings } from '../config.ts';
import type { AccountLimits, SymbolLimits } from '../risk/limits.ts';
import type { StrategyInstrument } from '../strategies/strategy.ts';

const BPS = decimal('10000');
/** A quote older than this counts as none. */
const MAX_QUOTE_AGE_MS = 5_000;

/** Undefined for an instrument whose numbers cannot be read: it is not traded. */
export function readInstrument(message: Instrument): StrategyInstrument | undefined {
  const symbol = parseSymbol(message.symbol);
  const tickSize = parseDecimal(message.tickSize);
  const quantityStep = parseDecimal(message.quantityStep);
  const minQuantity = parseDecimal(message.minQuantity);
  if (!symbol || !tickSize || !quantityStep || !minQuantity || tickSize === ZERO || quantityStep === ZERO) {
    return undefined;
  }
  return {
    symbol,
    tickSize,
    quantityStep,
    minQuantity,
    minNotional: parseDecimal(message.minNotional) ?? ZERO,
    makerFeeRate: parseDecimal(message.makerFeeRate) ?? ZERO,
  };
}

export function accountLimits(settings: LimitSettings, instruments: readonly StrategyInstrument[]): AccountLimits {
  const ofSymbol = (instrument: StrategyInstrument): SymbolLimits => ({
    maxOrderQuantity: settings.max_order_quantity,
    maxOrderNotional: notional(asPrice(settings.max_order_notional), asQuantity(ONE)),
    maxPosition: settings.max_position,
    priceBand: divide(settings.price_band_bps, BPS, 12, 'down'),
    instrument: {
      tickSize: asPrice(instrument.tickSize),
      quantityStep: asQuantity(instrument.quantityStep),
      minQuantity: asQuantity(instrument.minQuantity),
      minNotional: notional(asPrice(instrument.minNotional), asQuantity(ONE)),
    },
  });
  return {
    symbols: new Map(instruments.map((instrument) => [instrument.symbol, ofSymbol(instrument)])),
    maxOpenOrders: settings.max_open_orders,
    maxOrdersPerSecond: settings.max_orders_per_second,
    maxDailyLoss: settings.max_daily_loss,
    maxQuoteAgeMs: MAX_QUOTE_AGE_MS,
  };
}
