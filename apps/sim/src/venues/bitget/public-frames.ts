/**
 * The data of public channels, field for field as the live sockets send them. Book rows carry `seq` and `pseq` as
 * numbers and no checksum (recorded frames; Bitget took the checksum out in 2026); `checksum` is added where asked for.
 */
import { crc32 } from 'node:zlib';
import type { Clock } from '@trunkline/proto/clock';
import { compare, type Decimal, divide, isZero, subtract } from '@trunkline/proto/decimal';
import type { Core } from '../../core/core-api.ts';
import type { BookDelta } from '../../core/events.ts';
import type { BookSnapshot, Candle, Instrument, Level, PublicTrade } from '../../core/types.ts';
import { type DayStatistics, dayStatistics } from '../day-ticker.ts';
import { fixed } from '../decimal-text.ts';
import { levelText, money, type Precision, precisionOf, wireTime } from './print.ts';
import type { Product } from './product.ts';

const CHECKED_LEVELS = 25;
const CHANGE_PLACES = 5;

export function fullBook(book: BookSnapshot, instrument: Instrument, previousSeq: number) {
  const precision = precisionOf(instrument);
  return {
    asks: book.asks.map((level) => levelText(level, precision)),
    bids: book.bids.map((level) => levelText(level, precision)),
    ts: wireTime(book.timeUs),
    seq: book.lastUpdateId,
    pseq: previousSeq,
  };
}

/** `after` is the book that the update makes, where its checksum is to be sent. */
export function bookUpdate(delta: BookDelta, instrument: Instrument, after: BookSnapshot | undefined) {
  const precision = precisionOf(instrument);
  return {
    asks: sorted(delta.asks, 1).map((level) => levelText(level, precision)),
    bids: sorted(delta.bids, -1).map((level) => levelText(level, precision)),
    ...(after === undefined ? {} : { checksum: checksum(after, precision) }),
    ts: wireTime(delta.timeUs),
    seq: delta.lastUpdateId,
    pseq: delta.previousUpdateId,
  };
}

/** CRC32, as a signed 32-bit number, of `bid:size:ask:size:...` over the best 25 levels, texts as sent. */
export function checksum({ bids, asks }: BookSnapshot, precision: Precision): number {
  const parts: string[] = [];
  for (let index = 0; index < CHECKED_LEVELS; index++) {
    for (const level of [bids[index], asks[index]]) if (level !== undefined) parts.push(...levelText(level, precision));
  }
  return crc32(parts.join(':')) | 0;
}

export function tradeFrame(trade: PublicTrade, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    ts: wireTime(trade.timeUs),
    price: fixed(trade.price, precision.price),
    size: fixed(trade.quantity, precision.quantity),
    side: trade.buyerIsMaker ? 'sell' : 'buy',
    tradeId: trade.tradeId,
  };
}

/** Start, open, high, low, close, volume in base, in quote, in USDT. */
export function candleRow(candle: Candle, instrument: Instrument): string[] {
  const { price, quantity } = precisionOf(instrument);
  const prices = [candle.open, candle.high, candle.low, candle.close].map((value) => fixed(value, price));
  const quoteVolume = money(candle.quoteVolume);
  return [wireTime(candle.openUs), ...prices, fixed(candle.volume, quantity), quoteVolume, quoteVolume];
}

/** Undefined until the market has a quote. */
export function tickerFrame(context: {
  readonly core: Core;
  readonly clock: Clock;
  readonly product: Product;
  readonly instrument: Instrument;
}) {
  const { core, clock, product, instrument } = context;
  const { symbol } = instrument;
  const row = tickerRow(core, instrument, clock.wallUs());
  if (row === undefined) return undefined;
  const { day: _, quote: __, ...shared } = row;
  const spot = { instId: symbol, ...shared };
  const mark = core.markPrice(symbol);
  if (product.market === 'spot' || mark === undefined) return spot;
  const { changeUtc24h: ___, ...common } = shared;
  return {
    instId: symbol,
    ...common,
    fundingRate: mark.fundingRate,
    nextFundingTime: wireTime(mark.nextFundingUs),
    markPrice: fixed(mark.markPrice, precisionOf(instrument).price),
    indexPrice: fixed(mark.indexPrice, precisionOf(instrument).price),
    holdingAmount: core.openInterest(symbol)?.quantity ?? '0',
    symbolType: 1,
    symbol,
    deliveryPrice: '0',
  };
}

/** What the tickers of both markets share, on the stream and over REST. */
export function tickerRow(core: Core, instrument: Instrument, nowUs: number) {
  const quote = core.bestQuote(instrument.symbol);
  if (quote === undefined) return undefined;
  const day = dayStatistics(core, instrument.symbol, nowUs);
  const { price, quantity } = precisionOf(instrument);
  const text = (value: Decimal | undefined) => fixed(value ?? quote.bid[0], price);
  const change = day === undefined ? '0' : changeOf(day);
  return {
    day,
    quote,
    lastPr: text(day?.last.price),
    open24h: text(day?.open),
    high24h: text(day?.high),
    low24h: text(day?.low),
    change24h: change,
    bidPr: fixed(quote.bid[0], price),
    askPr: fixed(quote.ask[0], price),
    bidSz: fixed(quote.bid[1], quantity),
    askSz: fixed(quote.ask[1], quantity),
    baseVolume: day === undefined ? '0' : fixed(day.volume, quantity),
    quoteVolume: day === undefined ? '0' : money(day.quoteVolume),
    openUtc: text(day?.open),
    changeUtc24h: change,
    ts: wireTime(quote.timeUs),
  };
}

function changeOf(day: DayStatistics): string {
  if (isZero(day.open)) return '0';
  return divide(subtract<Decimal>(day.last.price, day.open), day.open, CHANGE_PLACES, 'half-even');
}

function sorted(levels: readonly Level[], direction: 1 | -1): readonly Level[] {
  return levels.toSorted(([a], [b]) => direction * compare(a, b));
}
