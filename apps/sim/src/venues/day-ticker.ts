/** 24-hour statistics of a symbol, derived from the core's candles and its newest trade. */
import {
  compare,
  type Decimal,
  decimal,
  divide,
  max,
  min,
  multiply,
  subtract,
  sum,
  ZERO,
} from '@trunkline/proto/decimal';
import type { Core } from '../core/core-api.ts';
import type { PublicTrade } from '../core/types.ts';

const DAY_US = 86_400_000_000;
const MINUTE_MS = 60_000;
const CANDLES_A_DAY = 1_440;
const AVERAGE_PLACES = 8;
const HUNDRED = decimal('100');

export interface DayStatistics {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly trades: number;
  readonly change: Decimal;
  readonly changePercent: Decimal;
  readonly weightedAverage: Decimal;
  readonly openUs: number;
  readonly last: PublicTrade;
}

/** Undefined until the symbol has traded. */
export function dayStatistics(core: Core, symbol: string, nowUs: number): DayStatistics | undefined {
  const candles = core.candles(symbol, MINUTE_MS, { startUs: nowUs - DAY_US, limit: CANDLES_A_DAY });
  const [first] = candles;
  const last = core.trades(symbol, 1).at(-1);
  if (first === undefined || last === undefined) return undefined;
  const volume = sum(candles.map((candle) => candle.volume));
  const quoteVolume = sum(candles.map((candle) => candle.quoteVolume));
  const change: Decimal = subtract<Decimal>(last.price, first.open);
  return {
    open: first.open,
    high: candles.reduce((highest, candle) => max(highest, candle.high), first.high),
    low: candles.reduce((lowest, candle) => min(lowest, candle.low), first.low),
    volume,
    quoteVolume,
    trades: candles.reduce((total, candle) => total + candle.trades, 0),
    change,
    changePercent:
      compare(first.open, ZERO) === 0 ? ZERO : divide(multiply(change, HUNDRED), first.open, 3, 'half-even'),
    weightedAverage: compare(volume, ZERO) === 0 ? ZERO : divide(quoteVolume, volume, AVERAGE_PLACES, 'half-even'),
    openUs: first.openUs,
    last,
  };
}
