/** Public endpoints of spot: market data and the rules of trading. */

import type { Instrument } from '../../../core/types.ts';
import { dayStatistics } from '../../day-ticker.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import { INTERVALS_MS } from '../../intervals.ts';
import { type Answer, answer, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import type { LimitOptions } from '../limits.ts';
import { aggregateTrade, dayRow, klineRow, publicTrade } from '../market-rows.ts';
import { optional, optionalInteger, pageLimit, required, timeBounds } from '../params.ts';
import { money, precisionOf } from '../print.ts';
import { refuseSpot } from './errors.ts';
import { AVERAGE_MINUTES, averagePriceOf } from './filters.ts';
import { bookTicker, depth, exchangeInfo } from './market-view.ts';
import { readInstrument } from './order-input.ts';

const DEPTH = { usual: 100, most: 5_000 } as const;
const PAGE = { usual: 500, most: 1_000 } as const;
const MANY_SYMBOLS = 100;

export function marketRoutes(context: VenueContext, limits: LimitOptions): readonly Route[] {
  const { core } = context;
  const nowMs = () => milliseconds(context.clock.wallUs());

  /** One symbol's answer, those of `symbols` as a list, or all. */
  const perSymbol = (params: Params, view: (instrument: Instrument) => unknown): Answer => {
    const asked = readSymbols(params, context);
    if (isRefused(asked)) return asked;
    const rows = asked.instruments.map(view).filter((row) => row !== undefined);
    if (asked.listed) return answer(rows);
    const [row] = rows;
    return row === undefined ? refuseSpot('MARKET_CLOSED') : answer(row);
  };

  const page =
    (view: (instrument: Instrument, limit: number, params: Params) => Answer | readonly unknown[]) =>
    (params: Params): Answer => {
      const instrument = readInstrument(params, core);
      if (isRefused(instrument)) return instrument;
      const limit = pageLimit(params, PAGE.usual, PAGE.most);
      if (isRefused(limit)) return limit;
      const rows = view(instrument, limit, params);
      return 'refused' in rows ? rows : answer(rows);
    };

  const candles = (instrument: Instrument, limit: number, params: Params): Answer | readonly unknown[] => {
    const interval = required(params, 'interval');
    if (isRefused(interval)) return interval;
    const intervalMs = INTERVALS_MS.get(interval);
    if (intervalMs === undefined) return refuse('BAD_INTERVAL');
    const bounds = timeBounds(params);
    if (isRefused(bounds)) return bounds;
    const precision = precisionOf(instrument);
    return core
      .candles(instrument.symbol, intervalMs, { ...bounds, limit })
      .map((candle) => klineRow(candle, precision));
  };

  const book = (params: Params): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const limit = optionalInteger(params, 'limit') ?? DEPTH.usual;
    if (isRefused(limit)) return limit;
    const snapshot = core.book(instrument.symbol, Math.min(Math.max(limit, 1), DEPTH.most));
    return snapshot === undefined ? refuseSpot('MARKET_CLOSED') : answer(depth(snapshot, instrument));
  };

  const averagePrice = (params: Params): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const average = averagePriceOf(core, instrument.symbol, context.clock.wallUs());
    if (average === undefined) return refuseSpot('MARKET_CLOSED');
    return answer({ mins: AVERAGE_MINUTES, price: money(average.price), closeTime: milliseconds(average.closeUs) });
  };

  const get = (path: string, weight: Route['weight'], handle: (params: Params) => Answer): Route => ({
    method: 'GET',
    path: `/api/v3/${path}`,
    weight,
    security: 'none',
    handle,
  });

  return [
    get('ping', 1, () => answer({})),
    get('time', 1, () => answer({ serverTime: nowMs() })),
    get('exchangeInfo', 20, (params) => {
      const asked = readSymbols(params, context);
      return isRefused(asked) ? asked : answer(exchangeInfo(asked.instruments, limits, nowMs()));
    }),
    get('depth', depthWeight, book),
    get(
      'trades',
      25,
      page((instrument, limit) =>
        core
          .trades(instrument.symbol, limit)
          .map((trade) => ({ ...publicTrade(trade, precisionOf(instrument)), isBestMatch: true })),
      ),
    ),
    get(
      'aggTrades',
      4,
      page((instrument, limit) =>
        core
          .trades(instrument.symbol, limit)
          .map((trade) => ({ ...aggregateTrade(trade, precisionOf(instrument)), M: true })),
      ),
    ),
    get('klines', 2, page(candles)),
    get('uiKlines', 2, page(candles)),
    get('avgPrice', 2, averagePrice),
    get('ticker/24hr', dayWeight, (params) =>
      perSymbol(params, (instrument) => dayTicker(instrument, context, nowMs())),
    ),
    get('ticker/price', weightOfOne(2, 4), (params) =>
      perSymbol(params, (instrument) => {
        const last = core.trades(instrument.symbol, 1).at(-1);
        const price = last === undefined ? undefined : fixed(last.price, precisionOf(instrument).price);
        return price === undefined ? undefined : { symbol: instrument.symbol, price };
      }),
    ),
    get('ticker/bookTicker', weightOfOne(2, 4), (params) =>
      perSymbol(params, (instrument) => {
        const quote = core.bestQuote(instrument.symbol);
        return quote === undefined ? undefined : bookTicker(quote, instrument);
      }),
    ),
  ];
}

