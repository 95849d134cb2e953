/** Public endpoints: market data and the rules of trading. */
import type { Instrument } from '../../../core/types.ts';
import { dayStatistics } from '../../day-ticker.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import type { FundingHistory } from '../../funding-history.ts';
import { INTERVALS_MS } from '../../intervals.ts';
import { type Answer, answer, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, refuse } from '../errors.ts';
import type { LimitOptions } from '../limits.ts';
import { aggregateTrade, dayRow, klineRow, publicTrade } from '../market-rows.ts';
import { optional, pageLimit, required, timeBounds } from '../params.ts';
import { precisionOf } from '../print.ts';
import { bookTicker, depth, exchangeInfo, fundingInfo, fundingRate, premiumIndex } from './market-view.ts';
import { readInstrument } from './order-input.ts';

/** Weight of a depth request by its limit, and the limits there are. */
const DEPTH_WEIGHTS: ReadonlyMap<number, number> = new Map([
  [5, 2],
  [10, 2],
  [20, 2],
  [50, 2],
  [100, 5],
  [500, 10],
  [1000, 20],
]);
const USUAL_DEPTH = 500;
const TRADES = { usual: 500, most: 1_000 } as const;
const KLINES = { usual: 500, most: 1_500 } as const;
const FUNDING = { usual: 100, most: 1_000 } as const;

