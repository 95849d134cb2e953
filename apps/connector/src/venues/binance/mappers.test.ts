/** Account, market, instrument and protocol messages as the venue documents them (developers.binance.com, USD-M). */
import { expect, test } from 'bun:test';
import { Balance, MarginMode, Position } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { CandleInterval } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { PositionSide, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { reading, Unreadable } from '../fields.ts';
import { symbolTable } from '../symbol-table.ts';
import { readBalanceChanges, readBalances, readPositionChanges, readPositions } from './account-mapper.ts';
import { readDelta, readSnapshot } from './depth.ts';
import { readBudgets, readInstrument } from './instrument-mapper.ts';
import { readBookTicker, readCandleRow, readDayTicker, readKline, readMarkPrice, readTrade } from './market-mapper.ts';
import { errorOf } from './rest.ts';

const SYMBOLS = symbolTable([['BTC/USDT:USDT', 'BTCUSDT']]);

test('a balance change moves what was available by as much as the wallet', () => {
  const account = {
    B: [
      { a: 'USDT', wb: '122624.12345678', cw: '100.12', bc: '50.12' },
      { a: 'BNB', wb: '1.00000000', cw: '0', bc: '0' },
    ],
  };
  const known = new Map([['USDT', Balance.fromPartial({ asset: 'USDT', total: '122600', available: '1000.5' })]]);
  expect(readBalanceChanges(account, known)).toEqual([
    { asset: 'USDT', total: '122624.12345678', available: '1024.62345678' },
    { asset: 'BNB', total: '1', available: '1' },
  ]);
});

test('positions of symbols that are not ours are left out', () => {
  const account = {
    P: [
      { s: 'BTCUSDT', pa: '-0.500', ep: '7100.10', up: '-1.20000000', mt: 'isolated', iw: '0.0', ps: 'BOTH' },
      { s: 'ETHUSDT', pa: '1', ep: '1', up: '1', mt: 'cross', ps: 'BOTH' },
    ],
  };
  const expected = {
    symbol: 'BTC/USDT:USDT',
    side: PositionSide.BOTH,
    quantity: '-0.5',
    entryPrice: '7100.1',
    unrealizedPnl: '-1.2',
    marginMode: MarginMode.ISOLATED,
    venueTimeUs: 5,
  };
  expect(readPositionChanges(account, SYMBOLS, 5)).toEqual([Position.fromPartial(expected)]);
});

test('a flat position has no entry price', () => {
  const risk = [
    {
      symbol: 'BTCUSDT',
      positionSide: 'BOTH',
      positionAmt: '0.000',
      entryPrice: '0.0',
      markPrice: '6000.5',
      unRealizedProfit: '0.00',
      isolatedMargin: '0.0',
      updateTime: 7,
    },
  ];
  const [position] = readPositions(risk, SYMBOLS);
  expect(position?.entryPrice).toBeUndefined();
  expect(position).toMatchObject({
    quantity: '0',
    markPrice: '6000.5',
    marginMode: MarginMode.CROSS,
    venueTimeUs: 7_000,
  });
});

test('total is the wallet, available is what new orders may use', () => {
  const body = {
    assets: [{ asset: 'USDT', walletBalance: '23.72469206', availableBalance: '20.10', marginBalance: '23' }],
  };
  expect(readBalances(body)).toEqual([{ asset: 'USDT', total: '23.72469206', available: '20.1' }]);
});

test('a quote, a trade, a candle, a mark price and a ticker keep every digit', () => {
  expect(
    readBookTicker({
      e: 'bookTicker',
      u: 4,
      s: 'BTCUSDT',
      b: '25.35190000',
      B: '31.21000000',
      a: '25.36520000',
      A: '40.66000000',
    }),
  ).toEqual({
    bidPrice: '25.3519',
    bidQuantity: '31.21',
    askPrice: '25.3652',
    askQuantity: '40.66',
  });
  const trade = { e: 'trade', t: 5123, p: '60000.10', q: '0.015', X: 'MARKET', m: true };
  expect(readTrade(trade)).toEqual({ tradeId: '5123', price: '60000.1', quantity: '0.015', takerSide: Side.SELL });
  expect(readTrade({ e: 'aggTrade', a: 77, p: '1', q: '2', m: false })).toMatchObject({
    tradeId: '77',
    takerSide: Side.BUY,
  });
  expect(readTrade({ ...trade, p: '0', q: '0', X: 'NA' })).toBeUndefined();
  const candle = {
    interval: CandleInterval.CANDLE_INTERVAL_1M,
    openTimeUs: 123_400_000_000,
    open: '0.001',
    high: '0.0025',
    low: '0.0015',
    close: '0.002',
    volume: '1000',
  };
  expect(
    readKline(
      { t: 123400000, i: '1m', o: '0.0010', c: '0.0020', h: '0.0025', l: '0.0015', v: '1000', x: false },
      candle.interval,
    ),
  ).toEqual({ ...candle, closed: false });
  expect(
    readCandleRow(
      [123400000, '0.0010', '0.0025', '0.0015', '0.0020', '1000', 123459999, '0'],
      candle.interval,
      123460000,
    ),
  ).toEqual({ ...candle, closed: true });
  expect(
    readMarkPrice({ p: '11794.15000000', i: '11784.62659091', P: '11784.25641265', r: '0.00038167', T: 1562306400000 }),
  ).toEqual({
    markPrice: '11794.15',
    indexPrice: '11784.62659091',
    fundingRate: '0.00038167',
    nextFundingTimeUs: 1562306400000000,
  });
  expect(
    readDayTicker({ c: '4.00000200', o: '99.00', h: '100.00', l: '0.10', v: '8913.30', q: '15.30' }),
  ).toMatchObject({ lastPrice: '4.000002', baseVolume24h: '8913.3' });
});

test('depth keeps its sequence and its digits, and refuses half a level', () => {
  const frame = { T: 123456788, U: 157, u: 160, pu: 149, b: [['0.0024', '10.00']], a: [['0.0026', '0.000']] };
  expect(readDelta(frame)).toMatchObject({
    first: 157,
    last: 160,
    previous: 149,
    bids: [{ price: '0.0024', quantity: '10' }],
    asks: [{ price: '0.0026', quantity: '0' }],
    venueTimeUs: 123456788000,
  });
  expect(readSnapshot({ lastUpdateId: 1027024, E: 1, T: 2, bids: [['4.0', '431.0']], asks: [] })).toMatchObject({
    sequence: 1027024,
    venueTimeUs: 2_000,
  });
  expect(reading(() => readDelta({ ...frame, b: [['0.0024']] }))).toBeInstanceOf(Unreadable);
  expect(reading(() => readDelta({ ...frame, pu: undefined }))).toBeInstanceOf(Unreadable);
});

test('an instrument is the venue\u2019s filters', () => {
  const info = {
    symbol: 'BTCUSDT',
    status: 'TRADING',
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    marginAsset: 'USDT',
    contractType: 'PERPETUAL',
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '556.80', maxPrice: '4529764', tickSize: '0.10' },
      { filterType: 'LOT_SIZE', stepSize: '0.001', maxQty: '1000', minQty: '0.001' },
      { filterType: 'MIN_NOTIONAL', notional: '100' },
    ],
  };
  expect(readInstrument(info, 'BTC/USDT:USDT', 'perpetual')).toEqual(
    Instrument.fromPartial({
      symbol: 'BTC/USDT:USDT',
      venueSymbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      marketType: MarketType.PERPETUAL,
      status: InstrumentStatus.TRADING,
      tickSize: '0.1',
      quantityStep: '0.001',
      minQuantity: '0.001',
      maxQuantity: '1000',
      minNotional: '100',
      contractSize: '1',
    }),
  );
});

test('rate limits become budgets under the names of the headers that report them', () => {
  const limits = [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 6100 },
  ];
  expect(readBudgets(limits)).toEqual([
    { name: 'weight_1m', kind: 'requests', limit: 2400, windowMs: 60_000 },
    { name: 'orders_10s', kind: 'orders', limit: 300, windowMs: 10_000 },
  ]);
});

test('only a negative code is an error: settings answer code 200', () => {
  expect(errorOf({ code: 200, msg: 'success' })).toBeUndefined();
  expect(errorOf([{ code: -1, msg: 'entry' }])).toBeUndefined();
  expect(errorOf({ code: -2019, msg: 'Margin is insufficient.' })).toEqual({
    code: '-2019',
    message: 'Margin is insufficient.',
  });
});
