/**
 * Market data as the engine uses it: exact decimals of named units, read once at this boundary. A value that does not
 * read is undefined: the caller counts and drops it, and never sees half of one.
 */

import {
  type Decimal,
  isNegative,
  isPositive,
  type Price,
  parseDecimal,
  parsePrice,
  parseQuantity,
  type Quantity,
} from '@trunkline/proto/decimal';
import {
  type BestQuote,
  CandleInterval,
  type MarketEvent,
  type Candle as WireCandle,
  type MarkPrice as WireMarkPrice,
  type Ticker as WireTicker,
  type Trade as WireTrade,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';

export interface Quote {
  readonly kind: 'quote';
  readonly bid: Price;
  readonly bidQuantity: Quantity;
  readonly ask: Price;
  readonly askQuantity: Quantity;
}

export interface PublicTrade {
  readonly kind: 'trade';
  readonly tradeId: string;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly takerSide: 'buy' | 'sell';
}

export interface Candle {
  readonly kind: 'candle';
  readonly interval: CandleInterval;
  readonly openTimeUs: number;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  /** Base asset. */
  readonly volume: Quantity;
  readonly closed: boolean;
}

export interface MarkPrice {
  readonly kind: 'mark_price';
  readonly markPrice: Price;
  readonly indexPrice: Price | undefined;
  /** A fraction a funding period; may be below zero. */
  readonly fundingRate: Decimal | undefined;
  readonly nextFundingTimeUs: number | undefined;
}

export interface Ticker {
  readonly kind: 'ticker';
  readonly lastPrice: Price;
  readonly openPrice24h: Price;
  readonly highPrice24h: Price;
  readonly lowPrice24h: Price;
  readonly baseVolume24h: Quantity;
}

export type MarketValue = Quote | PublicTrade | Candle | MarkPrice | Ticker;

/** What of an event is a value by itself. `none`: the event is of another kind (books, gaps, control). */
export function readMarketValue({ event }: MarketEvent): MarketValue | 'none' | 'malformed' {
  switch (event?.$case) {
    case 'bestQuote':
      return readQuote(event.value) ?? 'malformed';
    case 'trade':
      return readTrade(event.value) ?? 'malformed';
    case 'candle':
      return readCandle(event.value) ?? 'malformed';
    case 'markPrice':
      return readMarkPrice(event.value) ?? 'malformed';
    case 'ticker':
      return readTicker(event.value) ?? 'malformed';
    default:
      return 'none';
  }
}

function readQuote(wire: BestQuote): Quote | undefined {
  const bid = positivePrice(wire.bidPrice);
  const bidQuantity = amount(wire.bidQuantity);
  const ask = positivePrice(wire.askPrice);
  const askQuantity = amount(wire.askQuantity);
  if (bid === undefined || bidQuantity === undefined || ask === undefined || askQuantity === undefined)
    return undefined;
  return { kind: 'quote', bid, bidQuantity, ask, askQuantity };
}

function readTrade(wire: WireTrade): PublicTrade | undefined {
  const price = positivePrice(wire.price);
  const quantity = amount(wire.quantity);
  const takerSide = wire.takerSide === Side.BUY ? 'buy' : wire.takerSide === Side.SELL ? 'sell' : undefined;
  if (price === undefined || quantity === undefined || takerSide === undefined || wire.tradeId === '') return undefined;
  return { kind: 'trade', tradeId: wire.tradeId, price, quantity, takerSide };
}

function readCandle(wire: WireCandle): Candle | undefined {
  const open = positivePrice(wire.open);
  const high = positivePrice(wire.high);
  const low = positivePrice(wire.low);
  const close = positivePrice(wire.close);
  const volume = amount(wire.volume);
  if (open === undefined || high === undefined || low === undefined || close === undefined) return undefined;
  if (volume === undefined || CandleInterval[wire.interval] === undefined) return undefined;
  const { interval, openTimeUs, closed } = wire;
  return { kind: 'candle', interval, openTimeUs, open, high, low, close, volume, closed };
}

function readMarkPrice(wire: WireMarkPrice): MarkPrice | undefined {
  const markPrice = positivePrice(wire.markPrice);
  const indexPrice = wire.indexPrice === undefined ? undefined : positivePrice(wire.indexPrice);
  const fundingRate = wire.fundingRate === undefined ? undefined : parseDecimal(wire.fundingRate);
  if (markPrice === undefined) return undefined;
  if (wire.indexPrice !== undefined && indexPrice === undefined) return undefined;
  if (wire.fundingRate !== undefined && fundingRate === undefined) return undefined;
  return { kind: 'mark_price', markPrice, indexPrice, fundingRate, nextFundingTimeUs: wire.nextFundingTimeUs };
}

function readTicker(wire: WireTicker): Ticker | undefined {
  const lastPrice = positivePrice(wire.lastPrice);
  const openPrice24h = positivePrice(wire.openPrice24h);
  const highPrice24h = positivePrice(wire.highPrice24h);
  const lowPrice24h = positivePrice(wire.lowPrice24h);
  const baseVolume24h = amount(wire.baseVolume24h);
  if (lastPrice === undefined || openPrice24h === undefined || highPrice24h === undefined) return undefined;
  if (lowPrice24h === undefined || baseVolume24h === undefined) return undefined;
  return { kind: 'ticker', lastPrice, openPrice24h, highPrice24h, lowPrice24h, baseVolume24h };
}

function positivePrice(text: string): Price | undefined {
  const price = parsePrice(text);
  return price !== undefined && isPositive(price) ? price : undefined;
}

/** 0 is an amount: a side of a quote may be empty. */
function amount(text: string): Quantity | undefined {
  const quantity = parseQuantity(text);
  return quantity !== undefined && !isNegative(quantity) ? quantity : undefined;
}
