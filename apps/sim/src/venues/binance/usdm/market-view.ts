/** Public market data as the venue's REST answers it. */
import { add, decimal, multiply, ONE, subtract } from '@trunkline/proto/decimal';
import type { BestQuote, BookSnapshot, Instrument, MarkPrice } from '../../../core/types.ts';
import { fixed, milliseconds, padded } from '../../decimal-text.ts';
import type { SettledRate } from '../../funding-history.ts';
import { type LimitOptions, rateLimitRows } from '../limits.ts';
import { level } from '../market-rows.ts';
import { money, type Precision, precisionOf } from '../print.ts';

/** Perpetuals have no delivery: the venue prints the year 2100. */
const NEVER_DELIVERED_MS = 4_133_404_800_000;
const ONBOARD_MS = 1_569_398_400_000;
const MAX_ALGO_ORDERS = 10;
const HOUR_MS = 3_600_000;
const HUNDRED = decimal('100');

export function exchangeInfo(instruments: readonly Instrument[], limits: LimitOptions, nowMs: number) {
  const quotes = [...new Set(instruments.map((instrument) => instrument.quote))];
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    futuresType: 'U_MARGINED',
    rateLimits: rateLimitRows(limits),
    exchangeFilters: [],
    assets: quotes.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: '-10000' })),
    symbols: instruments.map(symbolInfo),
  };
}

function symbolInfo(instrument: Instrument) {
  const precision = precisionOf(instrument);
  const lot = {
    maxQty: fixed(instrument.maxQuantity, precision.quantity),
    minQty: fixed(instrument.minQuantity, precision.quantity),
    stepSize: padded(instrument.stepSize, precision.quantity),
  };
  return {
    symbol: instrument.symbol,
    pair: instrument.symbol,
    contractType: 'PERPETUAL',
    deliveryDate: NEVER_DELIVERED_MS,
    onboardDate: ONBOARD_MS,
    status: 'TRADING',
    maintMarginPercent: fixed(multiply(instrument.maintenanceMarginRate, HUNDRED), 4),
    requiredMarginPercent: '5.0000',
    baseAsset: instrument.base,
    quoteAsset: instrument.quote,
    marginAsset: instrument.quote,
    pricePrecision: precision.price,
    quantityPrecision: precision.quantity,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: ['PoW'],
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10_000,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: padded(instrument.tickSize, precision.price),
        maxPrice: '1000000',
        tickSize: padded(instrument.tickSize, precision.price),
      },
      { filterType: 'LOT_SIZE', ...lot },
      { filterType: 'MARKET_LOT_SIZE', ...lot },
      { filterType: 'MAX_NUM_ORDERS', limit: instrument.maxOpenOrders },
      { filterType: 'MAX_NUM_ALGO_ORDERS', limit: MAX_ALGO_ORDERS },
      { filterType: 'MIN_NOTIONAL', notional: instrument.minNotional },
      {
        filterType: 'PERCENT_PRICE',
        multiplierUp: fixed(add(ONE, instrument.priceBand), 4),
        multiplierDown: fixed(subtract(ONE, instrument.priceBand), 4),
        multiplierDecimal: '4',
      },
    ],
    orderTypes: ['LIMIT', 'MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  };
}

export function depth(book: BookSnapshot, precision: Precision, nowMs: number) {
  return {
    lastUpdateId: book.lastUpdateId,
    E: nowMs,
    T: milliseconds(book.timeUs),
    bids: book.bids.map((entry) => level(entry, precision)),
    asks: book.asks.map((entry) => level(entry, precision)),
  };
}

export function premiumIndex(mark: MarkPrice) {
  return {
    symbol: mark.symbol,
    markPrice: money(mark.markPrice),
    indexPrice: money(mark.indexPrice),
    estimatedSettlePrice: money(mark.indexPrice),
    lastFundingRate: money(mark.fundingRate),
    interestRate: '0.00010000',
    nextFundingTime: milliseconds(mark.nextFundingUs),
    time: milliseconds(mark.timeUs),
  };
}

export function bookTicker(quote: BestQuote, precision: Precision) {
  return {
    symbol: quote.symbol,
    bidPrice: fixed(quote.bid[0], precision.price),
    bidQty: fixed(quote.bid[1], precision.quantity),
    askPrice: fixed(quote.ask[0], precision.price),
    askQty: fixed(quote.ask[1], precision.quantity),
    time: milliseconds(quote.timeUs),
    lastUpdateId: quote.updateId,
  };
}

export function fundingRate(settled: SettledRate) {
  return {
    symbol: settled.symbol,
    fundingRate: money(settled.fundingRate),
    fundingTime: milliseconds(settled.timeUs),
    markPrice: money(settled.markPrice),
  };
}

export function fundingInfo({ symbol, fundingIntervalMs = 0 }: Instrument) {
  return {
    symbol,
    adjustedFundingRateCap: '0.02000000',
    adjustedFundingRateFloor: '-0.02000000',
    fundingIntervalHours: fundingIntervalMs / HOUR_MS,
    disclaimer: false,
  };
}
