import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { Channel, MarketEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { Order, OrderOutcome, OrderStatus, RejectReason, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { Guard, type GuardedOrder } from './guard.ts';

const SYMBOL = 'BTC/USDT:USDT';
let ids = 0;
const order = (changes: Partial<GuardedOrder> = {}): GuardedOrder => ({
  clientOrderId: `bin_1_abcde${ids++}`,
  symbol: SYMBOL,
  side: Side.BUY,
  price: '100',
  quantity: '1',
  reduceOnly: false,
  ...changes,
});
const quote = (bidPrice: string, askPrice: string) =>
  MarketEvent.fromPartial({
    topic: { channel: Channel.BEST_QUOTE, symbol: SYMBOL },
    event: { $case: 'bestQuote', value: { bidPrice, askPrice, bidQuantity: '1', askQuantity: '1' } },
  });

test('a guard without limits lets everything pass', () => {
  const guard = new Guard({}, new VirtualClock());
  expect(guard.admit(order({ quantity: '1000000', price: '1000000' }))).toBeUndefined();
});

test('an order above the largest quantity or notional is refused, one at the limit is not', () => {
  const limits = { maxOrderQuantity: decimal('2'), maxOrderNotional: decimal('150') };
  const guard = new Guard(limits, new VirtualClock());
  expect(guard.admit(order({ quantity: '2.001', price: '1' }))?.field).toBe('max_order_quantity');
  expect(guard.admit(order({ quantity: '1.5', price: '100.1' }))?.field).toBe('max_order_notional');
  expect(guard.admit(order({ quantity: '1.5', price: '100' }))).toBeUndefined();
  expect(guard.admit(order({ quantity: '2.001', price: '1', reduceOnly: true }))?.field).toBe('max_order_quantity');
});

test('a market order is measured by the quote that it would meet', () => {
  const guard = new Guard({ maxOrderNotional: decimal('150') }, new VirtualClock());
  expect(guard.admit(order({ price: undefined, quantity: '2' }))).toBeUndefined();
  guard.takeMarket(quote('99', '101'));
  expect(guard.admit(order({ price: undefined, quantity: '2' }))?.field).toBe('max_order_notional');
});

test('an order counts as open from its admission until its end, and an unknown fate stays counted', () => {
  const guard = new Guard({ maxOpenOrders: 2 }, new VirtualClock());
  const first = order();
  const second = order();
  expect(guard.admit(first)).toBeUndefined();
  expect(guard.admit(second)).toBeUndefined();
  expect(guard.admit(order())?.field).toBe('max_open_orders');
  expect(guard.admit(order({ reduceOnly: true }))).toBeUndefined();

  const unknown = { $case: 'unknown', value: {} } as const;
  guard.settled(OrderOutcome.fromPartial({ clientOrderId: first.clientOrderId, fate: unknown }));
  expect(guard.admit(order())?.field).toBe('max_open_orders');
  guard.forget(first.clientOrderId);
  guard.takeOrder(Order.fromPartial({ clientOrderId: second.clientOrderId, status: OrderStatus.FILLED }));
  const third = order();
  expect(guard.admit(third)).toBeUndefined();
  const rejected = { $case: 'rejected', value: { reason: RejectReason.POST_ONLY } } as const;
  guard.settled(OrderOutcome.fromPartial({ clientOrderId: third.clientOrderId, fate: rejected }));
  expect(guard.admit(order())).toBeUndefined();
});

test('orders of others count as open too', () => {
  const guard = new Guard({ maxOpenOrders: 1 }, new VirtualClock());
  guard.takeOrder(Order.fromPartial({ venueOrderId: '7', status: OrderStatus.OPEN }));
  expect(guard.admit(order())?.field).toBe('max_open_orders');
});

test('within any second no more orders pass than allowed', () => {
  const clock = new VirtualClock();
  const guard = new Guard({ maxOrdersPerSecond: 2 }, clock);
  expect(guard.admit(order())).toBeUndefined();
  clock.advance(600);
  expect(guard.admit(order())).toBeUndefined();
  clock.advance(399);
  expect(guard.admit(order())?.field).toBe('max_orders_per_second');
  clock.advance(1);
  expect(guard.admit(order())).toBeUndefined();
  expect(guard.admit(order())?.field).toBe('max_orders_per_second');
});

test('the band refuses only what would trade too far past the quote', () => {
  const guard = new Guard({ priceBandBps: 100 }, new VirtualClock());
  expect(guard.admit(order({ price: '500' }))).toBeUndefined();
  guard.takeMarket(quote('99', '100'));
  expect(guard.admit(order({ price: '101' }))).toBeUndefined();
  expect(guard.admit(order({ price: '101.1' }))?.field).toBe('price_band');
  expect(guard.admit(order({ price: '1' }))).toBeUndefined();
  expect(guard.admit(order({ side: Side.SELL, price: '98.01' }))).toBeUndefined();
  expect(guard.admit(order({ side: Side.SELL, price: '98' }))?.field).toBe('price_band');
  expect(guard.admit(order({ price: '101.1', reduceOnly: true }))).toBeUndefined();
});
