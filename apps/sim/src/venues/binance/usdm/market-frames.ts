/**
 * Market stream messages, field for field as the live USD-M service sends them. `E` is when the frame was made, `T`
 * when the event happened (both ms). Frames end with `ps` (the pair) and `st` (1: USD-M), which Binance added when it
 * merged its futures streams; its documents' examples lack them.
 */
import type { BookDelta } from '../../../core/events.ts';
import type { BestQuote, Candle, Instrument, MarkPrice, PublicTrade } from '../../../core/types.ts';
import type { DayStatistics } from '../../day-ticker.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import { money, precisionOf, quoteAmount, wireId } from '../print.ts';
import { aggregateTrade, candleCloseMs, level } from './market-view.ts';

/** The core's candles do not carry trade ids; the venue prints -1 where there is none. */
const NO_TRADE_ID = -1;

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

export function klineFrame(candle: Candle, interval: string, closed: boolean, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    e: 'kline',
    E: nowMs,
    s: instrument.symbol,
    k: {
      t: milliseconds(candle.openUs),
      T: candleCloseMs(candle),
      s: instrument.symbol,
      i: interval,
      f: NO_TRADE_ID,
      L: NO_TRADE_ID,
      o: fixed(candle.open, precision.price),
      c: fixed(candle.close, precision.price),
      h: fixed(candle.high, precision.price),
      l: fixed(candle.low, precision.price),
      v: fixed(candle.volume, precision.quantity),
      n: candle.trades,
      x: closed,
      q: quoteAmount(candle.quoteVolume),
      V: fixed(candle.takerBuyVolume, precision.quantity),
      Q: quoteAmount(candle.takerBuyQuoteVolume),
      B: '0',
    },
    ...tail(instrument.symbol),
  };
}

export function markPriceFrame(mark: MarkPrice, nowMs: number) {
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

export function miniTickerFrame(day: DayStatistics, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    e: '24hrMiniTicker',
    E: nowMs,
    s: instrument.symbol,
    c: fixed(day.last.price, precision.price),
    o: fixed(day.open, precision.price),
    h: fixed(day.high, precision.price),
    l: fixed(day.low, precision.price),
    v: fixed(day.volume, precision.quantity),
    q: quoteAmount(day.quoteVolume),
    ...tail(instrument.symbol),
  };
}

export function tickerFrame(day: DayStatistics, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  const lastId = wireId(day.last.tradeId);
  return {
    e: '24hrTicker',
    E: nowMs,
    s: instrument.symbol,
    p: fixed(day.change, precision.price),
    P: fixed(day.changePercent, 3),
    w: fixed(day.weightedAverage, precision.price),
    c: fixed(day.last.price, precision.price),
    Q: fixed(day.last.quantity, precision.quantity),
    o: fixed(day.open, precision.price),
    h: fixed(day.high, precision.price),
    l: fixed(day.low, precision.price),
    v: fixed(day.volume, precision.quantity),
    q: quoteAmount(day.quoteVolume),
    O: milliseconds(day.openUs),
    C: nowMs,
    F: Math.max(0, lastId - day.trades + 1),
    L: lastId,
    n: day.trades,
    ...tail(instrument.symbol),
  };
}

function tail(symbol: string) {
  return { ps: symbol, st: 1 };
}
