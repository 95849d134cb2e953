/**
 * Binance USD-M's market streams and candles as the contract's events. Depth is in `depth.ts`.
 *
 * Frames are those of developers.binance.com, USD-M, "Websocket Market Streams"; `trade` is not documented there any
 * more but served, and is what ccxt subscribes to.
 */
import {
  BestQuote,
  Candle,
  type CandleInterval,
  MarkPrice,
  Ticker,
  Trade,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { amount, flag, type Json, list, optionalAmount, optionalText, text, whole } from '../fields.ts';

export function readBookTicker(frame: Json): BestQuote {
  return BestQuote.fromPartial({
    bidPrice: amount(frame, 'b'),
    bidQuantity: amount(frame, 'B'),
    askPrice: amount(frame, 'a'),
    askQuantity: amount(frame, 'A'),
  });
}

/**
 * `trade` and `aggTrade` share these names but the id. Undefined for what is no trade of the market: `X` marks
 * insurance fund and auto-deleveraging transfers, some of them with a price of 0.
 */
export function readTrade(frame: Json): Trade | undefined {
  const kind = optionalText(frame, 'X');
  if (kind !== undefined && kind !== 'MARKET') return undefined;
  return Trade.fromPartial({
    tradeId: optionalText(frame, 't') ?? text(frame, 'a'),
    price: amount(frame, 'p'),
    quantity: amount(frame, 'q'),
    // `m`: the buyer is the maker.
    takerSide: flag(frame, 'm') ? Side.SELL : Side.BUY,
  });
}

export function readKline(k: Json, interval: CandleInterval): Candle {
  return Candle.fromPartial({
    interval,
    openTimeUs: whole(k, 't') * 1_000,
    open: amount(k, 'o'),
    high: amount(k, 'h'),
    low: amount(k, 'l'),
    close: amount(k, 'c'),
    volume: amount(k, 'v'),
    closed: flag(k, 'x'),
  });
}

/** One row of GET /fapi/v1/klines: open time, o, h, l, c, volume, close time, ... */
export function readCandleRow(row: unknown, interval: CandleInterval, nowMs: number): Candle {
  const [openTime, open, high, low, close, volume, closeTime] = list(row, 'candle');
  const k = { t: openTime, o: open, h: high, l: low, c: close, v: volume, T: closeTime };
  return readKline({ ...k, x: whole(k, 'T') < nowMs }, interval);
}

export function readMarkPrice(frame: Json): MarkPrice {
  const next = frame['T'] === undefined ? 0 : whole(frame, 'T');
  return MarkPrice.fromPartial({
    markPrice: amount(frame, 'p'),
    indexPrice: optionalAmount(frame, 'i'),
    // Empty and 0 for delivery contracts.
    fundingRate: optionalAmount(frame, 'r'),
    nextFundingTimeUs: next === 0 ? undefined : next * 1_000,
  });
}

export function readDayTicker(frame: Json): Ticker {
  return Ticker.fromPartial({
    lastPrice: amount(frame, 'c'),
    openPrice24h: amount(frame, 'o'),
    highPrice24h: amount(frame, 'h'),
    lowPrice24h: amount(frame, 'l'),
    baseVolume24h: amount(frame, 'v'),
    quoteVolume24h: optionalAmount(frame, 'q'),
  });
}
