/** Binance spot's venue layer against the sim, through ccxt's production code. */
import { describe, expect, test } from 'bun:test';
import { ORDER_ENTRIES } from '../apps/connector/src/venues/venue-config.ts';
import { ListFillsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { Channel, type MarketEvent, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import {
  AmendOrder,
  OrderStatus,
  OrderType,
  PlaceOrder,
  RejectReason,
  Side,
  TimeInForce,
} from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import { acceptedOrder, admit, casesOf, fillsOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import { FRONTS, type RigOptions, rigPerTest } from './support/venue-rig.ts';

const { ready: readyOn } = rigPerTest();
const { symbol } = FRONTS['binance-spot'];
const ready = (options: RigOptions = {}) => readyOn({ front: 'binance-spot', ...options });
const spot = (fields: Partial<PlaceOrder> & { price: string }) => limit({ ...fields, symbol });
const named = (order: { clientOrderId: string; venueOrderId?: string }) => ({
  ...{ symbol, clientOrderId: order.clientOrderId },
  venueOrderId: order.venueOrderId ?? '',
});
const market = (clientOrderId: string, side: Side) =>
  PlaceOrder.fromPartial({ clientOrderId, symbol, side, type: OrderType.MARKET, quantity: '0.01' });

describe.each(ORDER_ENTRIES)('over %s', (orderEntry) => {
  test('an order is placed, replaced and cancelled, and the stream says each step', async () => {
    const { venue, events, until } = await ready({ orderEntry });
    const order = spot({ price: '50000', postOnly: true });
    const placed = acceptedOrder(await venue.place(order, admit));
    expect(placed).toMatchObject({ clientOrderId: order.clientOrderId, postOnly: true, status: OrderStatus.OPEN });
    await until(() => ordersOf(events, order.clientOrderId).length > 0, 'the order');

    const terms = { side: Side.BUY, price: '50001', quantity: '0.02' };
    const amend = AmendOrder.fromPartial({ order: named(placed), newClientOrderId: 'successor', ...terms });
    const next = acceptedOrder(await venue.amend(amend, admit));
    expect(next).toMatchObject({ clientOrderId: 'successor', price: '50001', quantity: '0.02', postOnly: true });
    expect(next.venueOrderId).not.toBe(placed.venueOrderId);
    await until(() => ordersOf(events, 'successor').length > 0, 'the successor');
    const statuses = ordersOf(events, order.clientOrderId).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([OrderStatus.OPEN, OrderStatus.CANCELED]));

    expect((await venue.listOpenOrders({ symbol, pageSize: 0, pageToken: '' })).orders).toMatchObject([
      { clientOrderId: 'successor' },
    ]);
    const cancelled = acceptedOrder(await venue.cancel(named({ clientOrderId: 'successor' }), admit));
    expect(cancelled).toMatchObject({ clientOrderId: 'successor', status: OrderStatus.CANCELED });
    const again = await venue.cancel(named(next), admit);
    expect(again.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.ORDER_NOT_OPEN } });
  });

  test('what the venue refuses is refused for what its text says', async () => {
    const { venue } = await ready({ orderEntry });
    const taking = await venue.place(spot({ price: '65000', postOnly: true }), admit);
    expect(taking.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.POST_ONLY } });
    const dear = await venue.place(spot({ price: '60000', quantity: '100' }), admit);
    expect(dear.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.INSUFFICIENT_FUNDS } });
    const open = spot({ price: '50000' });
    acceptedOrder(await venue.place(open, admit));
    const twice = await venue.place(open, admit);
    expect(twice.fate).toMatchObject({
      $case: 'rejected',
      value: { reason: RejectReason.DUPLICATE_CLIENT_ORDER_ID },
    });
  });
});

test('a market order is filled, its fills are those of the list, and the balances move', async () => {
  const { venue, events, until } = await ready();
  const sold = acceptedOrder(await venue.place(market('sell_1', Side.SELL), admit));
  expect(sold).toMatchObject({ status: OrderStatus.FILLED, filledQuantity: '0.01' });
  await until(() => fillsOf(events, 'sell_1').length > 0, 'the fill');
  await until(() => events.some((event) => event.kind === 'balances'), 'the balances');
  const { fills } = await venue.listFills(ListFillsRequest.fromPartial({ symbol, sinceUs: 0 }));
  expect(fills.map((fill) => fill.tradeId)).toEqual(fillsOf(events, 'sell_1').map((fill) => fill.tradeId));
  expect((await venue.getBalances()).balances.find(({ asset }) => asset === 'BTC')?.total).toBe('99.99');
  acceptedOrder(await venue.place(market('buy_1', Side.BUY), admit));
});

