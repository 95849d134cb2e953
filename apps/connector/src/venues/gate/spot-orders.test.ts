/** Whole events from frames as the venue documents them (spot WebSocket v4, APIv4), compared field by field. */
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
import { readSpotOrder, readSpotTrade } from './spot-orders.ts';

const heard = {
  symbol: 'BTC/USDT',
  contractSize: decimal('1'),
  receivedAtUs: 42,
  source: Source.STREAM,
  positionMode: PositionMode.ONE_WAY,
};

const PUT = {
  id: '399123456',
  text: 't-testtext',
  create_time: '1694655225',
  update_time: '1694655225',
  currency_pair: 'BTC_USDT',
  type: 'limit',
  account: 'spot',
  side: 'sell',
  amount: '0.00010',
  price: '26253.3',
  time_in_force: 'poc',
  left: '0.0001',
  filled_total: '0',
  avg_deal_price: '0',
  fee: '0',
  fee_currency: 'USDT',
  point_fee: '0',
  gt_fee: '0',
  rebated_fee: '0',
  rebated_fee_currency: 'USDT',
  create_time_ms: '1694655225315',
  update_time_ms: '1694655225316',
  user: 3497082,
  event: 'put',
  stp_id: 0,
  stp_act: '-',
  finish_as: 'open',
  biz_info: '-',
  amend_text: '-',
};

