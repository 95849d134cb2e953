/** Public trades and candles, which both markets answer alike but for the names of intervals. */
import type { Instrument } from '../../core/types.ts';
import { type Answer, answer, type VenueContext } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { publicTrade } from './market-view.ts';
import { type Params, pageLimit, required, timeBounds } from './params.ts';
import { candleRow } from './public-frames.ts';

interface PageSize {
  readonly usual: number;
  readonly most: number;
}

export const CANDLES: PageSize = { usual: 100, most: 1_000 };
export const HISTORY_CANDLES: PageSize = { usual: 100, most: 200 };
const TRADES: PageSize = { usual: 100, most: 500 };

/** Newest first. */
export function tradesOf(instrument: Instrument | Refused, params: Params, { core }: VenueContext): Answer {
  if (isRefused(instrument)) return instrument;
  const limit = pageLimit(params, TRADES.usual, TRADES.most);
  if (isRefused(limit)) return limit;
  const trades = core.trades(instrument.symbol, limit);
  return answer(trades.map((trade) => publicTrade(trade, instrument)).reverse());
}

/** Oldest first; with a start the first of them, else the last. */
export function candlesOf(
  instrument: Instrument | Refused,
  params: Params,
  { core }: VenueContext,
  granularities: ReadonlyMap<string, number>,
  limits: PageSize,
): Answer {
  if (isRefused(instrument)) return instrument;
  const granularity = required(params, 'granularity');
  if (isRefused(granularity)) return granularity;
  const intervalMs = granularities.get(granularity);
  if (intervalMs === undefined) return refuse('VERIFICATION_FAILED');
  const limit = pageLimit(params, limits.usual, limits.most);
  if (isRefused(limit)) return limit;
  const bounds = timeBounds(params);
  if (isRefused(bounds)) return bounds;
  const candles = core.candles(instrument.symbol, intervalMs, { ...bounds, limit });
  return answer(candles.map((candle) => candleRow(candle, instrument)));
}
