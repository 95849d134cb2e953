/**
 * Market stream messages, field for field as the live USD-M service sends them. `E` is when the frame was made, `T`
 * when the event happened (both ms). Frames end with `ps` (the pair) and `st` (1: USD-M), which Binance added when it
 * merged its futures streams; its documents' examples lack them.
 */
import type { BookDelta } from '../../../core/events.ts';
import type { BestQuote, BookSnapshot, Candle, Instrument, MarkPrice, PublicTrade } from '../../../core/types.ts';
import type { DayStatistics } from '../../day-ticker.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import type { FeedContext } from '../feeds.ts';
import { aggregateTrade, klineFields, level, miniTickerFields, tickerFields } from '../market-rows.ts';
import { money, precisionOf, wireId } from '../print.ts';

export function bookTickerFrame(quote: BestQuote, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  const [bid, bidQuantity] = level(quote.bid, precision);
  const [ask, askQuantity] = level(quote.ask, precision);
  return {
    e: 'bookTicker',
    u: quote.updateId,
    s: quote.symbol,
    b: bid,
    B: bidQuantity,
    a: ask,
    A: askQuantity,
    T: milliseconds(quote.timeUs),
    E: nowMs,
    ...tail(quote.symbol),
  };
}

export function tradeFrame(trade: PublicTrade, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    e: 'trade',
    E: nowMs,
    T: milliseconds(trade.timeUs),
    s: trade.symbol,
    t: wireId(trade.tradeId),
    p: fixed(trade.price, precision.price),
    q: fixed(trade.quantity, precision.quantity),
    X: 'MARKET',
    m: trade.buyerIsMaker,
    ...tail(trade.symbol),
  };
}

export function aggTradeFrame(trade: PublicTrade, instrument: Instrument, nowMs: number) {
  const aggregate = aggregateTrade(trade, precisionOf(instrument));
  return { e: 'aggTrade', E: nowMs, s: trade.symbol, ...aggregate, ...tail(trade.symbol) };
}

export function depthFrame(delta: BookDelta, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    e: 'depthUpdate',
    E: nowMs,
    T: milliseconds(delta.timeUs),
    s: delta.symbol,
    U: delta.firstUpdateId,
    u: delta.lastUpdateId,
    pu: delta.previousUpdateId,
    b: delta.bids.map((entry) => level(entry, precision)),
    a: delta.asks.map((entry) => level(entry, precision)),
    ...tail(delta.symbol),
  };
}

export function partialDepthFrame(
  { book, delta }: { readonly book: BookSnapshot; readonly delta: BookDelta },
  instrument: Instrument,
  nowMs: number,
) {
  return depthFrame({ ...delta, bids: book.bids, asks: book.asks }, instrument, nowMs);
}

export function klineFrame(interval: string) {
  return (
    { candle, closed }: { readonly candle: Candle; readonly closed: boolean },
    instrument: Instrument,
    nowMs: number,
  ) => ({
    e: 'kline',
    E: nowMs,
    s: instrument.symbol,
    k: klineFields(candle, interval, closed, instrument),
    ...tail(instrument.symbol),
  });
}

export function markPriceFrame(mark: MarkPrice, _instrument: Instrument, nowMs: number) {
  return {
    e: 'markPriceUpdate',
    E: nowMs,
    s: mark.symbol,
    p: money(mark.markPrice),
    ap: money(mark.markPrice),
    P: money(mark.indexPrice),
    i: money(mark.indexPrice),
    r: money(mark.fundingRate),
    T: milliseconds(mark.nextFundingUs),
    ...tail(mark.symbol),
  };
}

export function miniTickerFrame(day: DayStatistics, { instrument }: FeedContext, nowMs: number) {
  const { symbol } = instrument;
  return { e: '24hrMiniTicker', E: nowMs, s: symbol, ...miniTickerFields(day, instrument), ...tail(symbol) };
}

export function tickerFrame(day: DayStatistics, { instrument }: FeedContext, nowMs: number) {
  const { symbol } = instrument;
  return {
    e: '24hrTicker',
    E: nowMs,
    s: symbol,
    ...miniTickerFields(day, instrument),
    ...tickerFields(day, instrument, nowMs),
    ...tail(symbol),
  };
}

function tail(symbol: string) {
  return { ps: symbol, st: 1 };
}
