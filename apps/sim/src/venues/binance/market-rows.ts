/** Rows of public market data that both markets write alike, in answers and in stream frames. */
import { notional } from '@trunkline/proto/decimal';
import type { Candle, Instrument, Level, PublicTrade } from '../../core/types.ts';
import type { DayStatistics } from '../day-ticker.ts';
import { fixed, milliseconds } from '../decimal-text.ts';
import { type Precision, precisionOf, quoteAmount, wireId } from './print.ts';

/** The core's candles do not carry trade ids; the venue prints -1 where there is none. */
const NO_TRADE_ID = -1;

export function level([price, quantity]: Level, precision: Precision): [string, string] {
  return [fixed(price, precision.price), fixed(quantity, precision.quantity)];
}

export function publicTrade(trade: PublicTrade, precision: Precision) {
  return {
    id: wireId(trade.tradeId),
    price: fixed(trade.price, precision.price),
    qty: fixed(trade.quantity, precision.quantity),
    quoteQty: quoteAmount(notional(trade.price, trade.quantity), precision),
    time: milliseconds(trade.timeUs),
    isBuyerMaker: trade.buyerIsMaker,
  };
}

/** Every public trade is an aggregate of itself: the venue merges only fills of one taker order at one price. */
export function aggregateTrade(trade: PublicTrade, precision: Precision) {
  const id = wireId(trade.tradeId);
  return {
    a: id,
    p: fixed(trade.price, precision.price),
    q: fixed(trade.quantity, precision.quantity),
    f: id,
    l: id,
    T: milliseconds(trade.timeUs),
    m: trade.buyerIsMaker,
  };
}

/** A candle as REST lists it. */
export function klineRow(candle: Candle, precision: Precision) {
  return [
    milliseconds(candle.openUs),
    fixed(candle.open, precision.price),
    fixed(candle.high, precision.price),
    fixed(candle.low, precision.price),
    fixed(candle.close, precision.price),
    fixed(candle.volume, precision.quantity),
    closeMs(candle),
    quoteAmount(candle.quoteVolume, precision),
    candle.trades,
    fixed(candle.takerBuyVolume, precision.quantity),
    quoteAmount(candle.takerBuyQuoteVolume, precision),
    '0',
  ];
}

/** A candle as its stream sends it. */
export function klineFields(candle: Candle, interval: string, closed: boolean, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    t: milliseconds(candle.openUs),
    T: closeMs(candle),
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
    q: quoteAmount(candle.quoteVolume, precision),
    V: fixed(candle.takerBuyVolume, precision.quantity),
    Q: quoteAmount(candle.takerBuyQuoteVolume, precision),
    B: '0',
  };
}

/** 24 hours as REST answers them. */
export function dayRow(day: DayStatistics, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  return {
    symbol: instrument.symbol,
    priceChange: fixed(day.change, precision.price),
    priceChangePercent: fixed(day.changePercent, 3),
    weightedAvgPrice: fixed(day.weightedAverage, precision.price),
    lastPrice: fixed(day.last.price, precision.price),
    lastQty: fixed(day.last.quantity, precision.quantity),
    openPrice: fixed(day.open, precision.price),
    highPrice: fixed(day.high, precision.price),
    lowPrice: fixed(day.low, precision.price),
    volume: fixed(day.volume, precision.quantity),
    quoteVolume: quoteAmount(day.quoteVolume, precision),
    openTime: milliseconds(day.openUs),
    closeTime: nowMs,
    ...tradeIds(day),
  };
}

/** What both ticker streams send of 24 hours. */
export function miniTickerFields(day: DayStatistics, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    c: fixed(day.last.price, precision.price),
    o: fixed(day.open, precision.price),
    h: fixed(day.high, precision.price),
    l: fixed(day.low, precision.price),
    v: fixed(day.volume, precision.quantity),
    q: quoteAmount(day.quoteVolume, precision),
  };
}

/** What the full ticker stream sends besides. */
export function tickerFields(day: DayStatistics, instrument: Instrument, nowMs: number) {
  const precision = precisionOf(instrument);
  const { firstId, lastId, count } = tradeIds(day);
  return {
    p: fixed(day.change, precision.price),
    P: fixed(day.changePercent, 3),
    w: fixed(day.weightedAverage, precision.price),
    Q: fixed(day.last.quantity, precision.quantity),
    O: milliseconds(day.openUs),
    C: nowMs,
    F: firstId,
    L: lastId,
    n: count,
  };
}

function tradeIds(day: DayStatistics) {
  const lastId = wireId(day.last.tradeId);
  return { firstId: Math.max(0, lastId - day.trades + 1), lastId, count: day.trades };
}

/** The venue's close time is the last millisecond inside the candle. */
function closeMs(candle: Candle): number {
  return milliseconds(candle.closeUs) - 1;
}
