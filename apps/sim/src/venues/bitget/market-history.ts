/** Public trades and candles, which both markets answer alike but for the names of intervals. */
import type { Instrument } from '../../core/types.ts';
import { type Answer, answer, type VenueContext } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { publicTrade } from './market-view.ts';
import { readPage } from './page.ts';
import { type Params, pageLimit, required, timeBounds } from './params.ts';
import { candleRow } from './public-frames.ts';

const EVERY_TRADE = 1_000_000;

interface PageSize {
  readonly usual: number;
  readonly most: number;
}

export const CANDLES: PageSize = { usual: 100, most: 1_000 };
export const HISTORY_CANDLES: PageSize = { usual: 100, most: 200 };
export const TRADES: PageSize = { usual: 100, most: 100 };
export const SPOT_TRADES: PageSize = { usual: 100, most: 500 };
export const HISTORY_TRADES: PageSize = { usual: 500, most: 1_000 };

/** Newest first; what the market remembers of its trades is all the history there is. */
export function tradesOf(
  instrument: Instrument | Refused,
  params: Params,
  { core }: VenueContext,
  limits: PageSize,
): Answer {
  if (isRefused(instrument)) return instrument;
  const bounds = timeBounds(params);
  if (isRefused(bounds)) return bounds;
  const { startUs = 0, endUs = Number.POSITIVE_INFINITY } = bounds;
  const trades = core
    .trades(instrument.symbol, EVERY_TRADE)
    .filter(({ timeUs }) => timeUs >= startUs && timeUs <= endUs);
  const page = readPage(params, trades, ({ tradeId }) => tradeId, limits);
  return isRefused(page) ? page : answer(page.rows.map((trade) => publicTrade(trade, instrument)));
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
  // The futures' rows end with the volume in quote; spot rows repeat it as the volume in USDT.
  const columns = instrument.market === 'spot' ? 8 : 7;
  return answer(candles.map((candle) => candleRow(candle, instrument).slice(0, columns)));
}
