/** Public data of pairs as REST answers it and the streams push it. */
import { decimal, multiply } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { BestQuote, BookSnapshot, Candle, Instrument, PublicTrade } from '../../../core/types.ts';
import { dayStatistics } from '../../day-ticker.ts';
import { milliseconds, places } from '../../decimal-text.ts';
import { preciseMilliseconds, seconds, wireId } from '../print.ts';

const HUNDRED = decimal('100');
const LISTED_S = 1_516_378_650;

/** Fees of a pair are written in percent. */
export function pairView(instrument: Instrument) {
  return {
    id: instrument.symbol,
    base: instrument.base,
    base_name: instrument.base,
    quote: instrument.quote,
    quote_name: instrument.quote,
    fee: multiply(instrument.takerFeeRate, HUNDRED),
    maker_fee_rate: multiply(instrument.makerFeeRate, HUNDRED),
    min_base_amount: instrument.minQuantity,
    max_base_amount: instrument.maxQuantity,
    min_quote_amount: instrument.minNotional,
    max_quote_amount: '5000000',
    amount_precision: places(instrument.stepSize),
    precision: places(instrument.tickSize),
    trade_status: 'tradable',
    sell_start: LISTED_S,
    buy_start: LISTED_S,
    delisting_time: 0,
    type: 'normal',
    trade_url: '',
    st_tag: false,
    up_rate: instrument.priceBand,
    down_rate: instrument.priceBand,
  };
}

export function bookView(book: BookSnapshot, withId: boolean, nowUs: number) {
  return {
    ...(withId ? { id: book.lastUpdateId } : {}),
    current: milliseconds(nowUs),
    update: milliseconds(book.timeUs),
    asks: book.asks,
    bids: book.bids,
  };
}

export function tradeView(trade: PublicTrade) {
  return {
    id: trade.tradeId,
    create_time: String(seconds(trade.timeUs)),
    create_time_ms: `${preciseMilliseconds(trade.timeUs)}000`,
    currency_pair: trade.symbol,
    side: trade.buyerIsMaker ? 'sell' : 'buy',
    amount: trade.quantity,
    price: trade.price,
    sequence_id: trade.tradeId,
  };
}

/** Time, quote volume, close, high, low, open, base volume, and whether its time is over. */
export function candleView(candle: Candle, nowUs: number) {
  const { openUs, closeUs, quoteVolume, close, high, low, open, volume } = candle;
  return [String(seconds(openUs)), quoteVolume, close, high, low, open, volume, String(closeUs <= nowUs)];
}

export function tickerView(core: Core, { symbol }: Instrument, nowUs: number) {
  const quote = core.bestQuote(symbol);
  return {
    ...tickerUpdate(core, symbol, nowUs),
    lowest_size: quote?.ask[1] ?? '',
    highest_size: quote?.bid[1] ?? '',
  };
}

/** The result of `spot.tickers`. */
export function tickerUpdate(core: Core, symbol: string, nowUs: number) {
  const day = dayStatistics(core, symbol, nowUs);
  const quote = core.bestQuote(symbol);
  const price = day?.last.price ?? quote?.bid[0] ?? '0';
  return {
    currency_pair: symbol,
    last: price,
    lowest_ask: quote?.ask[0] ?? '',
    highest_bid: quote?.bid[0] ?? '',
    change_percentage: day?.changePercent ?? '0',
    base_volume: day?.volume ?? '0',
    quote_volume: day?.quoteVolume ?? '0',
    high_24h: day?.high ?? price,
    low_24h: day?.low ?? price,
  };
}

/** The result of `spot.book_ticker`. */
export function bookTickerUpdate(quote: BestQuote) {
  return {
    t: milliseconds(quote.timeUs),
    u: quote.updateId,
    s: quote.symbol,
    b: quote.bid[0],
    B: quote.bid[1],
    a: quote.ask[0],
    A: quote.ask[1],
  };
}

/** The result of `spot.trades`. */
export function tradeUpdate(trade: PublicTrade) {
  const id = wireId(trade.tradeId);
  return {
    id,
    id_market: id,
    create_time: seconds(trade.timeUs),
    create_time_ms: preciseMilliseconds(trade.timeUs),
    side: trade.buyerIsMaker ? 'sell' : 'buy',
    currency_pair: trade.symbol,
    amount: trade.quantity,
    price: trade.price,
    range: `${trade.tradeId}-${trade.tradeId}`,
  };
}
