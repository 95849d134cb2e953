/** Whole events from frames as the venue documents them (developers.binance.com, USD-M), compared field by field. */
import { expect, test } from 'bun:test';
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
import { readOrder, readOrderUpdate, readUserTrade } from './order-mapper.ts';

const heard = { symbol: 'BTC/USDT:USDT', receivedAtUs: 42 };

const UPDATE = {
  e: 'ORDER_TRADE_UPDATE',
  E: 1568879465651,
  T: 1568879465650,
  o: {
    s: 'BTCUSDT',
    c: 'grid_1_abc',
    S: 'SELL',
    o: 'LIMIT',
    f: 'GTX',
    q: '0.010',
    p: '7100.50',
    ap: '7100.50000',
    sp: '0',
    x: 'TRADE',
    X: 'PARTIALLY_FILLED',
    i: 8886774,
    l: '0.004',
    z: '0.004',
    L: '7100.50',
    N: 'USDT',
    n: '-0.00568040',
    T: 1568879465650,
    t: 1234,
    b: '0',
    a: '9.91',
    m: true,
    R: false,
    wt: 'CONTRACT_PRICE',
    ot: 'LIMIT',
    ps: 'BOTH',
    cp: false,
    rp: '-1.20000000',
    pP: false,
    si: 0,
    ss: 0,
    V: 'NONE',
    pm: 'NONE',
    gtd: 0,
    er: '0',
  },
};

test('an execution is the order\u2019s new state and the fill, exact to the last digit', () => {
  const { order, fill } = readOrderUpdate(UPDATE, heard);
  expect(order).toEqual(
    Order.fromPartial({
      clientOrderId: 'grid_1_abc',
      venueOrderId: '8886774',
      symbol: 'BTC/USDT:USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      postOnly: true,
      reduceOnly: false,
      price: '7100.5',
      quantity: '0.01',
      filledQuantity: '0.004',
      averagePrice: '7100.5',
      status: OrderStatus.PARTIALLY_FILLED,
      venueTimeUs: 1568879465650000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
  expect(fill).toEqual(
    Fill.fromPartial({
      tradeId: '1234',
      venueOrderId: '8886774',
      clientOrderId: 'grid_1_abc',
      symbol: 'BTC/USDT:USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      price: '7100.5',
      quantity: '0.004',
      fee: '-0.0056804',
      feeAsset: 'USDT',
      liquidity: Liquidity.MAKER,
      realizedPnl: '-1.2',
      venueTimeUs: 1568879465650000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

const changed = (fields: object) => readOrderUpdate({ ...UPDATE, o: { ...UPDATE.o, l: '0', t: 0, ...fields } }, heard);

test.each([
  ['NEW', 'NEW', OrderStatus.OPEN, ''],
  ['AMENDMENT', 'NEW', OrderStatus.OPEN, ''],
  ['CANCELED', 'CANCELED', OrderStatus.CANCELED, ''],
  ['EXPIRED', 'EXPIRED', OrderStatus.EXPIRED, ''],
  ['EXPIRED', 'EXPIRED_IN_MATCH', OrderStatus.EXPIRED, 'EXPIRED_IN_MATCH'],
  ['CALCULATED', 'NEW_ADL', OrderStatus.OPEN, 'CALCULATED'],
])('execution %s with status %s carries no fill', (x, X, status, venueReason) => {
  const { order, fill } = changed({ x, X });
  expect(fill).toBeUndefined();
  expect(order).toMatchObject({ status, venueReason });
});

test('a fill without commission has a fee of 0 in no asset', () => {
  const { fill } = changed({ l: '0.004', t: 9, n: undefined, N: undefined });
  expect(fill).toMatchObject({ fee: '0', feeAsset: '' });
});

test('a market order has no price and is IOC, whatever Binance prints', () => {
  const { order } = changed({ o: 'MARKET', ot: 'MARKET', f: 'GTC', p: '0', ap: '0' });
  expect(order).toMatchObject({ type: OrderType.MARKET, timeInForce: TimeInForce.IOC, postOnly: false });
  expect(order.price).toBeUndefined();
  expect(order.averagePrice).toBeUndefined();
});

test.each(['i', 'q', 'z', 'X', 'S'])('a frame without %s is unreadable, not guessed', (key) => {
  expect(reading(() => changed({ [key]: undefined }))).toBeInstanceOf(Unreadable);
});

test('a status that nobody documented is unreadable', () => {
  expect(reading(() => changed({ X: 'HALF_OPEN' }))).toBeInstanceOf(Unreadable);
});

test('a REST order keeps when it was created and where it was heard', () => {
  const body = {
    orderId: 1917641,
    symbol: 'BTCUSDT',
    status: 'NEW',
    clientOrderId: 'abc',
    price: '9300.10',
    avgPrice: '0.00000',
    origQty: '0.40',
    executedQty: '0',
    cumQuote: '0',
    timeInForce: 'FOK',
    type: 'LIMIT',
    reduceOnly: true,
    closePosition: false,
    side: 'BUY',
    positionSide: 'SHORT',
    stopPrice: '0',
    origType: 'LIMIT',
    time: 1579276756075,
    updateTime: 1579276756076,
  };
  expect(readOrder(body, heard, Source.QUERY)).toEqual(
    Order.fromPartial({
      clientOrderId: 'abc',
      venueOrderId: '1917641',
      symbol: 'BTC/USDT:USDT',
      side: Side.BUY,
      positionSide: PositionSide.SHORT,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.FOK,
      reduceOnly: true,
      price: '9300.1',
      quantity: '0.4',
      filledQuantity: '0',
      status: OrderStatus.OPEN,
      venueTimeUs: 1579276756076000,
      createdAtUs: 1579276756075000,
      receivedAtUs: 42,
      source: Source.QUERY,
    }),
  );
});

test('an entry of the trade list is a fill without a client id', () => {
  const body = {
    buyer: false,
    commission: '0.07819010',
    commissionAsset: 'BNB',
    id: 698759,
    maker: false,
    orderId: 25851813,
    price: '7819.01',
    qty: '0.002',
    quoteQty: '15.63802',
    realizedPnl: '-0.91539999',
    side: 'SELL',
    positionSide: 'BOTH',
    symbol: 'BTCUSDT',
    time: 1569514978020,
  };
  expect(readUserTrade(body, heard)).toEqual(
    Fill.fromPartial({
      tradeId: '698759',
      venueOrderId: '25851813',
      symbol: 'BTC/USDT:USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      price: '7819.01',
      quantity: '0.002',
      fee: '0.0781901',
      feeAsset: 'BNB',
      liquidity: Liquidity.TAKER,
      realizedPnl: '-0.91539999',
      venueTimeUs: 1569514978020000,
      receivedAtUs: 42,
      source: Source.QUERY,
    }),
  );
});
