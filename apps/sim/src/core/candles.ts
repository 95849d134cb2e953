/** One-minute candles of a market, and longer ones built of them on request. */
import { add, compare, type Decimal, multiply, ZERO } from '@trunkline/proto/decimal';
import type { Candle, PublicTrade } from './types.ts';

export const MINUTE_MS = 60_000;
const MINUTE_US = MINUTE_MS * 1_000;
/** A week. The oldest is forgotten. */
const MAX_CANDLES = 7 * 24 * 60;

export interface CandleFilter {
  /** Inclusive bounds on `openUs`. */
  readonly startUs?: number;
  readonly endUs?: number;
  readonly limit: number;
}

export interface CandleStore {
  add(trade: PublicTrade): void;
  /** Oldest first; with `startUs` the first `limit`, else the last. Minutes without trades have no candle. */
  list(intervalMs: number, filter: CandleFilter): readonly Candle[];
}

export function createCandleStore(): CandleStore {
  const minutes: Candle[] = [];
  return {
    add(trade) {
      const candle = candleOf(trade);
      const last = minutes.at(-1);
      if (last?.openUs === candle.openUs) minutes[minutes.length - 1] = merged(last, candle);
      else minutes.push(candle);
      if (minutes.length > MAX_CANDLES) minutes.shift();
    },
    list(intervalMs, { startUs = 0, endUs = Number.POSITIVE_INFINITY, limit }) {
      const isForward = startUs > 0;
      const all = grouped(minutes, intervalMs * 1_000).filter(({ openUs }) => openUs >= startUs && openUs <= endUs);
      if (limit <= 0) return [];
      return isForward ? all.slice(0, limit) : all.slice(-limit);
    },
  };
}

function grouped(minutes: readonly Candle[], intervalUs: number): Candle[] {
  const candles: Candle[] = [];
  for (const minute of minutes) {
    const openUs = minute.openUs - (minute.openUs % intervalUs);
    const candle = { ...minute, openUs, closeUs: openUs + intervalUs };
    const last = candles.at(-1);
    if (last?.openUs === openUs) candles[candles.length - 1] = merged(last, candle);
    else candles.push(candle);
  }
  return candles;
}

function candleOf({ price, quantity, buyerIsMaker, timeUs }: PublicTrade): Candle {
  const openUs = timeUs - (timeUs % MINUTE_US);
  const volume: Decimal = quantity;
  const quoteVolume = multiply(price, quantity);
  return {
    openUs,
    closeUs: openUs + MINUTE_US,
    open: price,
    high: price,
    low: price,
    close: price,
    volume,
    quoteVolume,
    trades: 1,
    takerBuyVolume: buyerIsMaker ? ZERO : volume,
    takerBuyQuoteVolume: buyerIsMaker ? ZERO : quoteVolume,
  };
}

function merged(earlier: Candle, later: Candle): Candle {
  return {
    ...earlier,
    high: compare(later.high, earlier.high) > 0 ? later.high : earlier.high,
    low: compare(later.low, earlier.low) < 0 ? later.low : earlier.low,
    close: later.close,
    volume: add(earlier.volume, later.volume),
    quoteVolume: add(earlier.quoteVolume, later.quoteVolume),
    trades: earlier.trades + later.trades,
    takerBuyVolume: add(earlier.takerBuyVolume, later.takerBuyVolume),
    takerBuyQuoteVolume: add(earlier.takerBuyQuoteVolume, later.takerBuyQuoteVolume),
  };
}
