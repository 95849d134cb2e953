/** Public market data of either market: what a request asks for, read once; the views are each market's own. */
import type { BookSnapshot, Candle, Instrument, PublicTrade } from '../../core/types.ts';
import type { Fields, VenueContext } from './call.ts';
import { badValue, isRefused, type Refused, refuse } from './errors.ts';
import { INTERVALS_MS } from './intervals.ts';
import type { Market } from './market.ts';
import { flag, optionalInteger, optionalText, pageLimit, readInstrument, timeBounds } from './params.ts';

const TRADES = { usual: 100, most: 1_000 } as const;
const CANDLES = { usual: 100, most: 2_000 } as const;

export interface BookAsked {
  readonly book: BookSnapshot;
  readonly instrument: Instrument;
  readonly withId: boolean;
}

export function readBook(fields: Fields, { core }: VenueContext, market: Market): BookAsked | Refused {
  const instrument = readInstrument(fields, core, market);
  if (isRefused(instrument)) return instrument;
  const limit = pageLimit(fields, market.bookLevels.usual, market.bookLevels.most);
  if (isRefused(limit)) return limit;
  const withId = flag(fields, 'with_id');
  if (isRefused(withId)) return withId;
  const interval = optionalText(fields, 'interval');
  // Merged price levels are not served: `0` is the venue's usual, no merging.
  if (interval !== undefined && interval !== '0')
    return isRefused(interval) ? interval : badValue('interval', interval);
  const book = core.book(instrument.symbol, limit);
  return book === undefined ? refuse('TOO_BUSY') : { book, instrument, withId };
}

/** Newest first. */
export function readTrades(
  fields: Fields,
  { core }: VenueContext,
  market: Market,
): { readonly instrument: Instrument; readonly trades: readonly PublicTrade[] } | Refused {
  const instrument = readInstrument(fields, core, market);
  if (isRefused(instrument)) return instrument;
  const limit = pageLimit(fields, TRADES.usual, TRADES.most);
  if (isRefused(limit)) return limit;
  const bounds = timeBounds(fields);
  if (isRefused(bounds)) return bounds;
  const { startUs = 0, endUs = Number.POSITIVE_INFINITY } = bounds;
  const lastId = optionalInteger(fields, 'last_id');
  if (isRefused(lastId)) return lastId;
  const trades = core
    .trades(instrument.symbol, TRADES.most)
    .filter(({ timeUs, tradeId }) => timeUs >= startUs && timeUs <= endUs && Number(tradeId) > (lastId ?? -1));
  return { instrument, trades: [...(lastId === undefined ? trades.slice(-limit) : trades.slice(0, limit))].reverse() };
}

/** Oldest first. */
export function readCandles(
  fields: Fields,
  { core }: VenueContext,
  market: Market,
): { readonly instrument: Instrument; readonly candles: readonly Candle[] } | Refused {
  const instrument = readInstrument(fields, core, market);
  if (isRefused(instrument)) return instrument;
  const interval = optionalText(fields, 'interval');
  if (isRefused(interval)) return interval;
  const intervalMs = INTERVALS_MS.get(interval ?? '5m');
  if (intervalMs === undefined) return badValue('interval', interval);
  const limit = pageLimit(fields, CANDLES.usual, CANDLES.most);
  if (isRefused(limit)) return limit;
  const bounds = timeBounds(fields);
  if (isRefused(bounds)) return bounds;
  return { instrument, candles: core.candles(instrument.symbol, intervalMs, { ...bounds, limit }) };
}
