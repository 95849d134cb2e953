/** Spot's documented messages, field by field (binance-spot-api-docs: user-data-stream.md, rest-api.md). */
import { expect, test } from 'bun:test';
import { Balance } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import {
  Fill,
  Liquidity,
  Order,
  OrderStatus,
  OrderType,
  PositionSide,
  Side,
  Source,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { reading, Unreadable } from '../fields.ts';
import { readSnapshot, readSpotDelta, SPOT_DEPTH_RULE } from './depth.ts';
import { readInstrument } from './instrument-mapper.ts';
import { readSpotBalanceChanges, readSpotBalances } from './spot-account-mapper.ts';
import { readExecutionReport, readMyTrade, readSpotOrder } from './spot-order-mapper.ts';

const HEARD = { symbol: 'ETH/BTC', receivedAtUs: 5 };

const REPORT = {
  ...{
    e: 'executionReport',
    E: 1499405658658,
    s: 'ETHBTC',
    c: 'mUvoqJxFIILMdfAW5iGSOW',
    S: 'BUY',
    o: 'LIMIT',
    f: 'GTC',
  },
  ...{
    q: '1.00000000',
    p: '0.10264410',
    P: '0.00000000',
    F: '0.00000000',
    g: -1,
    C: '',
    x: 'NEW',
    X: 'NEW',
    r: 'NONE',
  },
  ...{ i: 4293153, l: '0.00000000', z: '0.00000000', L: '0.00000000', n: '0', N: null, T: 1499405658657, t: -1 },
  ...{ v: 3, I: 8641984, w: true, m: false, M: false, O: 1499405658657, Z: '0.00000000', Y: '0.00000000' },
  ...{ Q: '0.00000000', W: 1499405658657, V: 'NONE' },
};

test('a new order is what the report says, with no fill', () => {
  const { order, fill } = readExecutionReport(REPORT, HEARD);
  expect(fill).toBeUndefined();
  expect(order).toEqual(
    Order.fromPartial({
      ...{ clientOrderId: 'mUvoqJxFIILMdfAW5iGSOW', venueOrderId: '4293153', symbol: 'ETH/BTC', side: Side.BUY },
      ...{ positionSide: PositionSide.BOTH, type: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
      ...{ price: '0.1026441', quantity: '1', filledQuantity: '0', status: OrderStatus.OPEN },
      ...{ venueTimeUs: 1499405658657_000, receivedAtUs: 5, source: Source.STREAM },
    }),
  );
});

test('an execution is the order with its average and one fill with its fee', () => {
  const trade = { x: 'TRADE', X: 'PARTIALLY_FILLED', l: '0.25', z: '0.75', L: '0.10264410', n: '0.00025', N: 'ETH' };
  const { order, fill } = readExecutionReport({ ...REPORT, ...trade, t: 77, m: true, Z: '0.0769830750' }, HEARD);
  expect(order).toMatchObject({
    status: OrderStatus.PARTIALLY_FILLED,
    filledQuantity: '0.75',
    averagePrice: '0.1026441',
  });
  expect(fill).toEqual(
    Fill.fromPartial({
      ...{ tradeId: '77', venueOrderId: '4293153', clientOrderId: 'mUvoqJxFIILMdfAW5iGSOW', symbol: 'ETH/BTC' },
      ...{ side: Side.BUY, positionSide: PositionSide.BOTH, price: '0.1026441', quantity: '0.25', fee: '0.00025' },
      ...{ feeAsset: 'ETH', liquidity: Liquidity.MAKER, venueTimeUs: 1499405658657_000, receivedAtUs: 5 },
      source: Source.STREAM,
    }),
  );
});

test('a cancelled order keeps its own client id, not that of the cancel', () => {
  const { order } = readExecutionReport({ ...REPORT, x: 'CANCELED', X: 'CANCELED', c: 'the-cancel', C: 'ours' }, HEARD);
  expect([order.clientOrderId, order.status]).toEqual(['ours', OrderStatus.CANCELED]);
});

test('a prevented self-trade is an end with a reason and no fill', () => {
  const prevented = {
    x: 'TRADE_PREVENTION',
    X: 'EXPIRED_IN_MATCH',
    v: 1,
    A: '1.0',
    B: '1.0',
    u: 1,
    U: 2,
    Cs: 'ETHBTC',
  };
  const { order, fill } = readExecutionReport({ ...REPORT, ...prevented }, HEARD);
  expect([order.status, order.venueReason, fill]).toEqual([OrderStatus.EXPIRED, 'EXPIRED_IN_MATCH', undefined]);
});

test('a post-only order is a limit order that says so', () => {
  const { order } = readExecutionReport({ ...REPORT, o: 'LIMIT_MAKER' }, HEARD);
  expect([order.type, order.postOnly]).toEqual([OrderType.LIMIT, true]);
});

test.each(['s', 'c', 'S', 'o', 'f', 'q', 'X', 'i', 'z', 'T'].filter((key) => key !== 's'))(
  'a report without %s is unreadable, not guessed',
  (key) => {
    expect(reading(() => readExecutionReport({ ...REPORT, [key]: undefined }, HEARD))).toBeInstanceOf(Unreadable);
  },
);

const ANSWER = {
  ...{ symbol: 'BTCUSDT', orderId: 28, orderListId: -1, clientOrderId: '6gCrw2kRUAF9CvJDGP16IP' },
  ...{ transactTime: 1507725176595, price: '0.00000000', origQty: '10.00000000', executedQty: '10.00000000' },
  ...{ origQuoteOrderQty: '0.000000', cummulativeQuoteQty: '10.00000000', status: 'FILLED', timeInForce: 'GTC' },
  ...{ type: 'MARKET', side: 'SELL', workingTime: 1507725176595, selfTradePreventionMode: 'NONE', fills: [] },
};

test('the answer to a market order is IOC, has no price, and its average is the quotient', () => {
  const order = readSpotOrder({ ...ANSWER, cummulativeQuoteQty: '39995' }, HEARD, Source.ANSWER);
  expect(order).toMatchObject({ type: OrderType.MARKET, timeInForce: TimeInForce.IOC, averagePrice: '3999.5' });
  expect(order.price).toBeUndefined();
});

test('the answer to a cancel names the order, not the cancel', () => {
  const cancel = { ...ANSWER, origClientOrderId: 'ours', clientOrderId: 'cancelMyOrder1', status: 'CANCELED' };
  expect(readSpotOrder(cancel, HEARD, Source.ANSWER)).toMatchObject({
    clientOrderId: 'ours',
    status: OrderStatus.CANCELED,
  });
});

test('a queried order tells when it was made, and an average that the venue lacks is absent', () => {
  const { transactTime: _, ...rest } = ANSWER;
  const queried = { ...rest, time: 1499827319559, updateTime: 1499827319560, cummulativeQuoteQty: '-1' };
  const order = readSpotOrder(queried, HEARD, Source.QUERY);
  expect([order.createdAtUs, order.venueTimeUs]).toEqual([1499827319559_000, 1499827319560_000]);
  expect(order.averagePrice).toBeUndefined();
});

test('an entry of myTrades is a fill without a client id', () => {
  const entry = {
    ...{ symbol: 'BNBBTC', id: 28457, orderId: 100234, orderListId: -1, price: '4.00000100', qty: '12.00000000' },
    ...{ quoteQty: '48.000012', commission: '10.10000000', commissionAsset: 'BNB', time: 1499865549590 },
    ...{ isBuyer: true, isMaker: false, isBestMatch: true },
  };
  expect(readMyTrade(entry, HEARD)).toEqual(
    Fill.fromPartial({
      ...{
        tradeId: '28457',
        venueOrderId: '100234',
        symbol: 'ETH/BTC',
        side: Side.BUY,
        positionSide: PositionSide.BOTH,
      },
      ...{ price: '4.000001', quantity: '12', fee: '10.1', feeAsset: 'BNB', liquidity: Liquidity.TAKER },
      ...{ venueTimeUs: 1499865549590_000, receivedAtUs: 5, source: Source.QUERY },
    }),
  );
});

test('what orders hold is part of a balance, and not available', () => {
  const expected = [Balance.fromPartial({ asset: 'BTC', total: '4723846.89208129', available: '4723846.39208129' })];
  const balances = [{ asset: 'BTC', free: '4723846.39208129', locked: '0.50000000' }];
  expect(readSpotBalances({ balances })).toEqual(expected);
  expect(readSpotBalanceChanges({ B: [{ a: 'BTC', f: '4723846.39208129', l: '0.50000000' }] })).toEqual(expected);
});

test('a spot listing is its filters, settled in what it is quoted in', () => {
  const info = {
    ...{ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' },
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
      { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000' },
    ],
  };
  expect(readInstrument(info, 'BTC/USDT', 'spot')).toEqual(
    Instrument.fromPartial({
      ...{ symbol: 'BTC/USDT', venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', settle: 'USDT' },
      ...{ marketType: MarketType.SPOT, status: InstrumentStatus.TRADING, tickSize: '0.01', quantityStep: '0.00001' },
      ...{ minQuantity: '0.00001', maxQuantity: '9000', minNotional: '5', contractSize: '1' },
    }),
  );
});

test('a spot book goes on where the last update ended, and its snapshot is joined by the update after it', () => {
  const frame = { e: 'depthUpdate', E: 1672515782136, s: 'BNBBTC', U: 157, u: 160, b: [['0.0024', '10']], a: [] };
  const delta = readSpotDelta(frame);
  expect(delta).toMatchObject({ first: 157, last: 160, previous: undefined, venueTimeUs: 1672515782136_000 });
  expect(readSnapshot({ lastUpdateId: 160, bids: [['4.0', '431.0']], asks: [] })).toMatchObject({ sequence: 160 });
  const { old, joins, follows } = SPOT_DEPTH_RULE;
  expect([159, 160].map((sequence) => old(delta, sequence))).toEqual([false, true]);
  expect([155, 156, 159, 160].map((sequence) => joins(delta, sequence))).toEqual([false, true, true, false]);
  expect([155, 156, 157].map((sequence) => follows(delta, sequence))).toEqual([false, true, false]);
});