test('what an open order holds is not available', async () => {
  const { venue } = await ready();
  acceptedOrder(await venue.place(spot({ price: '50000' }), admit));
  const balance = (await venue.getBalances()).balances.find(({ asset }) => asset === 'USDT');
  expect(balance).toMatchObject({ total: '1000000', available: '999500' });
});

test('an IOC order far from the market expires, and so does a FOK that cannot be filled', async () => {
  const { venue } = await ready();
  for (const timeInForce of [TimeInForce.IOC, TimeInForce.FOK]) {
    const order = acceptedOrder(await venue.place(spot({ price: '50000', timeInForce }), admit));
    expect([order.status, order.filledQuantity]).toEqual([OrderStatus.EXPIRED, '0']);
  }
});

test('the book chains and quotes, trades, candles and tickers come', async () => {
  const { venue, events, until } = await ready();
  const channels = [Channel.BOOK, Channel.BEST_QUOTE, Channel.TRADES, Channel.TICKER];
  for (const channel of channels) venue.subscribe(Topic.fromPartial({ channel, symbol }));
  venue.subscribe(Topic.fromPartial({ channel: Channel.CANDLES, symbol, interval: 1 }));
  const said = (channel: Channel): MarketEvent[] => marketOf(events, channel);
  await until(() => casesOf(said(Channel.BOOK)).filter((name) => name === 'bookUpdate').length >= 10, 'ten updates');
  const book = new OrderBook();
  for (const { event, sequence } of said(Channel.BOOK)) {
    if (event?.$case === 'bookSnapshot') expect(book.applySnapshot(event.value, sequence)).toBe('applied');
    if (event?.$case === 'bookUpdate') expect(book.applyUpdate(event.value, sequence)).toBe('applied');
  }
  expect(casesOf(said(Channel.BOOK))).not.toContain('gap');
  for (const [channel, name] of [
    [Channel.BEST_QUOTE, 'bestQuote'],
    [Channel.TRADES, 'trade'],
    [Channel.TICKER, 'ticker'],
    [Channel.CANDLES, 'candle'],
  ] as const) {
    await until(() => casesOf(said(channel)).includes(name), name);
  }
  const page = { sinceUs: 0, untilUs: 0, pageSize: 5, pageToken: '' };
  expect((await venue.listCandles({ symbol, interval: 1, ...page })).candles.length).toBeGreaterThan(0);
});

test('a topic that spot does not have is refused with a reason', async () => {
  const { venue, events } = await ready();
  venue.subscribe(Topic.fromPartial({ channel: Channel.MARK_PRICE, symbol }));
  expect(marketOf(events, Channel.MARK_PRICE)[0]?.event).toMatchObject({ value: { active: false } });
});

test.each([
  ['a closed socket', { kind: 'close_sockets', sockets: 'ws_api' }],
  ['an ended subscription', { kind: 'expire_listen_key', account: 'main' }],
])('%s is a gap said before READY, and orders flow again', async (_, broken) => {
  const { venue, events, until, fault } = await ready();
  await fault(broken);
  await until(() => events.some((event) => event.kind === 'private_gap'), 'the gap');
  await until(() => venue.status.state === VenueState.READY, 'READY again');
  const order = spot({ price: '50000' });
  acceptedOrder(await venue.place(order, admit));
  await until(() => ordersOf(events, order.clientOrderId).length === 1, 'the order on the new stream');
});

test('instruments carry the filters and what this account pays', async () => {
  const { venue } = await ready();
  expect(venue.instruments).toMatchObject([{ symbol, quote: 'USDT', settle: 'USDT', contractSize: '1' }]);
  expect(venue.instruments[0]?.makerFeeRate).toMatch(/^0(\.\d+)?$/);
});
