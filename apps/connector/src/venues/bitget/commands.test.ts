/** What commands are on the wire, and how answers are told apart (bitget.com/api-doc, "Trade" of both markets). */
import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  AmendOrder,
  OrderReference,
  OrderType,
  PlaceOrder,
  PositionSide,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { Asked, Sending } from '../command-desk.ts';
import { reading, Unreadable } from '../fields.ts';
import { RefusedContent } from '../refused-content.ts';
import { venueClock } from '../venue-clock.ts';
import { bitgetCommands } from './commands.ts';
import type { Endpoints, Parameters } from './endpoints.ts';
import { FAILED_WITHOUT_CODE } from './errors.ts';
import { modes } from './modes.ts';
import { SPOT, USDT_FUTURES } from './product.ts';

const NOW_MS = String(new VirtualClock().wallUs() / 1_000);

/** Endpoints that hand back what they were asked, under their name. */
function echoing(): Endpoints {
  const echo = (name: string) => async (parameters: Parameters) => ({ name, parameters });
  return {
    placeOrder: echo('place'),
    placeBatch: echo('batch'),
    amendOrder: echo('amend'),
    cancelOrder: echo('cancel'),
    cancelBatch: echo('cancels'),
    order: echo('order'),
    openOrders: echo('open'),
    orderHistory: echo('history'),
    fills: echo('fills'),
    balances: echo('balances'),
    instruments: echo('instruments'),
    candles: echo('candles'),
    historyCandles: echo('history candles'),
    listed: {},
  };
}

function commands(product = USDT_FUTURES, positionMode = PositionMode.ONE_WAY, filled = decimal('0')) {
  const held = modes();
  held.mode = positionMode;
  held.setMarginMode('ISO/USDT:USDT', MarginMode.ISOLATED);
  return bitgetCommands({
    endpoints: echoing(),
    product,
    modes: held,
    venueClock: venueClock(new VirtualClock()),
    venueSymbol: (symbol) => symbol.replace(/[/:].*/, 'USDT'),
    receiveWindowMs: 3_000,
    filledOf: async () => filled,
  });
}

const place = (fields: Partial<PlaceOrder> = {}) =>
  PlaceOrder.fromPartial({
    clientOrderId: 'grid_1',
    symbol: 'BTC/USDT:USDT',
    side: Side.BUY,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    price: '27000.5',
    quantity: '0.010',
    ...fields,
  });
const sent = (sending: Sending) => sending.send();
const refusedField = (sending: Sending) =>
  sending.send().catch((error: unknown) => (error instanceof RefusedContent ? error.field : error));

const LIMIT = {
  symbol: 'BTCUSDT',
  marginMode: 'crossed',
  side: 'buy',
  orderType: 'limit',
  price: '27000.5',
  force: 'gtc',
  size: '0.010',
  clientOid: 'grid_1',
};

test('a futures order names its margin mode, and goes out digit for digit', async () => {
  expect(await sent(commands().place(place()))).toEqual({ name: 'place', parameters: LIMIT });
  expect(await sent(commands().place(place({ symbol: 'ISO/USDT:USDT' })))).toMatchObject({
    parameters: { symbol: 'ISOUSDT', marginMode: 'isolated' },
  });
});

test.each([
  [{ postOnly: true }, { force: 'post_only' }],
  [{ timeInForce: TimeInForce.IOC }, { force: 'ioc' }],
  [{ timeInForce: TimeInForce.FOK }, { force: 'fok' }],
  [{ reduceOnly: true }, { reduceOnly: 'YES' }],
])('%o is %o', async (fields, parameters) => {
  expect(await sent(commands().place(place(fields)))).toEqual({
    name: 'place',
    parameters: { ...LIMIT, ...parameters },
  });
});

test('a market order has neither price nor force', async () => {
  const order = place({ type: OrderType.MARKET, price: undefined, timeInForce: TimeInForce.IOC });
  const { price, force, ...rest } = LIMIT;
  expect(await sent(commands().place(order))).toEqual({ name: 'place', parameters: { ...rest, orderType: 'market' } });
});

