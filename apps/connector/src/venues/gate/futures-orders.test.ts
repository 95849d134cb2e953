/** Whole events from frames as the venue documents them (futures WebSocket v4, APIv4), compared field by field. */
import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
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
import { readFuturesOrder, readFuturesTrade } from './futures-orders.ts';

const heard = {
  symbol: 'BTC/USDT:USDT',
  contractSize: decimal('0.0001'),
  receivedAtUs: 42,
  source: Source.STREAM,
  positionMode: PositionMode.ONE_WAY,
};

/** `futures.orders`: prices come as JSON numbers. */
const ORDER = {
  contract: 'BTC_USDT',
  create_time: 1628736847,
  create_time_ms: 1628736847325,
  fill_price: 40000.4,
  finish_as: 'filled',
  finish_time: 1628736848,
  finish_time_ms: 1628736848321,
  iceberg: 0,
  id: '36028827892199865',
  is_close: false,
  is_liq: false,
  is_reduce_only: false,
  left: 0,
  mkfr: -0.00025,
  price: 40000.4,
  refr: 0,
  refu: 0,
  size: 1,
  status: 'finished',
  text: 't-grid_1_abc',
  tif: 'gtc',
  tkfr: 0.0005,
  user: '110123',
  update_id: 1,
  update_time: 1628736848321,
  stp_id: 0,
  stp_act: '-',
  amend_text: '-',
};