function dayTicker(instrument: Instrument, { core, clock }: VenueContext, nowMs: number) {
  const day = dayStatistics(core, instrument.symbol, clock.wallUs());
  const quote = core.bestQuote(instrument.symbol);
  if (day === undefined || quote === undefined) return undefined;
  const { symbol, ...best } = bookTicker(quote, instrument);
  return { ...dayRow(day, instrument, nowMs), symbol, prevClosePrice: money(day.open), ...best };
}

/** `symbol`, or `symbols=["A","B"]`, or neither for all. */
function readSymbols(
  params: Params,
  { core }: VenueContext,
): { readonly instruments: readonly Instrument[]; readonly listed: boolean } | Refused {
  const list = optional(params, 'symbols');
  if (list === undefined) {
    if (optional(params, 'symbol') === undefined) return { instruments: core.instruments(), listed: true };
    const instrument = readInstrument(params, core);
    return isRefused(instrument) ? instrument : { instruments: [instrument], listed: false };
  }
  if (optional(params, 'symbol') !== undefined) return refuse('BAD_COMBINATION');
  const names = parseNames(list);
  if (names === undefined) return refuse('ILLEGAL_CHARACTERS', 'symbols', '^\\["[A-Z0-9-_.]+"(,"[A-Z0-9-_.]+")*\\]$');
  if (new Set(names).size !== names.length) return refuseSpot('DUPLICATE_SYMBOLS');
  const instruments = names.flatMap((name) => core.instrument(name) ?? []);
  return instruments.length === names.length ? { instruments, listed: true } : refuse('BAD_SYMBOL');
}

function parseNames(text: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed) || parsed.length === 0) return undefined;
    return parsed.every((name) => typeof name === 'string') ? parsed : undefined;
  } catch {
    // Not JSON: the caller refuses the parameter.
    return undefined;
  }
}

function depthWeight(params: Params): number {
  const limit = Number(optional(params, 'limit') ?? DEPTH.usual);
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

function dayWeight(params: Params): number {
  if (params.has('symbol')) return 2;
  const named = parseNames(params.get('symbols') ?? '')?.length ?? MANY_SYMBOLS + 1;
  if (named <= 20) return 2;
  return named <= MANY_SYMBOLS ? 40 : 80;
}

function weightOfOne(one: number, many: number): (params: Params) => number {
  return (params) => (params.has('symbol') ? one : many);
}