test('a new order of the stream is whole, exact to the last digit', () => {
  expect(readSpotOrder(PUT, heard)).toEqual(
    Order.fromPartial({
      clientOrderId: 'testtext',
      venueOrderId: '399123456',
      symbol: 'BTC/USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      postOnly: true,
      price: '26253.3',
      quantity: '0.0001',
      filledQuantity: '0',
      status: OrderStatus.OPEN,
      venueTimeUs: 1694655225316000,
      createdAtUs: 1694655225315000,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

test('a fill, then the end, each with what was filled until then', () => {
  const part = { ...PUT, event: 'update', left: '0.00004', filled_total: '1.5', avg_deal_price: '26253.30' };
  expect(readSpotOrder(part, heard)).toMatchObject({
    filledQuantity: '0.00006',
    averagePrice: '26253.3',
    status: OrderStatus.PARTIALLY_FILLED,
  });
  const end = { ...part, event: 'finish', left: '0', finish_as: 'filled' };
  expect(readSpotOrder(end, heard)).toMatchObject({ filledQuantity: '0.0001', status: OrderStatus.FILLED });
});

test.each([
  ['cancelled', OrderStatus.CANCELED, ''],
  ['ioc', OrderStatus.EXPIRED, ''],
  ['fok', OrderStatus.EXPIRED, ''],
  ['poc', OrderStatus.EXPIRED, ''],
  ['stp', OrderStatus.EXPIRED, 'stp'],
  ['depth_not_enough', OrderStatus.EXPIRED, 'depth_not_enough'],
  ['liquidate_cancelled', OrderStatus.EXPIRED, 'liquidate_cancelled'],
])('an order that finished as %s', (finishAs, status, venueReason) => {
  expect(readSpotOrder({ ...PUT, event: 'finish', finish_as: finishAs }, heard)).toMatchObject({ status, venueReason });
});

/** The answer of REST and of the WebSocket API: where the order stands is in `status`. */
const ANSWER = {
  id: '1852454420',
  text: 't-abc123',
  amend_text: '-',
  create_time: '1710488334',
  update_time: '1710488334',
  create_time_ms: 1710488334073,
  update_time_ms: 1710488334074,
  status: 'closed',
  currency_pair: 'BTC_USDT',
  type: 'limit',
  account: 'unified',
  side: 'buy',
  amount: '0.001',
  price: '65000',
  time_in_force: 'ioc',
  iceberg: '0',
  left: '0',
  filled_amount: '0.001',
  fill_price: '63.4693',
  filled_total: '63.4693',
  avg_deal_price: '63469.3',
  fee: '0.00000022',
  fee_currency: 'BTC',
  finish_as: 'filled',
};

test('the answer to an order that filled at once', () => {
  expect(readSpotOrder(ANSWER, { ...heard, source: Source.ANSWER })).toEqual(
    Order.fromPartial({
      clientOrderId: 'abc123',
      venueOrderId: '1852454420',
      symbol: 'BTC/USDT',
      side: Side.BUY,
      positionSide: PositionSide.BOTH,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.IOC,
      price: '65000',
      quantity: '0.001',
      filledQuantity: '0.001',
      averagePrice: '63469.3',
      status: OrderStatus.FILLED,
      venueTimeUs: 1710488334074000,
      createdAtUs: 1710488334073000,
      receivedAtUs: 42,
      source: Source.ANSWER,
    }),
  );
});

test('a cancelled order says how only where it was not asked for', () => {
  const cancelled = { ...ANSWER, status: 'cancelled', left: '0.0005' };
  expect(readSpotOrder({ ...cancelled, finish_as: 'cancelled' }, heard)).toMatchObject({
    status: OrderStatus.CANCELED,
    filledQuantity: '0.0005',
    venueReason: '',
  });
  expect(readSpotOrder({ ...cancelled, finish_as: 'stp' }, heard)).toMatchObject({
    status: OrderStatus.EXPIRED,
    venueReason: 'stp',
  });
});

test('a market buy of somebody else, which counts in USDT, has the quantity that it filled', () => {
  const buy = { ...ANSWER, type: 'market', amount: '63.5', left: '0.0307', price: '0' };
  expect(readSpotOrder(buy, heard)).toMatchObject({
    type: OrderType.MARKET,
    quantity: '0.001',
    filledQuantity: '0.001',
    price: undefined,
  });
});

/** `spot.usertrades`, as documented: no fee currency. */
const TRADE = {
  id: 5736713,
  user_id: 1000001,
  order_id: '30784428',
  currency_pair: 'BTC_USDT',
  create_time: 1605176741,
  create_time_ms: '1605176741123.456',
  side: 'sell',
  amount: '1.00000000',
  role: 'taker',
  price: '10000.00000000',
  fee: '0.00200000000000',
  point_fee: '0',
  gt_fee: '0',
  text: 'apiv4',
  id_market: 5736713,
};

test('an execution is whole, to the microsecond', () => {
  expect(readSpotTrade(TRADE, heard)).toEqual(
    Fill.fromPartial({
      tradeId: '5736713',
      venueOrderId: '30784428',
      symbol: 'BTC/USDT',
      side: Side.SELL,
      positionSide: PositionSide.BOTH,
      price: '10000',
      quantity: '1',
      fee: '0.002',
      feeAsset: 'USDT',
      liquidity: Liquidity.TAKER,
      venueTimeUs: 1605176741123456,
      receivedAtUs: 42,
      source: Source.STREAM,
    }),
  );
});

test.each([
  [{ side: 'buy' }, '0.002', 'BTC'],
  [{ fee: '0', fee_currency: 'USDT', gt_fee: '0.0012' }, '0.0012', 'GT'],
  [{ fee: '0', fee_currency: 'USDT', point_fee: '0.5' }, '0.5', 'POINT'],
  [{ fee: '0', fee_currency: 'USDT' }, '0', 'USDT'],
])('the purse that paid the fee is named: %j', (fields, fee, feeAsset) => {
  expect(readSpotTrade({ ...TRADE, ...fields }, heard)).toMatchObject({ fee, feeAsset });
});

test('an order without a state, or a trade without a role, is none', () => {
  const { event: _, ...stateless } = PUT;
  expect(reading(() => readSpotOrder(stateless, heard))).toBeInstanceOf(Unreadable);
  expect(reading(() => readSpotTrade({ ...TRADE, role: 'bystander' }, heard))).toBeInstanceOf(Unreadable);
});
