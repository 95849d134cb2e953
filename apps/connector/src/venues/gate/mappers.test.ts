/** Market, account and instrument messages as the venue documents them, compared field by field. */
import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import {
  AccountSettings,
  Balance,
  FundingPayment,
  MarginMode,
  Position,
  PositionMode,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import {
  BestQuote,
  Candle,
  CandleInterval,
  Ticker,
  Trade,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { PositionSide, RejectReason, Side, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { classify } from '../error-table.ts';
import { RefusedContent } from '../refused-content.ts';
import {
  readFunding,
  readFuturesBalance,
  readFuturesBalanceChange,
  readPositionMode,
  readPositions,
  readSettings,
  readSpotBalances,
} from './account-mapper.ts';
import { signedContracts } from './contracts.ts';
import { DEPTH_RULE, readBookFrame, readBookSnapshot } from './depth.ts';
import { GATE_ERRORS } from './errors.ts';
import { readContract, readCurrencyPair } from './instrument-mapper.ts';
import {
  readBookTicker,
  readFuturesCandle,
  readFuturesMarketTrade,
  readFuturesTicker,
  readMarkPrice,
  readOpenInterest,
  readSpotCandle,
  readSpotCandleRow,
  readSpotMarketTrade,
  readSpotTicker,
} from './market-mapper.ts';
import { gateSymbols } from './symbols.ts';

const SIZE = decimal('0.0001');
const ONE = decimal('1');
const clock = { interval: CandleInterval.CANDLE_INTERVAL_1M, nowUs: 1606292600376000 };

const CONTRACT = {
  name: 'BTC_USDT',
  type: 'direct',
  quanto_multiplier: '0.0001',
  leverage_max: '100',
  order_price_round: '0.1',
  order_size_min: 1,
  order_size_max: 1000000,
  status: 'trading',
  in_delisting: false,
};

test('a contract is an instrument that counts in base asset', () => {
  expect(readContract(CONTRACT)).toEqual(
    Instrument.fromPartial({
      symbol: 'BTC/USDT:USDT',
      venueSymbol: 'BTC_USDT',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      marketType: MarketType.PERPETUAL,
      status: InstrumentStatus.TRADING,
      tickSize: '0.1',
      quantityStep: '0.0001',
      minQuantity: '0.0001',
      maxQuantity: '100',
      contractSize: '0.0001',
      maxLeverage: 100,
    }),
  );
  expect(readContract({ ...CONTRACT, in_delisting: true }).status).toBe(InstrumentStatus.HALTED);
  expect(readContract({ ...CONTRACT, order_size_min: '0.1' }).minQuantity).toBe('0.0001');
});

test('a currency pair is an instrument; its precisions are steps', () => {
  const pair = {
    id: 'BTC_USDT',
    base: 'BTC',
    quote: 'USDT',
    min_base_amount: '0.00001',
    min_quote_amount: '3',
    amount_precision: 6,
    precision: 1,
    trade_status: 'tradable',
  };
  expect(readCurrencyPair(pair)).toEqual(
    Instrument.fromPartial({
      symbol: 'BTC/USDT',
      venueSymbol: 'BTC_USDT',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      marketType: MarketType.SPOT,
      status: InstrumentStatus.TRADING,
      tickSize: '0.1',
      quantityStep: '0.000001',
      minQuantity: '0.00001',
      minNotional: '3',
      contractSize: '1',
    }),
  );
  expect(readCurrencyPair({ ...pair, trade_status: 'sellable' }).status).toBe(InstrumentStatus.HALTED);
});

test('the best quote, and none while a side is empty', () => {
  const result = {
    t: 1234567890123,
    u: '109796827144',
    s: 'BTC_USDT',
    b: '74535.5',
    B: '52278',
    a: '74535.6',
    A: 112048,
  };
  expect(readBookTicker(result, SIZE)).toEqual(
    BestQuote.fromPartial({ bidPrice: '74535.5', bidQuantity: '5.2278', askPrice: '74535.6', askQuantity: '11.2048' }),
  );
  expect(readBookTicker({ ...result, b: '', B: 0 }, SIZE)).toBeUndefined();
});

test('trades name the taker\u2019s side, by the sign or by the word', () => {
  const futures = { size: -108, id: 27753479, create_time_ms: 1545136464123, price: '96.4', contract: 'BTC_USDT' };
  expect(readFuturesMarketTrade(futures, SIZE)).toEqual(
    Trade.fromPartial({ tradeId: '27753479', price: '96.4', quantity: '0.0108', takerSide: Side.SELL }),
  );
  expect(readFuturesMarketTrade({ ...futures, is_internal: true }, SIZE)).toBeUndefined();
  const spot = { id: 309143071, id_market: 2390902, side: 'buy', amount: '16.4700000000', price: '0.4705000000' };
  expect(readSpotMarketTrade(spot)).toEqual(
    Trade.fromPartial({ tradeId: '2390902', price: '0.4705', quantity: '16.47', takerSide: Side.BUY }),
  );
});

test('candles count base asset, from the stream and from the list', () => {
  const candle = { t: '1606292580', v: '2362.32', c: '3', h: '4', l: '1', o: '2', n: '1m_BTC_USDT', a: '3.8283' };
  const expected = Candle.fromPartial({
    interval: CandleInterval.CANDLE_INTERVAL_1M,
    openTimeUs: 1606292580000000,
    open: '2',
    high: '4',
    low: '1',
    close: '3',
    volume: '3.8283',
  });
  expect(readSpotCandle(candle, clock)).toEqual(expected);
  expect(readSpotCandle({ ...candle, w: true }, clock)).toEqual({ ...expected, closed: true });
  const row = ['1606292580', '2362.32', '3', '4', '1', '2', '3.8283', 'true'];
  expect(readSpotCandleRow(row, clock)).toEqual({ ...expected, closed: true });
  expect(readFuturesCandle({ ...candle, t: 1606292520, v: 27525555 }, SIZE, clock)).toEqual({
    ...expected,
    openTimeUs: 1606292520000000,
    volume: '2752.5555',
    closed: true,
  });
});

const TICKER = {
  contract: 'BTC_USDT',
  last: '118.4',
  change_percentage: '0.77',
  funding_rate: '-0.000114',
  mark_price: '118.35',
  index_price: '118.36',
  total_size: '73648',
  volume_24h_base: '5526',
  volume_24h_quote: '665006',
  low_24h: '99.2',
  high_24h: '132.5',
};

test('one ticker holds the day, the mark price and the open interest', () => {
  expect(readFuturesTicker(TICKER)).toEqual(
    Ticker.fromPartial({
      lastPrice: '118.4',
      openPrice24h: '117.5',
      highPrice24h: '132.5',
      lowPrice24h: '99.2',
      baseVolume24h: '5526',
      quoteVolume24h: '665006',
    }),
  );
  expect(readMarkPrice(TICKER)).toMatchObject({ markPrice: '118.35', indexPrice: '118.36', fundingRate: '-0.000114' });
  expect(readOpenInterest(TICKER, SIZE)).toEqual({ quantity: '7.3648' });
});

test('a spot ticker', () => {
  const ticker = {
    currency_pair: 'BTC_USDT',
    last: '15743.4',
    change_percentage: '-1.8254',
    base_volume: '9110.473081735',
    quote_volume: '145082083.2535',
    high_24h: '16280.9',
    low_24h: '15468.5',
  };
  expect(readSpotTicker(ticker)).toMatchObject({ openPrice24h: '16036.1', baseVolume24h: '9110.473081735' });
});

test('a book\u2019s deltas and snapshots of both markets', () => {
  const futures = {
    t: 1615366381417,
    s: 'BTC_USDT',
    U: 2517661101,
    u: 2517661113,
    b: [{ p: '54672.10', s: 0 }],
    a: [{ p: '54742', s: 95 }],
  };
  expect(readBookFrame(futures, SIZE)).toEqual({
    kind: 'delta',
    delta: {
      first: 2517661101,
      last: 2517661113,
      previous: undefined,
      bids: [{ price: '54672.1', quantity: '0' }],
      asks: [{ price: '54742', quantity: '0.0095' }],
      venueTimeUs: 1615366381417000,
    },
  });
  const spot = { t: 1777275365213, full: true, s: 'ob.BTC_USDT.50', u: 9649549324, b: [['1.414', '1397.899']], a: [] };
  expect(readBookFrame(spot, ONE)).toEqual({
    kind: 'snapshot',
    snapshot: {
      sequence: 9649549324,
      bids: [{ price: '1.414', quantity: '1397.899' }],
      asks: [],
      venueTimeUs: 1777275365213000,
    },
  });
  const asked = { id: 7, current: 1623898993.123, update: 1623898993.121, asks: [{ p: '2', s: 1 }], bids: [] };
  expect(readBookSnapshot(asked, SIZE)).toMatchObject({ sequence: 7, venueTimeUs: 1623898993121000 });
});

test('deltas join a snapshot that they overlap, and follow without a hole', () => {
  const delta = (first: number, last: number) => ({
    first,
    last,
    previous: undefined,
    bids: [],
    asks: [],
    venueTimeUs: 0,
  });
  expect(DEPTH_RULE.old(delta(5, 10), 10)).toBe(true);
  expect(DEPTH_RULE.joins(delta(8, 12), 10)).toBe(true);
  expect(DEPTH_RULE.joins(delta(12, 13), 10)).toBe(false);
  expect(DEPTH_RULE.follows(delta(11, 13), 10)).toBe(true);
  expect(DEPTH_RULE.follows(delta(12, 13), 10)).toBe(false);
});

const POSITION = {
  user: 10000,
  contract: 'BTC_USDT',
  size: -9440,
  leverage: '0',
  entry_price: '3779.55',
  mark_price: '3780.32',
  unrealised_pnl: '-0.000507486844',
  mode: 'dual_short',
  update_time: 1684994406,
  cross_leverage_limit: '10',
};

test('positions of both modes, in base asset', () => {
  const symbols = gateSymbols([readContract(CONTRACT)]);
  expect(readPositions([POSITION, { ...POSITION, contract: 'ETH_USDT' }], symbols)).toEqual([
    Position.fromPartial({
      symbol: 'BTC/USDT:USDT',
      side: PositionSide.SHORT,
      quantity: '-0.944',
      entryPrice: '3779.55',
      markPrice: '3780.32',
      unrealizedPnl: '-0.000507486844',
      leverage: 10,
      marginMode: MarginMode.CROSS,
      venueTimeUs: 1684994406000000,
    }),
  ]);
  const streamed = { ...POSITION, mode: 'single', size: 0, entry_price: 0, leverage: 20, time_ms: 1684994406195 };
  expect(readPositions([streamed], symbols)).toMatchObject([
    { side: PositionSide.BOTH, quantity: '0', entryPrice: undefined, leverage: 20, marginMode: MarginMode.ISOLATED },
  ]);
});

test('settings, of a symbol that was traded and of one that never was', () => {
  const heard = { symbol: 'BTC/USDT:USDT', contractSize: SIZE, receivedAtUs: 42 };
  expect(readSettings(POSITION, PositionMode.HEDGE, heard)).toEqual(
    AccountSettings.fromPartial({
      symbol: 'BTC/USDT:USDT',
      leverage: 10,
      marginMode: MarginMode.CROSS,
      positionMode: PositionMode.HEDGE,
      venueTimeUs: 1684994406000000,
      receivedAtUs: 42,
    }),
  );
  expect(readSettings(undefined, PositionMode.ONE_WAY, heard)).toMatchObject({ leverage: undefined });
  expect(readPositionMode({ in_dual_mode: true })).toBe(PositionMode.HEDGE);
});

test('balances of both markets, and a change that moves what was available', () => {
  expect(readFuturesBalance({ currency: 'USDT', total: '9707.80', available: '8000' })).toEqual(
    Balance.fromPartial({ asset: 'USDT', total: '9707.8', available: '8000' }),
  );
  expect(readSpotBalances([{ currency: 'ETH', available: '968.8', locked: '0.2' }])).toEqual([
    Balance.fromPartial({ asset: 'ETH', total: '969', available: '968.8' }),
  ]);
  const last = new Map([['USDT', Balance.fromPartial({ asset: 'USDT', total: '10', available: '4' })]]);
  expect(readFuturesBalanceChange({ balance: 9.5, change: -0.5, type: 'fee' }, last)).toEqual(
    Balance.fromPartial({ asset: 'USDT', total: '9.5', available: '3.5' }),
  );
});

test('a funding payment is the same whether it was pushed or asked for', () => {
  const heard = { symbol: 'BTC/USDT:USDT', contractSize: SIZE, receivedAtUs: 42 };
  const pushed = {
    balance: 20.03,
    change: -0.0031355,
    text: 'BTC_USDT',
    time: 1653665311,
    time_ms: 1653665311437,
    type: 'fund',
  };
  expect(readFunding(pushed, heard, Source.STREAM)).toEqual(
    FundingPayment.fromPartial({
      paymentId: '1653665311:-0.0031355',
      symbol: 'BTC/USDT:USDT',
      asset: 'USDT',
      amount: '-0.0031355',
      venueTimeUs: 1653665311000000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
  const listed = {
    time: 1653665311,
    change: '-0.0031355',
    balance: '20.03',
    type: 'fund',
    contract: 'BTC_USDT',
    id: '1',
  };
  expect(readFunding(listed, heard, Source.QUERY).paymentId).toBe('1653665311:-0.0031355');
});

test('a quantity is a whole number of contracts, or is refused', () => {
  expect(signedContracts('0.0025', Side.SELL, SIZE)).toBe(-25);
  expect(signedContracts('100', Side.BUY, SIZE)).toBe(1_000_000);
  expect(() => signedContracts('0.00015', Side.BUY, SIZE)).toThrow(RefusedContent);
});

test.each([
  [400, 'BALANCE_NOT_ENOUGH', 'rejected', RejectReason.INSUFFICIENT_FUNDS],
  [400, 'INSUFFICIENT_AVAILABLE', 'rejected', RejectReason.INSUFFICIENT_FUNDS],
  [400, 'POC_FILL_IMMEDIATELY', 'rejected', RejectReason.POST_ONLY],
  [400, 'ORDER_POC_IMMEDIATE', 'rejected', RejectReason.POST_ONLY],
  [400, 'REDUCE_EXCEEDED', 'rejected', RejectReason.REDUCE_ONLY],
  [404, 'ORDER_NOT_FOUND', 'rejected', RejectReason.ORDER_NOT_OPEN],
  [400, 'ORDER_FINISHED', 'rejected', RejectReason.ORDER_NOT_OPEN],
  [403, 'REQUEST_EXPIRED', 'rejected', RejectReason.TIMESTAMP],
  [401, 'INVALID_SIGNATURE', 'rejected', RejectReason.PERMISSION],
  [400, 'CONTRACT_NOT_FOUND', 'rejected', RejectReason.UNKNOWN_SYMBOL],
  [429, 'TOO_MANY_REQUESTS', 'rate_limited', undefined],
  [400, 'SERVER_ERROR', 'unknown', undefined],
  [500, 'INTERNAL', 'unknown', undefined],
  [502, 'BALANCE_NOT_ENOUGH', 'unknown', undefined],
  [400, 'A_LABEL_OF_TOMORROW', 'unknown', undefined],
  [400, '', 'unknown', undefined],
])('HTTP %d with %p is %s', (status, label, kind, reason) => {
  const verdict = classify(GATE_ERRORS, status, label, '');
  expect(String(verdict.kind)).toBe(kind);
  if (verdict.kind === 'rejected') expect(verdict.reason).toBe(reason ?? RejectReason.UNSPECIFIED);
});

test('a label of many meanings is judged by its text where that is on record', () => {
  const small = 'Your order size 0.003749448 USDT is too small. The minimum is 3 USDT';
  expect(classify(GATE_ERRORS, 400, 'INVALID_PARAM_VALUE', small)).toMatchObject({ reason: RejectReason.MIN_NOTIONAL });
  expect(classify(GATE_ERRORS, 400, 'INVALID_PARAM_VALUE', 'x')).toMatchObject({ reason: RejectReason.OTHER });
});