test.each([
  [Side.BUY, PositionSide.LONG, 'buy', 'open'],
  [Side.SELL, PositionSide.LONG, 'buy', 'close'],
  [Side.SELL, PositionSide.SHORT, 'sell', 'open'],
  [Side.BUY, PositionSide.SHORT, 'sell', 'close'],
])('in hedge mode side %p of position %p is %s/%s', async (side, positionSide, word, tradeSide) => {
  const dialect = commands(USDT_FUTURES, PositionMode.HEDGE);
  const reduceOnly = tradeSide === 'close';
  expect(await sent(dialect.place(place({ side, positionSide, reduceOnly })))).toEqual({
    name: 'place',
    parameters: { ...LIMIT, side: word, tradeSide },
  });
});

test('sides that do not fit the position mode never leave', async () => {
  const hedge = commands(USDT_FUTURES, PositionMode.HEDGE);
  expect(await refusedField(hedge.place(place()))).toBe('position_side');
  expect(await refusedField(commands().place(place({ positionSide: PositionSide.LONG })))).toBe('position_side');
  const opening = place({ positionSide: PositionSide.LONG, reduceOnly: true });
  expect(await refusedField(hedge.place(opening))).toBe('reduce_only');
});

test('a spot order carries how long it may take, and a market buy is not sent', async () => {
  const { marginMode, ...spot } = LIMIT;
  expect(await sent(commands(SPOT).place(place({ symbol: 'BTC/USDT' })))).toEqual({
    name: 'place',
    parameters: { ...spot, requestTime: NOW_MS, receiveWindow: '3000' },
  });
  const buy = place({ symbol: 'BTC/USDT', type: OrderType.MARKET, price: undefined });
  expect(await refusedField(commands(SPOT).place(buy))).toBe('side');
  expect(await sent(commands(SPOT).place({ ...buy, side: Side.SELL }))).toMatchObject({
    parameters: { side: 'sell', orderType: 'market', size: '0.010' },
  });
});

test('a batch is of one symbol', async () => {
  const { symbol, marginMode, ...entry } = LIMIT;
  expect(await sent(commands().placeBatch([place(), place({ clientOrderId: 'grid_2' })]))).toEqual({
    name: 'batch',
    parameters: { symbol, marginMode, orderList: [entry, { ...entry, clientOid: 'grid_2' }] },
  });
  const mixed = [place(), place({ symbol: 'ETH/USDT:USDT' })];
  expect(await refusedField(commands().placeBatch(mixed))).toBe('orders');
});

const reference = (fields: Partial<OrderReference>) =>
  OrderReference.fromPartial({ symbol: 'BTC/USDT:USDT', clientOrderId: 'grid_1', ...fields });

test('an amend names its successor in both markets', async () => {
  const amend = AmendOrder.fromPartial({
    order: reference({ venueOrderId: '7' }),
    newClientOrderId: 'grid_2',
    side: Side.BUY,
    price: '1',
    quantity: '2',
  });
  expect(await sent(commands().amend(amend))).toEqual({
    name: 'amend',
    parameters: { symbol: 'BTCUSDT', orderId: '7', newClientOid: 'grid_2', newPrice: '1', newSize: '2' },
  });
  expect(await sent(commands(SPOT).amend(amend))).toEqual({
    name: 'amend',
    parameters: { symbol: 'BTCUSDT', orderId: '7', newClientOid: 'grid_2', price: '1', size: '2' },
  });
});

