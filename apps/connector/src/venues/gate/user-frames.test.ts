/** Frames of the private stream as the venue documents them, and every event that comes of them. */
import { expect, test } from 'bun:test';
import { Balance, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { OrderStatus, PositionSide } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { reading, Unreadable } from '../fields.ts';
import { createPairing } from '../pairing.ts';
import type { VenueEvent } from '../venue.ts';
import { FUTURES, type MarketKind, SPOT } from './market-kind.ts';
import { settingsNews } from './settings-news.ts';
import { SYMBOL, scriptedAsking } from './testing/scripted-asking.ts';
import { userFrames } from './user-frames.ts';

function listening(kind: MarketKind) {
  const events: VenueEvent[] = [];
  const emit = (event: VenueEvent) => events.push(event);
  const asking = scriptedAsking(kind, () => Promise.reject(new Error('not asked here')));
  const heard: string[] = [];
  const hear = userFrames({
    asking,
    pairing: createPairing({
      clock: asking.clock,
      order: (order) => emit({ kind: 'order', order }),
      fill: (fill) => emit({ kind: 'fill', fill }),
    }),
    balances: new Map([['USDT', Balance.fromPartial({ asset: 'USDT', total: '25', available: '20' })]]),
    heardOrder: (id) => heard.push(id),
    settings: settingsNews((settings) => emit({ kind: 'settings', settings })),
    emit,
  });
  return { events, heard, hear, asking };
}

const kinds = (events: readonly VenueEvent[]) => events.map(({ kind }) => kind);

const ORDER = {
  contract: 'BTC_USDT',
  id: 7,
  size: 3,
  left: 0,
  price: 40000.4,
  fill_price: 40000.4,
  status: 'finished',
  finish_as: 'filled',
  tif: 'gtc',
  text: 't-a',
  create_time_ms: 1628736847325,
  finish_time_ms: 1628736848321,
};
const TRADE = {
  contract: 'BTC_USDT',
  id: '9',
  order_id: '7',
  size: 3,
  price: '40000.4',
  role: 'maker',
  fee: 0.01,
  create_time_ms: 1628736848321,
};

test('an order and its trade, in whatever order the channels speak, and nothing of another symbol', () => {
  const { events, heard, hear } = listening(FUTURES);
  hear({
    channel: 'futures.usertrades',
    event: 'update',
    result: [TRADE, { ...TRADE, contract: 'ETH_USDT', id: '8' }],
  });
  hear({ channel: 'futures.orders', event: 'update', result: [ORDER, { ...ORDER, contract: 'ETH_USDT', id: 6 }] });
  expect(kinds(events)).toEqual(['order', 'fill']);
  expect(events[1]).toMatchObject({ fill: { clientOrderId: 'a', quantity: '0.3' } });
  expect(heard).toEqual(['7']);
});

test('a burst of new, partial, partial and filled in one frame arrives whole', () => {
  const { events, hear } = listening(FUTURES);
  const state = (left: number) => ({
    ...ORDER,
    left,
    ...(left === 0 ? {} : { status: 'open', finish_as: left === 3 ? '_new' : '_update', finish_time_ms: 0 }),
    update_time: 1628736848000 - left,
  });
  hear({ channel: 'futures.orders', event: 'update', result: [3, 2, 1, 0].map(state) });
  const { OPEN, PARTIALLY_FILLED, FILLED } = OrderStatus;
  expect(events.map((event) => event.kind === 'order' && [event.order.status, event.order.filledQuantity])).toEqual([
    [OPEN, '0'],
    [PARTIALLY_FILLED, '0.1'],
    [PARTIALLY_FILLED, '0.2'],
    [FILLED, '0.3'],
  ]);
});

test('a row of the futures ledger moves the balance; one of type fund is a funding payment as well', () => {
  const { events, hear } = listening(FUTURES);
  const row = {
    balance: 24.5,
    change: -0.5,
    text: 'BTC_USDT',
    time: 1653665311,
    time_ms: 1653665311437,
    type: 'fund',
    user: '1',
  };
  hear({ channel: 'futures.balances', event: 'update', time_ms: 1653665311500, result: [row] });
  hear({
    channel: 'futures.balances',
    event: 'update',
    result: [{ ...row, balance: 24.4, change: -0.1, type: 'fee' }],
  });
  hear({ channel: 'futures.balances', event: 'update', result: [{ ...row, balance: 24.3, text: 'ETH_USDT:1' }] });
  expect(kinds(events)).toEqual(['balances', 'funding', 'balances', 'balances']);
  expect(events[0]).toMatchObject({
    update: {
      balances: [{ asset: 'USDT', total: '24.5', available: '19.5' }],
      venueTimeUs: 1653665311437000,
      reason: 'fund',
    },
  });
  expect(events[1]).toMatchObject({ payment: { symbol: SYMBOL, amount: '-0.5', paymentId: '1653665311:-0.5' } });
  expect(events[2]).toMatchObject({ update: { balances: [{ total: '24.4', available: '19.4' }], reason: 'fee' } });
});

test('a position is said each time, the settings that it tells when they changed, and the mode is learnt', () => {
  const { events, hear, asking } = listening(FUTURES);
  const position = {
    contract: 'BTC_USDT',
    size: 1,
    mode: 'single',
    leverage: 10,
    cross_leverage_limit: 0,
    entry_price: 40000.36,
    time_ms: 1628736848321,
  };
  const frame = (fields: object) =>
    hear({ channel: 'futures.positions', event: 'update', result: [{ ...position, ...fields }] });
  frame({});
  frame({ size: 2 });
  frame({ leverage: 20 });
  expect(kinds(events)).toEqual(['positions', 'settings', 'positions', 'positions', 'settings']);
  expect(events[0]).toMatchObject({ update: { positions: [{ quantity: '0.1', entryPrice: '40000.36' }] } });
  frame({ mode: 'dual_short', size: -1 });
  expect(events.at(-2)).toMatchObject({ update: { positions: [{ side: PositionSide.SHORT, quantity: '-0.1' }] } });
  expect(events.at(-1)).toMatchObject({ settings: { positionMode: PositionMode.HEDGE, leverage: 10 } });
  expect(asking.held.mode).toBe(PositionMode.HEDGE);
});

test('spot balances are told whole, with the venue\u2019s word for why', () => {
  const { events, hear } = listening(SPOT);
  const row = {
    timestamp: '1667556323',
    timestamp_ms: '1667556323730',
    user: '1000001',
    currency: 'USDT',
    change: '0',
    total: '222244.3827652',
    available: '222244.3827',
    freeze: '5',
    freeze_change: '5.000000',
    change_type: 'order-create',
  };
  hear({ channel: 'spot.balances', event: 'update', time_ms: 1605248616763, result: [row] });
  expect(events).toMatchObject([
    {
      kind: 'balances',
      update: {
        balances: [{ asset: 'USDT', total: '222244.3827652', available: '222244.3827' }],
        venueTimeUs: 1667556323730000,
        reason: 'order-create',
      },
    },
  ]);
});

test('a frame that cannot be read is not passed over', () => {
  const { hear } = listening(FUTURES);
  const frame = { channel: 'futures.orders', event: 'update', result: [{ ...ORDER, status: 'resting' }] };
  expect(reading(() => hear(frame))).toBeInstanceOf(Unreadable);
});
