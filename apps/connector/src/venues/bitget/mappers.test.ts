/** Account, instrument and market messages as the venue documents or sends them (bitget.com/api-doc, classic account). */
import { expect, test } from 'bun:test';
import {
  AccountSettings,
  FundingPayment,
  MarginMode,
  Position,
  PositionMode,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { CandleInterval } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { PositionSide, Side, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { reading, Unreadable } from '../fields.ts';
import { symbolTable } from '../symbol-table.ts';
import {
  readFunding,
  readFuturesBalance,
  readFuturesBalanceChange,
  readPositions,
  readSettings,
  readSpotBalance,
  withClosed,
} from './account-mapper.ts';
import { readContract, readSpotSymbol } from './instrument-mapper.ts';
import { readBestQuote, readCandle, readMarkPrice, readOpenInterest, readTicker, readTrade } from './market-mapper.ts';

const SYMBOLS = symbolTable([['BTC/USDT:USDT', 'BTCUSDT']]);
const heard = { symbol: 'BTC/USDT:USDT', receivedAtUs: 42 };

test('a spot balance is what is free, frozen by orders and locked by services', () => {
  const asset = { coin: 'USDT', available: '19.1430', frozen: '7', locked: '0.5', limitAvailable: '0', uTime: '1' };
  expect(readSpotBalance(asset)).toEqual({ asset: 'USDT', total: '26.643', available: '19.143' });
});

test('a futures balance has no unrealized profit in it, and what orders hold is not available', () => {
  const account = {
    marginCoin: 'USDT',
    locked: '5.36581500',
    available: '26.14309528',
    crossedMaxAvailable: '20.77728028',
    isolatedMaxAvailable: '20.77728028',
    accountEquity: '28.64309528',
    unrealizedPL: '2.5',
  };
  const push = {
    marginCoin: 'USDT',
    frozen: '5.36581500',
    available: '26.14309528',
    maxOpenPosAvailable: '20.77728028',
    equity: '28.64309528',
    unrealizedPL: '2.5',
  };
  const expected = { asset: 'USDT', total: '26.14309528', available: '20.77728028' };
  expect(readFuturesBalance(account)).toEqual(expected);
  expect(readFuturesBalanceChange(push)).toEqual(expected);
});

const PUSHED = {
  posId: '926036334386778112',
  instId: 'BTCUSDT',
  marginCoin: 'USDT',
  marginMode: 'crossed',
  holdSide: 'short',
  posMode: 'hedge_mode',
  total: '0.001',
  available: '0.001',
  frozen: '0',
  openPriceAvg: '43849',
  leverage: 20,
  unrealizedPL: '-0.0032',
  markPrice: '43900.5',
  cTime: '1652331666985',
  uTime: '1701913016923',
};

test('a pushed position: short is negative, its leverage a bare number', () => {
  const position = Position.fromPartial({
    symbol: 'BTC/USDT:USDT',
    side: PositionSide.SHORT,
    quantity: '-0.001',
    entryPrice: '43849',
    markPrice: '43900.5',
    unrealizedPnl: '-0.0032',
    leverage: 20,
    marginMode: MarginMode.CROSS,
    venueTimeUs: 1701913016923000,
  });
  expect(readPositions([PUSHED, { ...PUSHED, instId: 'ETHUSDT' }], SYMBOLS)).toEqual([position]);
  const { instId, ...asked } = { ...PUSHED, symbol: 'BTCUSDT', leverage: '20' };
  expect(readPositions([asked], SYMBOLS)).toEqual([position]);
});

test('in one-way mode a position has no side of its own', () => {
  const [position] = readPositions([{ ...PUSHED, posMode: 'one_way_mode', holdSide: 'long' }], SYMBOLS);
  expect(position).toMatchObject({ side: PositionSide.BOTH, quantity: '0.001' });
});

test('a position that is no longer pushed is flat, once', () => {
  const open = readPositions([PUSHED], SYMBOLS);
  const flat = withClosed([], open, 9);
  expect(flat).toEqual([
    Position.fromPartial({
      symbol: 'BTC/USDT:USDT',
      side: PositionSide.SHORT,
      quantity: '0',
      leverage: 20,
      marginMode: MarginMode.CROSS,
      venueTimeUs: 9,
    }),
  ]);
  expect(withClosed([], flat, 10)).toEqual([]);
  expect(withClosed(open, open, 9)).toEqual(open);
});

test('settings are those of the margin mode that stands', () => {
  const account = {
    marginCoin: 'USDT',
    crossedMarginLeverage: '20',
    isolatedLongLever: '10',
    isolatedShortLever: '10',
    marginMode: 'crossed',
    posMode: 'hedge_mode',
  };
  const expected = {
    symbol: 'BTC/USDT:USDT',
    leverage: 20,
    marginMode: MarginMode.CROSS,
    positionMode: PositionMode.HEDGE,
    venueTimeUs: 7,
    receivedAtUs: 42,
  };
  expect(readSettings(account, heard, 7)).toEqual(AccountSettings.fromPartial(expected));
  const isolated = { ...account, marginMode: 'isolated', posMode: 'one_way_mode' };
  expect(readSettings(isolated, heard, 7)).toMatchObject({ leverage: 10, positionMode: PositionMode.ONE_WAY });
  expect(readSettings({ ...isolated, isolatedLongLever: '5' }, heard, 7).leverage).toBeUndefined();
});

test('a funding bill is a payment: positive was received', () => {
  const bill = {
    billId: '1111',
    symbol: 'BTCUSDT',
    amount: '-0.004992',
    fee: '0',
    feeByCoupon: '',
    businessType: 'contract_settle_fee',
    coin: 'USDT',
    balance: '10.26',
    cTime: '1695715200654',
  };
  expect(readFunding(bill, heard)).toEqual(
    FundingPayment.fromPartial({
      paymentId: '1111',
      symbol: 'BTC/USDT:USDT',
      asset: 'USDT',
      amount: '-0.004992',
      venueTimeUs: 1695715200654000,
      receivedAtUs: 42,
      source: Source.QUERY,
    }),
  );
});

const CONTRACT = {
  symbol: 'BTCUSDT',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  supportMarginCoins: ['USDT'],
  minTradeNum: '0.001',
  priceEndStep: '5',
  volumePlace: '3',
  pricePlace: '1',
  sizeMultiplier: '0.001',
  symbolType: 'perpetual',
  minTradeUSDT: '5',
  maxLever: '125',
  maxOrderQty: '1200',
  symbolStatus: 'normal',
};

test('a contract\u2019s tick is its step at its last place', () => {
  expect(readContract(CONTRACT)).toEqual(
    Instrument.fromPartial({
      symbol: 'BTC/USDT:USDT',
      venueSymbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      marketType: MarketType.PERPETUAL,
      status: InstrumentStatus.TRADING,
      tickSize: '0.5',
      quantityStep: '0.001',
      minQuantity: '0.001',
      maxQuantity: '1200',
      minNotional: '5',
      contractSize: '1',
      maxLeverage: 125,
    }),
  );
  expect(readContract({ ...CONTRACT, symbolType: 'delivery' })).toBeUndefined();
  expect(readContract({ ...CONTRACT, symbolStatus: 'maintain' })?.status).toBe(InstrumentStatus.HALTED);
  expect(reading(() => readContract({ ...CONTRACT, pricePlace: '-1' }))).toBeInstanceOf(Unreadable);
});

test('a spot symbol has places for steps; a minimum of 0 is one step', () => {
  const info = {
    symbol: 'BTCUSDT',
    baseCoin: 'BTC',
    quoteCoin: 'USDT',
    minTradeAmount: '0',
    maxTradeAmount: '10000000000',
    pricePrecision: '2',
    quantityPrecision: '6',
    quotePrecision: '8',
    minTradeUSDT: '1',
    status: 'online',
  };
  expect(readSpotSymbol(info)).toEqual(
    Instrument.fromPartial({
      symbol: 'BTC/USDT',
      venueSymbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      marketType: MarketType.SPOT,
      status: InstrumentStatus.TRADING,
      tickSize: '0.01',
      quantityStep: '0.000001',
      minQuantity: '0.000001',
      maxQuantity: '10000000000',
      minNotional: '1',
      contractSize: '1',
    }),
  );
  expect(readSpotSymbol({ ...info, status: 'offline', pricePrecision: '0' })).toMatchObject({
    status: InstrumentStatus.DELISTED,
    tickSize: '1',
  });
});

test('a quote, a trade, a candle and the ticker keep every digit', () => {
  const book = { bids: [['21040.60', '1.3357']], asks: [['21041.10', '0.0400']], seq: 1, ts: '1' };
  expect(readBestQuote(book)).toEqual({
    bidPrice: '21040.6',
    bidQuantity: '1.3357',
    askPrice: '21041.1',
    askQuantity: '0.04',
  });
  expect(readBestQuote({ ...book, asks: [] })).toBeUndefined();
  const trade = {
    ts: '1701910980366',
    price: '43854.01',
    size: '0.0530',
    side: 'sell',
    tradeId: '1116461060594286593',
  };
  expect(readTrade(trade)).toEqual({
    tradeId: '1116461060594286593',
    price: '43854.01',
    quantity: '0.053',
    takerSide: Side.SELL,
  });
  const row = ['1701871620000', '44080.23', '44080.50', '44028.5', '44028.51', '9.9287', '437404.105512', '437404.1'];
  expect(readCandle(row, CandleInterval.CANDLE_INTERVAL_1M, false)).toEqual({
    interval: CandleInterval.CANDLE_INTERVAL_1M,
    openTimeUs: 1701871620000000,
    open: '44080.23',
    high: '44080.5',
    low: '44028.5',
    close: '44028.51',
    volume: '9.9287',
    closed: false,
  });
  const ticker = {
    instId: 'BTCUSDT',
    lastPr: '87673.6',
    bidPr: '87673.5',
    open24h: '87027.0',
    high24h: '90414.7',
    low24h: '86786',
    baseVolume: '78112.2',
    quoteVolume: '6911093446.46',
    fundingRate: '0.000056',
    nextFundingTime: '1740729600000',
    markPrice: '87674.4',
    indexPrice: '87713.87',
    holdingAmount: '24231.9',
    ts: '1740729599999',
  };
  expect(readTicker(ticker)).toEqual({
    lastPrice: '87673.6',
    openPrice24h: '87027',
    highPrice24h: '90414.7',
    lowPrice24h: '86786',
    baseVolume24h: '78112.2',
    quoteVolume24h: '6911093446.46',
  });
  expect(readMarkPrice(ticker)).toEqual({
    markPrice: '87674.4',
    indexPrice: '87713.87',
    fundingRate: '0.000056',
    nextFundingTimeUs: 1740729600000000,
  });
  expect(readOpenInterest(ticker)).toEqual({ quantity: '24231.9' });
});
