/**
 * Market stream messages, field for field as Binance documents them for spot (web-socket-streams.md). `E` is when the
 * frame was made, `T` when the event happened (both ms). Best quotes and partial books carry neither.
 */
import type { Core } from '../../../core/core-api.ts';
import type { BookDelta } from '../../../core/events.ts';
import type { BestQuote, BookSnapshot, Candle, Instrument, PublicTrade } from '../../../core/types.ts';
import type { DayStatistics } from '../../day-ticker.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import type { FeedContext } from '../feeds.ts';
import { aggregateTrade, klineFields, level, miniTickerFields, tickerFields } from '../market-rows.ts';
import { money, precisionOf, wireId } from '../print.ts';
import { AVERAGE_MINUTES, averagePriceOf } from './filters.ts';

export function bookTickerFrame(quote: BestQuote, instrument: Instrument) {
  return { u: quote.updateId, s: quote.symbol, ...quoteFields(quote, instrument) };
}

export function tradeFrame(trade: PublicTrade, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    e: 'trade',
    E: nowMs,
    s: trade.symbol,
    t: wireId(trade.tradeId),
    p: fixed(trade.price, precision.price),
    q: fixed(trade.quantity, precision.quantity),
    T: milliseconds(trade.timeUs),
    m: trade.buyerIsMaker,
    M: true,
  };
}

export function aggTradeFrame(trade: PublicTrade, instrument: Instrument, nowMs: number) {
  return { e: 'aggTrade', E: nowMs, s: trade.symbol, ...aggregateTrade(trade, precisionOf(instrument)), M: true };
}

/**
 * Spot has no `pu`: a delta follows the one before when its `U` is that one's `u + 1`. The core counts updates over all
 * of its symbols, so what lies between two deltas of one symbol is counted to the later.
 */
export function depthFrame(delta: BookDelta, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    e: 'depthUpdate',
    E: nowMs,
    s: delta.symbol,
    U: delta.previousUpdateId + 1,
    u: delta.lastUpdateId,
    b: delta.bids.map((entry) => level(entry, precision)),
    a: delta.asks.map((entry) => level(entry, precision)),
  };
}

export function partialDepthFrame({ book }: { readonly book: BookSnapshot }, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    lastUpdateId: book.lastUpdateId,
    bids: book.bids.map((entry) => level(entry, precision)),
    asks: book.asks.map((entry) => level(entry, precision)),
  };
}

export function klineFrame(interval: string) {
  return (
    { candle, closed }: { readonly candle: Candle; readonly closed: boolean },
    instrument: Instrument,
    nowMs: number,
  ) => ({ e: 'kline', E: nowMs, s: instrument.symbol, k: klineFields(candle, interval, closed, instrument) });
}

export function miniTickerFrame(day: DayStatistics, { instrument }: FeedContext, nowMs: number) {
  return { e: '24hrMiniTicker', E: nowMs, s: instrument.symbol, ...miniTickerFields(day, instrument) };
}

export function tickerFrame(day: DayStatistics, { core, instrument }: FeedContext, nowMs: number) {
  const { symbol } = instrument;
  const quote = core.bestQuote(symbol);
  return {
    e: '24hrTicker',
    E: nowMs,
    s: symbol,
    ...miniTickerFields(day, instrument),
    ...tickerFields(day, instrument, nowMs),
    x: fixed(day.open, precisionOf(instrument).price),
    ...(quote === undefined ? {} : quoteFields(quote, instrument)),
  };
}

export function averagePriceFrame(core: Core, symbol: string, nowUs: number) {
  const average = averagePriceOf(core, symbol, nowUs);
  if (average === undefined) return undefined;
  return {
    e: 'avgPrice',
    E: milliseconds(nowUs),
    s: symbol,
    i: `${AVERAGE_MINUTES}m`,
    w: money(average.price),
    T: milliseconds(average.closeUs),
  };
}

function quoteFields(quote: BestQuote, instrument: Instrument) {
  const precision = precisionOf(instrument);
  const [b, B] = level(quote.bid, precision);
  const [a, A] = level(quote.ask, precision);
  return { b, B, a, A };
}
