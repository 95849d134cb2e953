/**
 * Gate's market streams and candles as the contract's events (spot and futures WebSocket v4). Books are in `depth.ts`.
 *
 * Futures count contracts here too: sizes, volumes and open interest are converted to base asset.
 */
import { add, type Decimal, decimal, divide, ONE, roundToStep } from '@trunkline/proto/decimal';
import {
  BestQuote,
  Candle,
  type CandleInterval,
  MarkPrice,
  OpenInterest,
  Ticker,
  Trade,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { flag, type Json, list, optionalText, record, text } from '../fields.ts';
import { sideOfSize, sizeToBase, toBase } from './contracts.ts';
import { decimalAboveZeroAt, decimalAt, optionalDecimalAt, timeAt } from './numbers.ts';
import { intervalSeconds, readSide } from './words.ts';

/** `*.book_ticker`. Undefined while a side is empty: then there is no quote. */
export function readBookTicker(result: Json, contractSize: Decimal): BestQuote | undefined {
  const bidPrice = decimalAboveZeroAt(result, 'b');
  const askPrice = decimalAboveZeroAt(result, 'a');
  if (bidPrice === undefined || askPrice === undefined) return undefined;
  return BestQuote.fromPartial({
    bidPrice,
    bidQuantity: toBase(decimalAt(result, 'B'), contractSize),
    askPrice,
    askQuantity: toBase(decimalAt(result, 'A'), contractSize),
  });
}

/** `futures.trades`: the sign is the taker's. Undefined for what is no trade of the market (takeovers, `is_internal`). */
export function readFuturesMarketTrade(entry: Json, contractSize: Decimal): Trade | undefined {
  if (flag(entry, 'is_internal')) return undefined;
  const size = decimalAt(entry, 'size');
  return Trade.fromPartial({
    tradeId: text(entry, 'id'),
    price: decimalAt(entry, 'price'),
    quantity: sizeToBase(size, contractSize),
    takerSide: sideOfSize(size),
  });
}

/** `spot.trades`. `id_market` counts without holes within a pair, `id` across all pairs. */
export function readSpotMarketTrade(entry: Json): Trade {
  return Trade.fromPartial({
    tradeId: optionalText(entry, 'id_market') ?? text(entry, 'id'),
    price: decimalAt(entry, 'price'),
    quantity: decimalAt(entry, 'amount'),
    takerSide: readSide(text(entry, 'side')),
  });
}

/** What a candle's end is judged by where the venue does not say it. */
export interface CandleClock {
  readonly interval: CandleInterval;
  /** The venue's clock. */
  readonly nowUs: number;
}

/** `spot.candlesticks`: `v` counts in the quote asset, `a` in the base asset. */
export function readSpotCandle(result: Json, clock: CandleClock): Candle {
  return candle(result, decimalAt(result, 'a'), clock);
}

/** `futures.candlesticks` and GET /futures/usdt/candlesticks: `v` counts contracts. */
export function readFuturesCandle(result: Json, contractSize: Decimal, clock: CandleClock): Candle {
  return candle(result, toBase(decimalAt(result, 'v'), contractSize), clock);
}

/** One row of GET /spot/candlesticks: time, quote volume, close, high, low, open, base volume, closed. */
export function readSpotCandleRow(row: unknown, clock: CandleClock): Candle {
  const [t, , c, h, l, o, a, w] = list(row, 'candle');
  return readSpotCandle({ t, c, h, l, o, a, w }, clock);
}

/** `futures.tickers`. The next funding time is not in it. */
export function readMarkPrice(result: Json): MarkPrice {
  return MarkPrice.fromPartial({
    markPrice: decimalAt(result, 'mark_price'),
    indexPrice: decimalAboveZeroAt(result, 'index_price'),
    fundingRate: optionalDecimalAt(result, 'funding_rate'),
  });
}

/** `futures.tickers`: `total_size` is the sum of the long positions, in contracts. */
export function readOpenInterest(result: Json, contractSize: Decimal): OpenInterest {
  return OpenInterest.fromPartial({ quantity: toBase(decimalAt(result, 'total_size'), contractSize) });
}

export function readFuturesTicker(result: Json): Ticker {
  return ticker(result, decimalAt(result, 'volume_24h_base'), optionalDecimalAt(result, 'volume_24h_quote'));
}

export function readSpotTicker(result: Json): Ticker {
  return ticker(result, decimalAt(result, 'base_volume'), optionalDecimalAt(result, 'quote_volume'));
}

/** Of a list or of a single entry: trades and tickers come as either. */
export function entriesOf(result: unknown): Json[] {
  return (Array.isArray(result) ? result : [result]).map((entry) => record(entry, 'entry'));
}

function ticker(result: Json, baseVolume24h: Decimal, quoteVolume24h: Decimal | undefined): Ticker {
  const lastPrice = decimalAt(result, 'last');
  return Ticker.fromPartial({
    lastPrice,
    openPrice24h: openOf(lastPrice, decimalAt(result, 'change_percentage')),
    highPrice24h: decimalAt(result, 'high_24h'),
    lowPrice24h: decimalAt(result, 'low_24h'),
    baseVolume24h,
    quoteVolume24h,
  });
}

/**
 * Gate tells how far the price moved in 24 h, in rounded per cent, and not from where: the open is what that says, to
 * the digits of the last price, and as exact as the percentage.
 */
function openOf(last: Decimal, changePercent: Decimal): Decimal {
  const ratio = add(ONE, divide(changePercent, decimal('100'), 12, 'half-even'));
  if (ratio === '0') return last;
  const [, fraction = ''] = last.split('.');
  const digit = fraction === '' ? ONE : decimal(`0.${'0'.repeat(fraction.length - 1)}1`);
  return roundToStep(divide(last, ratio, fraction.length + 4, 'half-even'), digit, 'half-even');
}

function candle(result: Json, volume: Decimal, { interval, nowUs }: CandleClock): Candle {
  const openTimeUs = timeAt(result, 't');
  // "true may be missing": then the clock tells.
  const closed = flag(result, 'w') || openTimeUs + intervalSeconds(interval) * 1_000_000 <= nowUs;
  return Candle.fromPartial({
    interval,
    openTimeUs,
    open: decimalAt(result, 'o'),
    high: decimalAt(result, 'h'),
    low: decimalAt(result, 'l'),
    close: decimalAt(result, 'c'),
    volume,
    closed,
  });
}
