/** Public data of contracts as REST answers it and the streams push it. Sizes are contracts. */
import { negate, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { BestQuote, BookSnapshot, Candle, Instrument, Level, PublicTrade } from '../../../core/types.ts';
import { dayStatistics } from '../../day-ticker.ts';
import { milliseconds } from '../../decimal-text.ts';
import { contracts, fractionalSeconds, seconds, wireId } from '../print.ts';

/** A level as `{"p": price, "s": contracts}`. */
export interface WireLevel {
  readonly p: string;
  readonly s: number;
}

const LISTED_S = 1_575_158_400;

export function contractView(core: Core, instrument: Instrument, nowUs: number) {
  const mark = core.markPrice(instrument.symbol);
  const day = dayStatistics(core, instrument.symbol, nowUs);
  const price = mark?.markPrice ?? '0';
  return {
    name: instrument.symbol,
    type: 'direct',
    contract_type: '',
    status: 'trading',
    quanto_multiplier: instrument.contractSize,
    leverage_min: '1',
    leverage_max: String(instrument.maxLeverage),
    cross_leverage_default: '10',
    maintenance_rate: instrument.maintenanceMarginRate,
    mark_type: 'index',
    mark_price: price,
    index_price: mark?.indexPrice ?? '0',
    last_price: day?.last.price ?? price,
    maker_fee_rate: instrument.makerFeeRate,
    taker_fee_rate: instrument.takerFeeRate,
    order_price_round: instrument.tickSize,
    mark_price_round: instrument.tickSize,
    order_price_deviate: instrument.priceBand,
    ref_discount_rate: '0',
    ref_rebate_rate: '0.2',
    funding_rate: mark?.fundingRate ?? '0',
    funding_rate_indicative: mark?.fundingRate ?? '0',
    funding_rate_limit: '0.003',
    funding_cap_ratio: '0.75',
    funding_interval: (instrument.fundingIntervalMs ?? 0) / 1_000,
    funding_next_apply: seconds(mark?.nextFundingUs ?? 0),
    funding_offset: 0,
    funding_impact_value: '60000',
    interest_rate: '0.0003',
    risk_limit_base: '1000000',
    risk_limit_step: '1000000',
    risk_limit_max: '1000000000',
    order_size_min: 1,
    order_size_max: contracts(instrument.maxQuantity, instrument),
    market_order_size_max: String(contracts(instrument.maxQuantity, instrument)),
    market_order_slip_ratio: '0.05',
    orders_limit: instrument.maxOpenOrders,
    orderbook_id: core.book(instrument.symbol, 1)?.lastUpdateId ?? 0,
    trade_id: day === undefined ? 0 : wireId(day.last.tradeId),
    trade_size: day === undefined ? 0 : contracts(day.volume, instrument),
    position_size: openInterest(core, instrument),
    short_users: 0,
    long_users: 0,
    config_change_time: LISTED_S,
    create_time: LISTED_S,
    launch_time: LISTED_S,
    in_delisting: false,
    enable_bonus: true,
    enable_credit: true,
    enable_decimal: false,
    enable_circuit_breaker: false,
  };
}

export function level([price, quantity]: Level, instrument: Instrument): WireLevel {
  return { p: price, s: contracts(quantity, instrument) };
}

export function bookView(book: BookSnapshot, instrument: Instrument, withId: boolean, nowUs: number) {
  return {
    ...(withId ? { id: book.lastUpdateId } : {}),
    current: fractionalSeconds(nowUs),
    update: fractionalSeconds(book.timeUs),
    asks: book.asks.map((entry) => level(entry, instrument)),
    bids: book.bids.map((entry) => level(entry, instrument)),
  };
}

/** Above zero the taker bought. */
export function tradeSize(trade: PublicTrade, instrument: Instrument): number {
  return contracts(trade.buyerIsMaker ? negate(trade.quantity) : trade.quantity, instrument);
}

/** `create_time_ms` of the REST answer is seconds with a fraction, unlike the stream's field of that name. */
export function tradeView(trade: PublicTrade, instrument: Instrument) {
  return {
    id: wireId(trade.tradeId),
    create_time: fractionalSeconds(trade.timeUs),
    create_time_ms: fractionalSeconds(trade.timeUs),
    contract: trade.symbol,
    size: tradeSize(trade, instrument),
    price: trade.price,
  };
}

export function candleView(candle: Candle, instrument: Instrument) {
  return {
    t: seconds(candle.openUs),
    v: contracts(candle.volume, instrument),
    c: candle.close,
    h: candle.high,
    l: candle.low,
    o: candle.open,
    sum: candle.quoteVolume,
  };
}

export function tickerView(core: Core, instrument: Instrument, nowUs: number) {
  const { symbol } = instrument;
  const day = dayStatistics(core, symbol, nowUs);
  const mark = core.markPrice(symbol);
  const quote = core.bestQuote(symbol);
  const volume = day?.volume ?? ZERO;
  const price = mark?.markPrice ?? ZERO;
  return {
    contract: symbol,
    last: day?.last.price ?? price,
    change_percentage: day?.changePercent ?? '0',
    total_size: String(openInterest(core, instrument)),
    low_24h: day?.low ?? price,
    high_24h: day?.high ?? price,
    volume_24h: String(contracts(volume, instrument)),
    volume_24h_btc: '0',
    volume_24h_usd: day?.quoteVolume ?? '0',
    volume_24h_base: volume,
    volume_24h_quote: day?.quoteVolume ?? '0',
    volume_24h_settle: day?.quoteVolume ?? '0',
    mark_price: price,
    index_price: mark?.indexPrice ?? '0',
    funding_rate: mark?.fundingRate ?? '0',
    funding_rate_indicative: mark?.fundingRate ?? '0',
    quanto_base_rate: '',
    lowest_ask: quote?.ask[0] ?? '',
    lowest_size: String(quote === undefined ? 0 : contracts(quote.ask[1], instrument)),
    highest_bid: quote?.bid[0] ?? '',
    highest_size: String(quote === undefined ? 0 : contracts(quote.bid[1], instrument)),
  };
}

/** In contracts. */
function openInterest(core: Core, instrument: Instrument): number {
  return contracts(core.openInterest(instrument.symbol)?.quantity ?? ZERO, instrument);
}

export function bookTickerUpdate(quote: BestQuote, instrument: Instrument) {
  return {
    t: milliseconds(quote.timeUs),
    u: quote.updateId,
    s: quote.symbol,
    b: quote.bid[0],
    B: contracts(quote.bid[1], instrument),
    a: quote.ask[0],
    A: contracts(quote.ask[1], instrument),
  };
}
