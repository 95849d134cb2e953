/** Public market data of both markets as REST answers it. */
import type { Decimal } from '@trunkline/proto/decimal';
import type { BookSnapshot, Instrument, PublicTrade } from '../../core/types.ts';
import type { VenueContext } from './call.ts';
import { levelText, precisionOf, QUOTE_PLACES, wireTime } from './print.ts';
import { tickerRow, tradeFrame } from './public-frames.ts';

const HOUR_MS = 3_600_000;

export function contractConfig(instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    symbol: instrument.symbol,
    baseCoin: instrument.base,
    quoteCoin: instrument.quote,
    buyLimitPriceRatio: instrument.priceBand,
    sellLimitPriceRatio: instrument.priceBand,
    feeRateUpRatio: '0.005',
    makerFeeRate: instrument.makerFeeRate,
    takerFeeRate: instrument.takerFeeRate,
    openCostUpRatio: '0.01',
    supportMarginCoins: [instrument.quote],
    minTradeNum: instrument.minQuantity,
    // Counted in the last of `pricePlace` decimals.
    priceEndStep: '1',
    volumePlace: String(precision.quantity),
    pricePlace: String(precision.price),
    sizeMultiplier: instrument.stepSize,
    symbolType: 'perpetual',
    minTradeUSDT: instrument.minNotional,
    maxSymbolOrderNum: String(instrument.maxOpenOrders),
    maxProductOrderNum: '1000',
    maxPositionNum: '150',
    symbolStatus: 'normal',
    offTime: '-1',
    limitOpenTime: '-1',
    deliveryTime: '',
    deliveryStartTime: '',
    deliveryPeriod: '',
    launchTime: '',
    fundInterval: String(fundingHours(instrument)),
    minLever: '1',
    maxLever: String(instrument.maxLeverage),
    posLimit: '0.1',
    maintainTime: '',
    maxMarketOrderQty: instrument.maxQuantity,
    maxOrderQty: instrument.maxQuantity,
    isRwa: 'NO',
  };
}

export function spotSymbol(instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    symbol: instrument.symbol,
    baseCoin: instrument.base,
    quoteCoin: instrument.quote,
    minTradeAmount: '0',
    maxTradeAmount: '900000000000000000000',
    takerFeeRate: instrument.takerFeeRate,
    makerFeeRate: instrument.makerFeeRate,
    pricePrecision: String(precision.price),
    quantityPrecision: String(precision.quantity),
    quotePrecision: String(QUOTE_PLACES),
    status: 'online',
    minTradeUSDT: instrument.minNotional,
    buyLimitPriceRatio: instrument.priceBand,
    sellLimitPriceRatio: instrument.priceBand,
    areaSymbol: 'no',
    orderQuantity: String(instrument.maxOpenOrders),
    openTime: '1532454360000',
    offTime: '',
  };
}

export function coinInfo(coin: string) {
  return {
    coinId: String([...coin].reduce((id, letter) => id * 31 + letter.charCodeAt(0), 0) % 100_000),
    coin,
    transfer: 'true',
    areaCoin: 'no',
    chains: [
      {
        chain: coin,
        needTag: 'false',
        withdrawable: 'true',
        rechargeable: 'true',
        withdrawFee: '0.001',
        extraWithdrawFee: '0',
        depositConfirm: '1',
        withdrawConfirm: '1',
        minDepositAmount: '0.001',
        minWithdrawAmount: '0.001',
        browserUrl: '',
        contractAddress: null,
        withdrawStep: '0',
        withdrawMinScale: '8',
        congestion: 'normal',
      },
    ],
  };
}

/** Undefined until the market has a quote. */
export function futuresTicker(instrument: Instrument, { core, clock }: VenueContext) {
  const row = tickerRow(core, instrument, clock.wallUs());
  const mark = core.markPrice(instrument.symbol);
  if (row === undefined || mark === undefined) return undefined;
  const { day, quote: _, ...shared } = row;
  return {
    symbol: instrument.symbol,
    ...shared,
    usdtVolume: shared.quoteVolume,
    indexPrice: mark.indexPrice,
    fundingRate: mark.fundingRate,
    holdingAmount: core.openInterest(instrument.symbol)?.quantity ?? '0',
    deliveryStartTime: null,
    deliveryTime: null,
    deliveryStatus: '',
    markPrice: mark.markPrice,
  };
}

export function spotTicker(instrument: Instrument, { core, clock }: VenueContext) {
  const row = tickerRow(core, instrument, clock.wallUs());
  if (row === undefined) return undefined;
  const { day: _, quote: __, open24h, ...shared } = row;
  return { symbol: instrument.symbol, open: open24h, ...shared, usdtVolume: shared.quoteVolume };
}

/** The futures' book is of JSON numbers, as the live service answers it. */
export function mergeDepth(book: BookSnapshot, instrument: Instrument) {
  const numbers = ([price, quantity]: readonly [Decimal, Decimal]) => [Number(price), Number(quantity)];
  return {
    asks: book.asks.map(numbers),
    bids: book.bids.map(numbers),
    ts: wireTime(book.timeUs),
    scale: instrument.tickSize,
    precision: 'scale0',
    isMaxPrecision: 'NO',
  };
}

export function orderBook(book: BookSnapshot, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    asks: book.asks.map((level) => levelText(level, precision)),
    bids: book.bids.map((level) => levelText(level, precision)),
    ts: wireTime(book.timeUs),
  };
}

export function publicTrade(trade: PublicTrade, instrument: Instrument) {
  return { symbol: trade.symbol, ...tradeFrame(trade, instrument) };
}

export function fundingHours({ fundingIntervalMs = HOUR_MS }: Instrument): number {
  return fundingIntervalMs / HOUR_MS;
}
