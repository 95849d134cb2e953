/**
 * Bitget's market channels and candles as the contract's events (bitget.com/api-doc, public channels of both markets).
 * The book is in `depth.ts`.
 */
import {
  BestQuote,
  Candle,
  type CandleInterval,
  MarkPrice,
  OpenInterest,
  Ticker,
  Trade,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { amount, amountAboveZero, type Json, list, optionalAmount, optionalText, text, whole } from '../fields.ts';
import { readLevels } from '../levels.ts';
import { readSide } from './words.ts';

/** `books1`. Undefined while a side is empty. */
export function readBestQuote(book: Json): BestQuote | undefined {
  const [bid] = readLevels(book['bids']);
  const [ask] = readLevels(book['asks']);
  if (bid === undefined || ask === undefined) return undefined;
  return BestQuote.fromPartial({
    bidPrice: bid.price,
    bidQuantity: bid.quantity,
    askPrice: ask.price,
    askQuantity: ask.quantity,
  });
}

/** `trade`: `side` is the taker's. */
export function readTrade(entry: Json): Trade {
  return Trade.fromPartial({
    tradeId: text(entry, 'tradeId'),
    price: amount(entry, 'price'),
    quantity: amount(entry, 'size'),
    takerSide: readSide(text(entry, 'side')),
  });
}

/** A row of a candle channel or of GET candles: open time, o, h, l, c, base volume, ... Neither tells an end. */
export function readCandle(row: unknown, interval: CandleInterval, closed: boolean): Candle {
  const [ts, o, h, l, c, volume] = list(row, 'candle');
  const k = { ts, o, h, l, c, volume };
  return Candle.fromPartial({
    interval,
    openTimeUs: whole(k, 'ts') * 1_000,
    open: amount(k, 'o'),
    high: amount(k, 'h'),
    low: amount(k, 'l'),
    close: amount(k, 'c'),
    volume: amount(k, 'volume'),
    closed,
  });
}

/** `ticker` of both markets. */
export function readTicker(entry: Json): Ticker {
  return Ticker.fromPartial({
    lastPrice: amount(entry, 'lastPr'),
    openPrice24h: amount(entry, 'open24h'),
    highPrice24h: amount(entry, 'high24h'),
    lowPrice24h: amount(entry, 'low24h'),
    baseVolume24h: amount(entry, 'baseVolume'),
    quoteVolume24h: optionalAmount(entry, 'quoteVolume'),
  });
}

/** `ticker` of futures. */
export function readMarkPrice(entry: Json): MarkPrice {
  const next = optionalText(entry, 'nextFundingTime');
  return MarkPrice.fromPartial({
    markPrice: amount(entry, 'markPrice'),
    indexPrice: amountAboveZero(entry, 'indexPrice'),
    fundingRate: optionalAmount(entry, 'fundingRate'),
    nextFundingTimeUs: next === undefined || next === '' || next === '0' ? undefined : Number(next) * 1_000,
  });
}

/** `ticker` of futures: base asset. */
export function readOpenInterest(entry: Json): OpenInterest {
  return OpenInterest.fromPartial({ quantity: amount(entry, 'holdingAmount') });
}