test('an order of the stream is whole, in base asset, exact to the last digit', () => {
  expect(readFuturesOrder(ORDER, heard)).toEqual(
    Order.fromPartial({
      clientOrderId: 'grid_1_abc',
      venueOrderId: '36028827892199865',
      symbol: 'BTC/USDT:USDT',
      side: Side.BUY,
      positionSide: PositionSide.BOTH,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      price: '40000.4',
      quantity: '0.0001',
      filledQuantity: '0.0001',
      averagePrice: '40000.4',
      status: OrderStatus.FILLED,
      venueTimeUs: 1628736848321000,
      createdAtUs: 1628736847325000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

test('an open order that sold a part of its contracts is partially filled', () => {
  const partly = {
    ...ORDER,
    size: -10,
    left: -7,
    status: 'open',
    finish_as: '_update',
    finish_time: 0,
    finish_time_ms: 0,
  };
  expect(readFuturesOrder(partly, heard)).toMatchObject({
    side: Side.SELL,
    quantity: '0.001',
    filledQuantity: '0.0003',
    averagePrice: '40000.4',
    status: OrderStatus.PARTIALLY_FILLED,
    venueTimeUs: 1628736848321000,
  });
  expect(readFuturesOrder({ ...partly, left: -10, finish_as: '_new' }, heard)).toMatchObject({
    filledQuantity: '0',
    averagePrice: undefined,
    status: OrderStatus.OPEN,
  });
});

/** An answer of REST: times with fractions, a market order has price 0. */
const ANSWER = {
  id: 123028481731,
  contract: 'BTC_USDT',
  mkfr: '-0.00005',
  tkfr: '0.00048',
  tif: 'ioc',
  is_reduce_only: true,
  create_time: 1643950262.68,
  finish_time: 1643950262.681,
  price: '0',
  size: -3,
  refr: '0',
  left: -1,
  text: 'api',
  fill_price: '40000',
  user: 6329238,
  finish_as: 'ioc',
  status: 'finished',
  is_liq: false,
  refu: 0,
  is_close: false,
  iceberg: 0,
};

test('a market order of somebody without an id has no price, and its remainder expired', () => {
  expect(readFuturesOrder(ANSWER, { ...heard, source: Source.ANSWER })).toEqual(
    Order.fromPartial({
      clientOrderId: '',
      venueOrderId: '123028481731',
      symbol: 'BTC/USDT:USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      type: OrderType.MARKET,
      timeInForce: TimeInForce.IOC,
      reduceOnly: true,
      quantity: '0.0003',
      filledQuantity: '0.0002',
      averagePrice: '40000',
      status: OrderStatus.EXPIRED,
      venueTimeUs: 1643950262681000,
      createdAtUs: 1643950262680000,
      receivedAtUs: 42,
      source: Source.ANSWER,
    }),
  );
});

test.each([
  ['cancelled', OrderStatus.CANCELED, ''],
  ['ioc', OrderStatus.EXPIRED, ''],
  ['poc', OrderStatus.EXPIRED, ''],
  ['fok', OrderStatus.EXPIRED, ''],
  ['stp', OrderStatus.EXPIRED, 'stp'],
  ['liquidated', OrderStatus.EXPIRED, 'liquidated'],
  ['auto_deleveraged', OrderStatus.EXPIRED, 'auto_deleveraged'],
  ['reduce_only', OrderStatus.EXPIRED, 'reduce_only'],
  ['reduce_out', OrderStatus.EXPIRED, 'reduce_out'],
  ['position_closed', OrderStatus.EXPIRED, 'position_closed'],
])('an order with something left that finished as %s', (finishAs, status, venueReason) => {
  expect(readFuturesOrder({ ...ORDER, left: 1, finish_as: finishAs }, heard)).toMatchObject({ status, venueReason });
});

test.each([
  [5, false, PositionSide.LONG],
  [-5, true, PositionSide.LONG],
  [-5, false, PositionSide.SHORT],
  [5, true, PositionSide.SHORT],
])('in dual mode a size of %d that closes=%p acts on one side', (size, closes, side) => {
  const hedged = { ...heard, positionMode: PositionMode.HEDGE };
  expect(readFuturesOrder({ ...ORDER, size, is_reduce_only: closes }, hedged).positionSide).toBe(side);
  const trade = { ...TRADE, size, close_size: closes ? size : 0 };
  expect(readFuturesTrade(trade, hedged).positionSide).toBe(side);
});

/** `futures.usertrades`: the fee is a JSON number. */
const TRADE = {
  id: '3335259',
  create_time: 1628736848,
  create_time_ms: 1628736848321,
  contract: 'BTC_USDT',
  order_id: '4872460',
  size: -25,
  price: '40000.4',
  role: 'maker',
  text: 't-grid_1_abc',
  fee: -0.00000025,
  point_fee: 0,
};

test('an execution is whole, a rebate negative, a small fee exact', () => {
  expect(readFuturesTrade(TRADE, heard)).toEqual(
    Fill.fromPartial({
      tradeId: '3335259',
      venueOrderId: '4872460',
      clientOrderId: 'grid_1_abc',
      symbol: 'BTC/USDT:USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      price: '40000.4',
      quantity: '0.0025',
      fee: '-0.00000025',
      feeAsset: 'USDT',
      liquidity: Liquidity.MAKER,
      venueTimeUs: 1628736848321000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

test('an entry of the trade list names its id otherwise', () => {
  const { id, ...rest } = TRADE;
  const listed = { ...rest, trade_id: id, create_time: 1628736848.321, create_time_ms: undefined };
  expect(readFuturesTrade(listed, heard)).toEqual(readFuturesTrade(TRADE, heard));
});

test('in dual mode a trade that does not say what it closed leaves its side open', () => {
  const hedged = { ...heard, positionMode: PositionMode.HEDGE };
  expect(readFuturesTrade(TRADE, hedged).positionSide).toBe(PositionSide.UNSPECIFIED);
});

test.each([
  ['a status', { ...ORDER, status: 'resting' }],
  ['an id that lost digits', { ...ORDER, id: 2 ** 55 }],
  ['a size', { ...ORDER, size: 'many' }],
  ['a time', { ...ORDER, finish_time_ms: 0, finish_time: 0, update_time: 0, create_time: 0, create_time_ms: 0 }],
])('an order whose %s cannot be read is no order', (_, order) => {
  expect(reading(() => readFuturesOrder(order, heard))).toBeInstanceOf(Unreadable);
});