test('the successor of a partly filled spot order is of what is left of the total', async () => {
  const amend = AmendOrder.fromPartial({
    order: reference({ venueOrderId: '7' }),
    newClientOrderId: 'grid_2',
    side: Side.BUY,
    price: '1',
    quantity: '2',
  });
  const desk = commands(SPOT, PositionMode.ONE_WAY, decimal('0.5'));
  expect(await sent(desk.amend(amend))).toMatchObject({ parameters: { newClientOid: 'grid_2', size: '1.5' } });
  const times = { postedAtUs: 1, receivedAtUs: 2 };
  const answer = { code: '00000', data: { orderId: '8', clientOid: null, success: 'success', msg: null } };
  expect(desk.readOrder(answer, { kind: 'amend', amend }, times)).toMatchObject({ venueOrderId: '8', quantity: '1.5' });

  const all = commands(SPOT, PositionMode.ONE_WAY, decimal('2'));
  await expect(all.amend(amend).send()).rejects.toMatchObject({ field: 'quantity' });
});

test('cancels go by the venue\u2019s id where it is known', async () => {
  const known = reference({ venueOrderId: '7' });
  expect(await sent(commands().cancel(known))).toMatchObject({ parameters: { symbol: 'BTCUSDT', orderId: '7' } });
  expect(await sent(commands().cancelBatch('BTC/USDT:USDT', [known, reference({})]))).toEqual({
    name: 'cancels',
    parameters: { symbol: 'BTCUSDT', orderList: [{ orderId: '7' }, { clientOid: 'grid_1' }] },
  });
});

test('the entries of a batch are found for each order, whatever list and order they stand in', () => {
  const body = {
    code: '00000',
    data: {
      successList: [{ orderId: '9', clientOid: 'b' }],
      failureList: [{ orderId: '', clientOid: 'a', errorMsg: 'Insufficient balance', errorCode: '43012' }],
    },
  };
  const asked = (clientOrderId: string): Asked => ({ kind: 'place', order: place({ clientOrderId }) });
  const { batchEntries, errorOf } = commands();
  const entries = batchEntries(body, [asked('a'), asked('b')]);
  expect(entries).toMatchObject([{ clientOid: 'a' }, { orderId: '9' }]);
  expect(entries.map(errorOf)).toEqual([{ code: '43012', message: 'Insufficient balance' }, undefined]);
  // Of one that is in neither list nothing is known, and of the others what is told.
  expect(batchEntries(body, [asked('c'), asked('b')])).toEqual([undefined, { orderId: '9', clientOid: 'b' }]);
  const cancel: Asked = { kind: 'cancel', order: reference({ venueOrderId: '9', clientOrderId: 'else' }) };
  expect(batchEntries(body, [cancel])).toMatchObject([{ orderId: '9' }]);
});

test('a replacement that was not made is a failure within a success', () => {
  const data = { orderId: '', clientOid: 'x', success: 'failure', msg: 'Insufficient balance' };
  expect(commands(SPOT).errorOf({ code: '00000', data })).toEqual({
    code: FAILED_WITHOUT_CODE,
    message: 'Insufficient balance',
  });
  expect(commands(SPOT).errorOf({ code: '00000', data: { ...data, success: 'success' } })).toBeUndefined();
});

test('a confirmation that names no order, or another one, is none', () => {
  const times = { postedAtUs: 1, receivedAtUs: 2 };
  const placed: Asked = { kind: 'place', order: place() };
  const cancelled: Asked = { kind: 'cancel', order: reference({ venueOrderId: '7' }) };
  const { readOrder } = commands();
  for (const answer of [{}, { message: 'ok' }, { code: '00000', data: null }, { code: '00000', data: {} }]) {
    for (const asked of [placed, cancelled]) {
      expect(reading(() => readOrder(answer, asked, times))).toBeInstanceOf(Unreadable);
    }
  }
  const other = { code: '00000', data: { orderId: '9', clientOid: 'else' } };
  for (const asked of [placed, cancelled]) {
    expect(reading(() => readOrder(other, asked, times))).toBeInstanceOf(Unreadable);
  }
  const without = { code: '00000', data: { orderId: '', clientOid: 'grid_1' } };
  expect(readOrder(without, placed, times)).toBeUndefined();
});
