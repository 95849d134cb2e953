/** What leaves for a command of USD-M, as ccxt builds it. */
import { beforeEach, expect, test } from 'bun:test';
import { Secret } from '@trunkline/kit/secret';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  OrderType,
  PlaceOrder,
  PositionSide,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { HeldMode } from '../position-mode.ts';
import { RefusedContent } from '../refused-content.ts';
import { symbolTable } from '../symbol-table.ts';
import { installTransport } from '../transport.ts';
import { venueClock } from '../venue-clock.ts';
import { orderTools } from './commands.ts';

// ccxt keeps the WebSocket that it finds when it is loaded: other tests of this process need ours.
installTransport();
const { BinanceClient } = await import('./client.ts');

const SYMBOL = 'BTC/USDT:USDT';
const held: HeldMode = { mode: PositionMode.ONE_WAY };
const clock = new VirtualClock();
const client = new BinanceClient({
  ...{ apiKey: new Secret('key-0123'), secret: new Secret('secret-0123'), venueUrl: 'http://127.0.0.1:1', clock },
  ...{ venueClock: venueClock(clock), market: 'perpetual', requestTimeoutMs: 1_000, requestExpiryMs: 3_000 },
  ...{ connectTimeoutMs: 1_000, keepAliveMs: 1_000 },
  sink: { frame: () => {}, privateOpened: () => {}, bookBegan: () => {} },
});
const info = { symbol: 'BTCUSDT', orderTypes: ['LIMIT', 'MARKET'] };
client.setMarkets({
  [SYMBOL]: {
    ...{ id: 'BTCUSDT', symbol: SYMBOL, base: 'BTC', quote: 'USDT', settle: 'USDT', type: 'swap', info },
    ...{ spot: false, swap: true, contract: true, linear: true, inverse: false, active: true },
    ...{ precision: { amount: '0.001', price: '0.1' }, limits: {} },
  },
});

const { entry, unified } = orderTools({
  ...{ client, held, socket: undefined, selfTradePreventionMode: 'EXPIRE_TAKER' },
  symbols: () => symbolTable([[SYMBOL, 'BTCUSDT']]),
});

beforeEach(() => {
  held.mode = PositionMode.ONE_WAY;
});

function request(changes: Partial<PlaceOrder>): object {
  const order = PlaceOrder.fromPartial({
    ...{ clientOrderId: 'a_1', symbol: SYMBOL, side: Side.BUY, positionSide: PositionSide.BOTH },
    ...{ type: OrderType.LIMIT, timeInForce: TimeInForce.GTC, price: '60000.1', quantity: '0.01' },
    ...changes,
  });
  const { symbol, type, side, amount, price, params } = unified(order);
  return entry.createOrderRequest(symbol, type, side, amount, price, params);
}

function refusedField(changes: Partial<PlaceOrder>): string {
  try {
    request(changes);
    return '';
  } catch (error) {
    if (error instanceof RefusedContent) return error.field;
    throw error;
  }
}

test('a limit order goes out as it was asked, under our id and with nothing added but self-trade prevention', () => {
  expect(request({})).toEqual({
    ...{ symbol: 'BTCUSDT', side: 'BUY', newClientOrderId: 'a_1', newOrderRespType: 'RESULT', type: 'LIMIT' },
    ...{ quantity: '0.01', price: '60000.1', timeInForce: 'GTC', selfTradePreventionMode: 'EXPIRE_TAKER' },
  });
});

test('post-only is GTX, and needs no self-trade prevention', () => {
  const sent = request({ postOnly: true });
  expect(sent).toMatchObject({ timeInForce: 'GTX' });
  expect(sent).not.toHaveProperty('selfTradePreventionMode');
});

test('in hedge mode the side is named, and an order that reduces it is not called reduce-only', () => {
  held.mode = PositionMode.HEDGE;
  const closing = request({ side: Side.SELL, positionSide: PositionSide.LONG, reduceOnly: true });
  expect(closing).toMatchObject({ side: 'SELL', positionSide: 'LONG' });
  expect(closing).not.toHaveProperty('reduceOnly');
  expect(request({ side: Side.BUY, positionSide: PositionSide.SHORT, reduceOnly: true })).toMatchObject({
    positionSide: 'SHORT',
  });
});

test('a reduce-only order that would add to its side is refused', () => {
  held.mode = PositionMode.HEDGE;
  for (const [side, positionSide] of [
    [Side.BUY, PositionSide.LONG],
    [Side.SELL, PositionSide.SHORT],
  ] as const) {
    expect(refusedField({ side, positionSide, reduceOnly: true })).toBe('reduce_only');
  }
});

test('a side that does not fit the account\u2019s mode is refused', () => {
  expect(refusedField({ positionSide: PositionSide.LONG })).toBe('position_side');
  expect(refusedField({ positionSide: PositionSide.BOTH })).toBe('');
  held.mode = PositionMode.HEDGE;
  expect(refusedField({ positionSide: PositionSide.BOTH })).toBe('position_side');
  expect(refusedField({ positionSide: PositionSide.SHORT })).toBe('');
});

test('in one-way mode reduce-only is said', () => {
  expect(request({ side: Side.SELL, reduceOnly: true })).toMatchObject({ reduceOnly: true });
});

test('a price that ccxt would round is refused, not rounded', () => {
  expect(() => request({ price: '60000.15' })).toThrow('grid');
});