export function marketRoutes(context: VenueContext, limits: LimitOptions, fundings: FundingHistory): readonly Route[] {
  const { core } = context;
  const nowMs = () => milliseconds(context.clock.wallUs());

  /** One symbol's answer, or all symbols' as a list where none is named. */
  const perSymbol = (params: Params, view: (instrument: Instrument) => unknown): Answer => {
    if (optional(params, 'symbol') === undefined) {
      return answer(
        core
          .instruments()
          .map(view)
          .filter((row) => row !== undefined),
      );
    }
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const row = view(instrument);
    return row === undefined ? refuse('SYMBOL_CLOSED') : answer(row);
  };

  const fundingRates = (params: Params): Answer => {
    const limit = pageLimit(params, FUNDING.usual, FUNDING.most);
    if (isRefused(limit)) return limit;
    const bounds = timeBounds(params);
    if (isRefused(bounds)) return bounds;
    const named = optional(params, 'symbol') === undefined ? undefined : readInstrument(params, core);
    if (isRefused(named)) return named;
    const { startUs = 0, endUs = Number.POSITIVE_INFINITY } = bounds;
    const rows = (named === undefined ? core.instruments() : [named])
      .flatMap(({ symbol }) => fundings.of(symbol))
      .filter(({ timeUs }) => timeUs >= startUs && timeUs <= endUs)
      .sort((a, b) => a.timeUs - b.timeUs);
    return answer((bounds.startUs === undefined ? rows.slice(-limit) : rows.slice(0, limit)).map(fundingRate));
  };

  const get = (
    path: string,
    weight: number | ((params: Params) => number),
    handle: (params: Params) => Answer,
  ): Route => ({
    method: 'GET',
    path,
    weight,
    security: 'none',
    handle,
  });

  return [
    get('/fapi/v1/ping', 1, () => answer({})),
    get('/fapi/v1/time', 1, () => answer({ serverTime: nowMs() })),
    get('/fapi/v1/exchangeInfo', 1, () => answer(exchangeInfo(core.instruments(), limits, nowMs()))),
    get('/fapi/v1/depth', depthWeight, (params) => {
      const instrument = readInstrument(params, core);
      if (isRefused(instrument)) return instrument;
      const limit = optional(params, 'limit') ?? String(USUAL_DEPTH);
      if (!DEPTH_WEIGHTS.has(Number(limit))) return refuse('BAD_DEPTH_LIMIT', limit);
      const book = core.book(instrument.symbol, Number(limit));
      return book === undefined ? refuse('SYMBOL_CLOSED') : answer(depth(book, precisionOf(instrument), nowMs()));
    }),
    get('/fapi/v1/trades', 5, (params) => {
      const instrument = readInstrument(params, core);
      if (isRefused(instrument)) return instrument;
      const limit = pageLimit(params, TRADES.usual, TRADES.most);
      if (isRefused(limit)) return limit;
      const precision = precisionOf(instrument);
      return answer(core.trades(instrument.symbol, limit).map((trade) => publicTrade(trade, precision)));
    }),
    get('/fapi/v1/aggTrades', 20, (params) => {
      const instrument = readInstrument(params, core);
      if (isRefused(instrument)) return instrument;
      const limit = pageLimit(params, TRADES.usual, TRADES.most);
      if (isRefused(limit)) return limit;
      const precision = precisionOf(instrument);
      return answer(core.trades(instrument.symbol, limit).map((trade) => aggregateTrade(trade, precision)));
    }),
    get('/fapi/v1/klines', klineWeight, (params) => {
      const instrument = readInstrument(params, core);
      if (isRefused(instrument)) return instrument;
      const interval = required(params, 'interval');
      if (isRefused(interval)) return interval;
      const intervalMs = INTERVALS_MS.get(interval);
      if (intervalMs === undefined) return refuse('BAD_INTERVAL');
      const limit = pageLimit(params, KLINES.usual, KLINES.most);
      if (isRefused(limit)) return limit;
      const bounds = timeBounds(params);
      if (isRefused(bounds)) return bounds;
      const precision = precisionOf(instrument);
      const candles = core.candles(instrument.symbol, intervalMs, { ...bounds, limit });
      return answer(candles.map((candle) => klineRow(candle, precision)));
    }),
    get(
      '/fapi/v1/premiumIndex',
      (params) => (params.has('symbol') ? 1 : 10),
      (params) =>
        perSymbol(params, ({ symbol }) => {
          const mark = core.markPrice(symbol);
          return mark === undefined ? undefined : premiumIndex(mark);
        }),
    ),
    get('/fapi/v1/fundingRate', 0, fundingRates),
    get('/fapi/v1/fundingInfo', 0, () => answer(core.instruments().map(fundingInfo))),
    get('/fapi/v1/openInterest', 1, (params) => {
      const instrument = readInstrument(params, core);
      if (isRefused(instrument)) return instrument;
      const interest = core.openInterest(instrument.symbol);
      if (interest === undefined) return refuse('SYMBOL_CLOSED');
      const openInterest = fixed(interest.quantity, precisionOf(instrument).quantity);
      return answer({ openInterest, symbol: instrument.symbol, time: milliseconds(interest.timeUs) });
    }),
    get(
      '/fapi/v1/ticker/bookTicker',
      (params) => (params.has('symbol') ? 2 : 5),
      (params) =>
        perSymbol(params, (instrument) => {
          const quote = core.bestQuote(instrument.symbol);
          return quote === undefined ? undefined : bookTicker(quote, precisionOf(instrument));
        }),
    ),
    get(
      '/fapi/v1/ticker/price',
      (params) => (params.has('symbol') ? 1 : 2),
      (params) =>
        perSymbol(params, (instrument) => {
          const last = core.trades(instrument.symbol, 1).at(-1);
          if (last === undefined) return undefined;
          const price = fixed(last.price, precisionOf(instrument).price);
          return { symbol: instrument.symbol, price, time: milliseconds(last.timeUs) };
        }),
    ),
    get(
      '/fapi/v1/ticker/24hr',
      (params) => (params.has('symbol') ? 1 : 40),
      (params) =>
        perSymbol(params, (instrument) => {
          const day = dayStatistics(core, instrument.symbol, context.clock.wallUs());
          return day === undefined ? undefined : dayRow(day, instrument, nowMs());
        }),
    ),
  ];
}

function depthWeight(params: Params): number {
  const limit = Number(optional(params, 'limit') ?? USUAL_DEPTH);
  return DEPTH_WEIGHTS.get(limit) ?? 2;
}

function klineWeight(params: Params): number {
  const limit = Number(optional(params, 'limit') ?? KLINES.usual);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}
