/** Public market data as spot's REST answers it. */
import type { BestQuote, BookSnapshot, Instrument } from '../../../core/types.ts';
import { type LimitOptions, rateLimitRows } from '../limits.ts';
import { level } from '../market-rows.ts';
import { precisionOf } from '../print.ts';
import { filtersOf } from './filters.ts';
import { ALLOWED_SELF_TRADE_MODES, DEFAULT_SELF_TRADE_MODE } from './self-trade.ts';

const PLACES = 8;

export function exchangeInfo(instruments: readonly Instrument[], limits: LimitOptions, nowMs: number) {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: rateLimitRows(limits),
    exchangeFilters: [],
    symbols: instruments.map(symbolInfo),
  };
}

/** What is not emulated (order lists, icebergs, trailing and pegged orders, amending) is said to be off. */
function symbolInfo(instrument: Instrument) {
  return {
    symbol: instrument.symbol,
    status: 'TRADING',
    baseAsset: instrument.base,
    baseAssetPrecision: PLACES,
    quoteAsset: instrument.quote,
    quotePrecision: PLACES,
    quoteAssetPrecision: PLACES,
    baseCommissionPrecision: PLACES,
    quoteCommissionPrecision: PLACES,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(instrument),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: DEFAULT_SELF_TRADE_MODE,
    allowedSelfTradePreventionModes: ALLOWED_SELF_TRADE_MODES,
  };
}

export function depth(book: BookSnapshot, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    lastUpdateId: book.lastUpdateId,
    bids: book.bids.map((entry) => level(entry, precision)),
    asks: book.asks.map((entry) => level(entry, precision)),
  };
}

export function bookTicker(quote: BestQuote, instrument: Instrument) {
  const precision = precisionOf(instrument);
  const [bidPrice, bidQty] = level(quote.bid, precision);
  const [askPrice, askQty] = level(quote.ask, precision);
  return { symbol: quote.symbol, bidPrice, bidQty, askPrice, askQty };
}
