/** Whole orders from messages as the venue documents or sends them (bitget.com/api-doc, classic account). */
import { expect, test } from 'bun:test';
import {
  AmendOrder,
  Order,
  OrderReference,
  OrderStatus,
  OrderType,
  PlaceOrder,
  PositionSide,
  Side,
  Source,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { reading, Unreadable } from '../fields.ts';
import { orderAsAsked, readOrder, readStreamOrder } from './order-mapper.ts';
import { SPOT, USDT_FUTURES } from './product.ts';

const perpetual = { symbol: 'BTC/USDT:USDT', receivedAtUs: 42 };
const spot = { symbol: 'BTC/USDT', receivedAtUs: 42 };

/** "Order Channel" of futures; its example spells `clientOId`, the socket sends `clientOid`. */
const FUTURES_PUSH = {
  accBaseVolume: '0.01',
  cTime: '1695718781129',
  clientOid: 'grid_1_abc',
  feeDetail: [{ feeCoin: 'USDT', fee: '-0.162003' }],
  fillFee: '-0.162003',
  fillFeeCoin: 'USDT',
  fillNotionalUsd: '270.005',
  fillPrice: '27000.5',
  baseVolume: '0.004',
  fillTime: '1695718781146',
  force: 'gtc',
  instId: 'BTCUSDT',
  leverage: '20',
  marginCoin: 'USDT',
  marginMode: 'crossed',
  notionalUsd: '270',
  orderId: '1098758604547850241',
  orderType: 'limit',
  pnl: '0',
  posMode: 'one_way_mode',
  posSide: 'net',
  price: '27000.50',
  priceAvg: '27000.5',
  reduceOnly: 'yes',
  side: 'buy',
  size: '0.020',
  enterPointSource: 'API',
  status: 'partially_filled',
  tradeScope: 'T',
  tradeId: '1111111111',
  tradeSide: 'buy_single',
  uTime: '1695718781146',
};

test('a push of a futures order is its state, with what is filled of it in all', () => {
  expect(readStreamOrder(FUTURES_PUSH, perpetual, USDT_FUTURES)).toEqual(
    Order.fromPartial({
      clientOrderId: 'grid_1_abc',
      venueOrderId: '1098758604547850241',
      symbol: 'BTC/USDT:USDT',
      side: Side.BUY,
      positionSide: PositionSide.BOTH,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      reduceOnly: true,
      price: '27000.5',
      quantity: '0.02',
      filledQuantity: '0.01',
      averagePrice: '27000.5',
      status: OrderStatus.PARTIALLY_FILLED,
      venueTimeUs: 1695718781146000,
      createdAtUs: 1695718781129000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

const futures = (fields: object) => readStreamOrder({ ...FUTURES_PUSH, ...fields }, perpetual, USDT_FUTURES);

test.each([
  ['buy', 'open', 'long', Side.BUY, PositionSide.LONG],
  ['buy', 'close', 'long', Side.SELL, PositionSide.LONG],
  ['sell', 'open', 'short', Side.SELL, PositionSide.SHORT],
  ['sell', 'close', 'short', Side.BUY, PositionSide.SHORT],
  ['buy', 'burst_close_long', 'long', Side.SELL, PositionSide.LONG],
  ['sell', 'reduce_close_short', undefined, Side.BUY, PositionSide.SHORT],
])('in hedge mode %s/%s of a %s position is what it does to the market', (side, tradeSide, posSide, real, position) => {
  const order = futures({ posMode: 'hedge_mode', side, tradeSide, posSide });
  expect(order).toMatchObject({ side: real, positionSide: position });
});

test.each([
  ['live', {}, OrderStatus.OPEN, ''],
  ['filled', {}, OrderStatus.FILLED, ''],
  ['cancelled', { cancelReason: 'normal_cancel' }, OrderStatus.CANCELED, ''],
  ['canceled', {}, OrderStatus.CANCELED, ''],
  ['canceled', { cancelReason: 'stp_cancel' }, OrderStatus.EXPIRED, 'stp_cancel'],
  ['canceled', { force: 'ioc', cancelReason: 'normal_cancel' }, OrderStatus.EXPIRED, ''],
  ['canceled', { force: 'fok' }, OrderStatus.EXPIRED, ''],
  ['canceled', { orderType: 'market', price: '0' }, OrderStatus.EXPIRED, ''],
])('status %s with %o', (status, fields, read, venueReason) => {
  expect(futures({ status, ...fields })).toMatchObject({ status: read, venueReason });
});

test('a market order has no price and is IOC, whatever force is printed; an average of 0 or nothing is none', () => {
  const order = futures({ orderType: 'market', price: '0', priceAvg: '' });
  expect(order).toMatchObject({ type: OrderType.MARKET, timeInForce: TimeInForce.IOC });
  expect(order.price).toBeUndefined();
  expect(order.averagePrice).toBeUndefined();
});

test.each(['orderId', 'size', 'accBaseVolume', 'status', 'side', 'orderType', 'cTime'])(
  'a push without %s is unreadable, not guessed',
  (key) => {
    expect(reading(() => futures({ [key]: undefined }))).toBeInstanceOf(Unreadable);
  },
);

test('a status that nobody documented is unreadable', () => {
  expect(reading(() => futures({ status: 'half_open' }))).toBeInstanceOf(Unreadable);
});

/** A recorded push of a limit buy: `size` is its worth, `newSize` its quantity. */
const SPOT_PUSH = {
  instId: 'EOSUSDT',
  orderId: '1171779081105780739',
  price: '0.81075',
  clientOid: 'a2330139',
  notional: '5.675250',
  newSize: '7.0000',
  size: '5.6752',
  orderType: 'limit',
  force: 'post_only',
  side: 'buy',
  accBaseVolume: '0.0000',
  priceAvg: '0.00000',
  status: 'live',
  cTime: '1715099824215',
  uTime: '1715099824216',
  feeDetail: [],
  enterPointSource: 'API',
};

test('a push of a spot order counts in base asset', () => {
  expect(readStreamOrder(SPOT_PUSH, spot, SPOT)).toEqual(
    Order.fromPartial({
      clientOrderId: 'a2330139',
      venueOrderId: '1171779081105780739',
      symbol: 'BTC/USDT',
      side: Side.BUY,
      positionSide: PositionSide.BOTH,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      postOnly: true,
      price: '0.81075',
      quantity: '7',
      filledQuantity: '0',
      status: OrderStatus.OPEN,
      venueTimeUs: 1715099824216000,
      createdAtUs: 1715099824215000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

test('of somebody\u2019s spot market buy only what is filled is known in base asset', () => {
  const push = { ...SPOT_PUSH, orderType: 'market', newSize: '500.0000', accBaseVolume: '0.0003', price: undefined };
  expect(readStreamOrder(push, spot, SPOT)).toMatchObject({ quantity: '0.0003', filledQuantity: '0.0003' });
  const sell = { ...push, side: 'sell', newSize: '0.5000' };
  expect(readStreamOrder(sell, spot, SPOT)).toMatchObject({ quantity: '0.5', filledQuantity: '0.0003' });
});

/** "Get Order Detail". */
const DETAIL = {
  symbol: 'BTCUSDT',
  size: '0.001',
  orderId: '1111465253393825792',
  clientOid: '1111465253431574529',
  baseVolume: '0.0004',
  fee: '0',
  price: '27000',
  priceAvg: '26999.5',
  state: 'partially_filled',
  side: 'buy',
  force: 'post only',
  totalProfits: '0',
  posSide: 'long',
  marginCoin: 'USDT',
  quoteVolume: '0',
  orderType: 'limit',
  leverage: '20',
  marginMode: 'crossed',
  reduceOnly: 'NO',
  enterPointSource: 'API',
  tradeSide: 'open',
  posMode: 'hedge_mode',
  orderSource: 'normal',
  cTime: '1700719887120',
  uTime: '1700719887121',
};

test('an order of a query says `state` by id and `status` in lists', () => {
  const expected = Order.fromPartial({
    clientOrderId: '1111465253431574529',
    venueOrderId: '1111465253393825792',
    symbol: 'BTC/USDT:USDT',
    side: Side.BUY,
    positionSide: PositionSide.LONG,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    postOnly: true,
    price: '27000',
    quantity: '0.001',
    filledQuantity: '0.0004',
    averagePrice: '26999.5',
    status: OrderStatus.PARTIALLY_FILLED,
    venueTimeUs: 1700719887121000,
    createdAtUs: 1700719887120000,
    receivedAtUs: 42,
    source: Source.QUERY,
  });
  expect(readOrder(DETAIL, perpetual, USDT_FUTURES)).toEqual(expected);
  const { state, ...rest } = DETAIL;
  expect(readOrder({ ...rest, status: state }, perpetual, USDT_FUTURES)).toEqual(expected);
});

test('spot\u2019s list of open orders has the price under `priceAvg` and the average under `basePrice`', () => {
  const shared = {
    userId: '1',
    symbol: 'BTCUSDT',
    orderId: '1111499608327360513',
    clientOid: 'd0d4dad5',
    size: '0.0002000000000000',
    orderType: 'limit',
    side: 'buy',
    status: 'partially_fill',
    baseVolume: '0.0001000000000000',
    quoteVolume: '2.5',
    cTime: '1700728077966',
    uTime: '1700728077967',
  };
  const listed = readOrder({ ...shared, priceAvg: '25000.0000', basePrice: '24999.5' }, spot, SPOT);
  const asked = readOrder({ ...shared, price: '25000.0000', priceAvg: '24999.5' }, spot, SPOT);
  expect(listed).toEqual(asked);
  expect(listed).toMatchObject({
    price: '25000',
    averagePrice: '24999.5',
    quantity: '0.0002',
    filledQuantity: '0.0001',
    status: OrderStatus.PARTIALLY_FILLED,
    // Spot queries do not tell it.
    timeInForce: TimeInForce.UNSPECIFIED,
  });
});

test('an answer with ids is the order that was asked for, dated by when it was posted', () => {
  const place = PlaceOrder.fromPartial({
    clientOrderId: 'grid_1_abc',
    symbol: 'BTC/USDT:USDT',
    side: Side.SELL,
    positionSide: PositionSide.SHORT,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.FOK,
    price: '27000',
    quantity: '0.5',
  });
  const times = { venueTimeUs: 5, receivedAtUs: 6 };
  const answer = { orderId: '77', clientOid: 'grid_1_abc' };
  const { clientOrderId, symbol, side, positionSide, type, timeInForce, price, quantity } = place;
  const terms = { clientOrderId, symbol, side, positionSide, type, timeInForce, price, quantity };
  const state = { venueOrderId: '77', filledQuantity: '0', status: OrderStatus.OPEN, source: Source.ANSWER };
  expect(orderAsAsked(answer, { kind: 'place', order: place }, times)).toEqual(
    Order.fromPartial({ ...terms, ...state, ...times }),
  );
  // Some reduce-only orders and every modified futures order get their id later.
  expect(orderAsAsked({ orderId: null, clientOid: 'x' }, { kind: 'place', order: place }, times)).toBeUndefined();
  expect(orderAsAsked(answer, { kind: 'cancel', order: OrderReference.fromPartial({}) }, times)).toBeUndefined();
});

test('a spot replacement is the successor, under its own id', () => {
  const amend = AmendOrder.fromPartial({
    order: { symbol: 'BTC/USDT', clientOrderId: 'old', venueOrderId: '1' },
    newClientOrderId: 'new',
    side: Side.BUY,
    price: '3.24',
    quantity: '4',
  });
  const answer = { orderId: '2', clientOid: null, success: 'success', msg: null };
  expect(orderAsAsked(answer, { kind: 'amend', amend }, { venueTimeUs: 5, receivedAtUs: 6 })).toMatchObject({
    clientOrderId: 'new',
    venueOrderId: '2',
    symbol: 'BTC/USDT',
    side: Side.BUY,
    price: '3.24',
    quantity: '4',
    filledQuantity: '0',
    status: OrderStatus.OPEN,
  });
});
