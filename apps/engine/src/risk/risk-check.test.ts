import { describe, expect, test } from 'bun:test';
import { asPrice, decimal, notional, price, quantity, ZERO } from '@trunkline/proto/decimal';
import { DenyRule } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { OrderTerms } from '../orders/order-event.ts';
import type { SymbolLimits } from './limits.ts';
import { checkOrder, type RiskView } from './risk-check.ts';

const terms: OrderTerms = {
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  positionSide: 'both',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  price: price('100'),
  quantity: quantity('2'),
};

const symbolLimits: SymbolLimits = {
  maxOrderQuantity: quantity('5'),
  maxOrderNotional: notional(price('100'), quantity('4')),
  maxPosition: quantity('10'),
  priceBand: decimal('0.02'),
  instrument: {
    tickSize: price('0.5'),
    quantityStep: quantity('0.1'),
    minQuantity: quantity('0.2'),
    minNotional: notional(price('50'), quantity('1')),
  },
};

const view: RiskView = {
  limits: {
    symbols: new Map([[terms.symbol, symbolLimits]]),
    maxOpenOrders: 3,
    maxOrdersPerSecond: 2,
    maxDailyLoss: decimal('100'),
    maxQuoteAgeMs: 1_000,
  },
  nowUs: 10_000_000,
  quote: { bid: price('99.5'), ask: price('100'), receivedAtUs: 9_500_000 },
  position: quantity('0'),
  exposure: quantity('0'),
  openOrders: 0,
  ordersInLastSecond: 0,
  dayLoss: ZERO,
};

const field = (order: Partial<OrderTerms>, seen: Partial<RiskView> = {}) =>
  checkOrder({ ...terms, ...order }, { ...view, ...seen })?.field;

test('an order within every limit passes', () => {
  expect(checkOrder(terms, view)).toBeUndefined();
});

describe('what could not exist at the venue is denied with the name of its field', () => {
  const market = { type: 'market', price: null } as const;
  const cases: [string, Partial<OrderTerms>, string][] = [
    ['another symbol', { symbol: 'ETH/USDT:USDT' }, 'symbol'],
    ['a limit order without a price', { price: null }, 'price'],
    ['a market order with a price', { type: 'market' }, 'price'],
    ['a price of zero', { price: price('0') }, 'price'],
    ['a price off the tick', { price: price('100.2') }, 'price'],
    ['a negative quantity', { quantity: quantity('-1') }, 'quantity'],
    ['a quantity below the minimum', { ...market, quantity: quantity('0.1') }, 'quantity'],
    ['a quantity off the step', { quantity: quantity('1.05') }, 'quantity'],
    ['too small a notional', { quantity: quantity('0.4') }, 'min_notional'],
  ];
  for (const [name, order, expected] of cases) {
    test(name, () => expect(field(order)).toBe(expected));
  }
});

test('each limit denies just beyond its edge, and not on it', () => {
  expect(field({ quantity: quantity('5.1') })).toBe('max_order_quantity');
  expect(field({ quantity: quantity('4') })).toBeUndefined();
  expect(field({ quantity: quantity('4.1') })).toBe('max_order_notional');
  expect(field({}, { ordersInLastSecond: 2 })).toBe('max_orders_per_second');
  expect(field({}, { openOrders: 3 })).toBe('max_open_orders');
  expect(field({}, { openOrders: 2 })).toBeUndefined();
  expect(field({}, { dayLoss: decimal('100') })).toBe('max_daily_loss');
  expect(field({}, { dayLoss: decimal('99.99') })).toBeUndefined();
});

test('the price band is one-sided: it stops what would trade too far, not what rests far away', () => {
  expect(field({ price: price('102') })).toBeUndefined();
  expect(field({ price: price('102.5'), quantity: quantity('1') })).toBe('price_band');
  expect(field({ price: price('60') })).toBeUndefined();
  expect(field({ side: 'sell', price: price('97') })).toBe('price_band');
});

test('without a fresh quote nothing that needs one passes', () => {
  const stale = { quote: { bid: price('99.5'), ask: asPrice(decimal('100')), receivedAtUs: 8_999_999 } };
  expect(checkOrder(terms, { ...view, ...stale })?.rule).toBe(DenyRule.STALE_QUOTE);
  expect(checkOrder(terms, { ...view, quote: undefined })?.rule).toBe(DenyRule.STALE_QUOTE);
});

test('a market order is valued at the quote that it would take', () => {
  expect(field({ type: 'market', price: null, quantity: quantity('4') })).toBeUndefined();
  expect(field({ type: 'market', price: null, quantity: quantity('4.1') })).toBe('max_order_notional');
});

test('the position limit counts what is open on the side, and lets a large position shrink', () => {
  expect(field({}, { position: quantity('5'), exposure: quantity('3') })).toBeUndefined();
  expect(field({}, { position: quantity('5'), exposure: quantity('3.1') })).toBe('max_position');
  expect(field({ side: 'sell', price: price('100') }, { position: quantity('-9') })).toBe('max_position');
  expect(field({}, { position: quantity('-20') })).toBeUndefined();
});

test('a reduce-only order passes the limits on risk, not those on what an order is', () => {
  const full = { openOrders: 9, dayLoss: decimal('500'), position: quantity('10') };
  expect(field({ reduceOnly: true }, full)).toBeUndefined();
  expect(field({ reduceOnly: true, quantity: quantity('5.1') }, full)).toBe('max_order_quantity');
});
