/** What becomes of commands on a connector's order lane, and of their results. */
import { afterEach, expect, test } from 'bun:test';
import { Channel } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { Order, OrderStatus, PlaceOrder } from '../proto/gen/trunkline/exchange/v1/order.ts';
import {
  GoodbyeReason,
  NotResumedReason,
  SessionMode,
  VenueState,
} from '../proto/gen/trunkline/exchange/v1/session.ts';
import { ExchangeError } from '../proto/src/exchange-error.ts';
import { PROTOCOL_VERSION } from '../proto/src/version.ts';
import { Client, closeAll, connector, ENGINE, holdPlaces, orderOf, place, TOOL, welcomed } from './support/lane-rig.ts';
import { PRICE, SYMBOL } from './support/scripted-venue.ts';

afterEach(async () => {
  expect((await closeAll()).filter((timers) => timers > 0)).toEqual([]);
});

test('an order is accepted and filled, its events and its result leave as one message', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  const before = client.batches.length;
  await client.command(place({ price: PRICE.fills }));
  const kinds = client.events.map(({ event }) => event?.$case);
  expect(kinds.slice(-3)).toEqual(['order', 'fill', 'result']);
  expect(client.batches.length - before).toBeLessThanOrEqual(2);
  expect(client.results).toEqual(['1 accepted']);
  expect(rig.failpoints).toContain('connector.beforePost');
  expect(rig.failpoints.filter((name) => name === 'connector.afterPost')).toHaveLength(1);
});

test('poison content is denied by field and the session goes on', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place({ price: '100.05' }));
  await client.command(place({ quantity: 'x'.repeat(100_000) }));
  await client.command({ $case: 'cancel', value: { order: undefined } });
  await client.command({ $case: 'placeBatch', value: { orders: new Array(6).fill(PlaceOrder.create()) } });
  await client.command(place());
  expect(client.results).toEqual([
    '1 denied INVALID price',
    '2 denied INVALID quantity',
    '3 denied INVALID order',
    ...new Array(6).fill('4 denied INVALID orders'),
    '5 accepted',
  ]);
});

test('in a batch each order has a fate of its own, in its place', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  const orders = [place(), place({ price: '0' }), place({ price: PRICE.rejected })];
  const value = { orders: orders.flatMap((each) => (each.$case === 'place' ? [each.value] : [])) };
  await client.command({ $case: 'placeBatch', value });
  expect(client.results).toEqual(['1 accepted', '1 denied INVALID orders[1].price', '1 rejected']);
});

test('a client order id goes to the venue once', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place({ clientOrderId: 'bin_1_twice00' }));
  await client.command(place({ clientOrderId: 'bin_1_twice00', price: PRICE.fills }));
  expect(client.results).toEqual(['1 accepted', '2 denied DUPLICATE client_order_id']);
  expect(rig.failpoints.filter((name) => name === 'connector.beforePost')).toHaveLength(1);
});

test('a command whose time has passed is never sent, by the clock of the engine', async () => {
  const rig = await connector();
  const client = new Client(rig);
  // The engine's clock is an hour ahead; 300 ms of validity are 300 ms here.
  const aheadUs = 3_600_000_000;
  await client.hello({ sentAtUs: rig.clock.wallUs() + aheadUs });
  const nowUs = rig.clock.wallUs();
  const echo = { peerSentAtUs: nowUs, receivedAtUs: nowUs + aheadUs };
  await client.send({ $case: 'heartbeat', value: { sentAtUs: nowUs + aheadUs, echo } });
  await client.command(place(), 3_600_000 + 300);
  await client.command(place(), 3_600_000);
  await client.command(place(), 0);
  expect(client.results).toEqual(['1 accepted', '2 denied EXPIRED', '3 denied EXPIRED']);
});

test('new risk waits for a ready venue and a live quote, cancels do not', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place({ clientOrderId: 'bin_1_stale00' }));
  rig.venue.emit({ kind: 'status', status: { state: VenueState.DISCONNECTED, message: '' } });
  await client.command(place());
  rig.venue.emit({ kind: 'status', status: { state: VenueState.READY, message: '' } });

  const market = rig.core.marketData({ caller: ENGINE }, { message: () => {}, closed: () => {} });
  const topic = { channel: Channel.BEST_QUOTE, symbol: SYMBOL, depth: 0, interval: 0 };
  const hello = { protocolVersion: PROTOCOL_VERSION, clientId: 'e1', sentAtUs: 0, initialCredit: 100 };
  market.send({
    frames: [
      { frame: { $case: 'hello', value: hello } },
      { frame: { $case: 'subscribe', value: { topics: [topic] } } },
    ],
  });
  await client.command(place());
  await client.command(place({ reduceOnly: true }));
  const order = { symbol: SYMBOL, clientOrderId: 'bin_1_stale00', venueOrderId: '' };
  await client.command({ $case: 'cancel', value: { order } });
  const best = { bidPrice: '99', bidQuantity: '1', askPrice: '101', askQuantity: '1' };
  rig.venue.market(topic, 1, { $case: 'bestQuote', value: best });
  await client.command(place());
  expect(client.results).toEqual([
    '1 accepted',
    '2 denied NOT_READY',
    '3 denied STALE_QUOTE',
    '4 accepted',
    '5 accepted',
    '6 accepted',
  ]);
});

test('a peer that overruns its credit is denied command by command, and cancels have a credit of their own', async () => {
  const rig = await connector();
  const release = holdPlaces(rig.venue);
  const client = await welcomed(rig);
  for (let sent = 0; sent < 256; sent++) await client.command(place());
  expect(client.results).toEqual([]);
  await client.command(place());
  const order = { symbol: SYMBOL, clientOrderId: 'bin_1_absent0', venueOrderId: '' };
  await client.command({ $case: 'cancel', value: { order } });
  expect(client.results).toEqual(['257 denied BACKPRESSURE command_credit', '258 rejected']);
  release();
  await rig.clock.advanceAsync(0);
  expect(client.results).toHaveLength(258);
  await client.command(place());
  expect(client.results.at(-1)).toBe('259 accepted');
});

test('a command number that does not grow ends the stream', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place(), 5_000, 5);
  await client.command(place(), 5_000, 5);
  expect(client.ending).toBe('PROTOCOL');
  expect(client.results).toEqual(['5 accepted']);
});

test('events stop at the window; balances meanwhile become one, and new risk is denied before results could be lost', async () => {
  const rig = await connector({ logCapacity: 64 });
  const client = await welcomed(rig, { eventWindow: 8 });
  const first = client.welcome?.nextEventSeq ?? 0;
  const orderEvent = (seq: number) => Order.fromPartial({ venueOrderId: `${seq}`, status: OrderStatus.OPEN });
  for (let each = 0; each < 48; each++) rig.venue.emit({ kind: 'order', order: orderEvent(each) });
  for (let each = 1; each <= 5; each++) {
    const balances = [{ asset: 'USDT', total: `${each}`, available: `${each}` }];
    rig.venue.emit({ kind: 'balances', update: { balances, venueTimeUs: each, receivedAtUs: each, reason: '' } });
  }
  await client.command(place());
  expect(client.events.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((each) => first + each));
  await client.command({ $case: 'cancelAll', value: { symbol: '' } });

  for (let acked = 0; acked < 60; acked++) await client.ack(client.events.at(-1)?.seq ?? 0);
  expect(client.events.map(({ seq }) => seq)).toEqual(client.events.map((_, index) => first + index));
  const balances = client.events.flatMap(({ event }) => (event?.$case === 'balances' ? [event.value] : []));
  expect(balances.map((each) => each.balances[0]?.total)).toEqual(['5']);
  expect(client.results).toEqual(['1 denied BACKPRESSURE event_window']);
});

test('a log that ran over ends the stream that waits in it, and the next hello is not resumed', async () => {
  const rig = await connector({ logCapacity: 16 });
  const client = await welcomed(rig, { eventWindow: 4 });
  for (let each = 0; each < 40; each++) {
    rig.venue.emit({ kind: 'order', order: Order.fromPartial({ venueOrderId: `${each}`, status: OrderStatus.OPEN }) });
  }
  await rig.clock.advanceAsync(0);
  expect(client.ending).toBe('NOT_READY');
  const seq = client.events.at(-1)?.seq ?? 0;
  const again = await welcomed(rig, { attempt: 2, lastSeen: { bootId: rig.core.bootId, seq } });
  expect(again.welcome).toMatchObject({ resumed: false, notResumedReason: NotResumedReason.LOG_OVERFLOW });
  rig.venue.emit({ kind: 'order', order: Order.fromPartial({ venueOrderId: 'x', status: OrderStatus.OPEN }) });
  await rig.clock.advanceAsync(0);
  expect(again.events.map((each) => each.seq)).toEqual([again.welcome?.nextEventSeq ?? 0]);
});

test('a resumed stream gets what was missed, results included, and the last command number', async () => {
  const rig = await connector();
  const release = holdPlaces(rig.venue);
  const client = await welcomed(rig);
  await client.command(place());
  const seq = client.events.at(-1)?.seq ?? 0;
  await client.drop();
  release();
  await rig.clock.advanceAsync(0);
  const again = await welcomed(rig, { attempt: 2, lastSeen: { bootId: rig.core.bootId, seq } });
  expect(again.welcome).toMatchObject({ resumed: true, lastCommandSeq: 1, nextEventSeq: seq + 1 });
  expect(again.results).toEqual(['1 accepted']);
});

test('an observer sees every event and may not command', async () => {
  const rig = await connector();
  const trader = await welcomed(rig);
  const observer = new Client(rig, { role: 'tool', name: 'eye' });
  await observer.hello({ mode: SessionMode.OBSERVE, epoch: 0, attempt: 0 });
  await trader.command(place());
  expect(observer.welcome).toMatchObject({ commandCredit: 0, cancelCredit: 0 });
  expect(observer.results).toEqual(['1 accepted']);
  await observer.command(place());
  expect(observer.ending).toBe('NOT_GRANTED');
  expect(trader.end).toBeUndefined();
});

test('tools command only while no session is held', async () => {
  const rig = await connector();
  const request = () => ({ order: orderOf(place()), validUntilUs: 0 });
  const reason = (error: unknown) => (error instanceof ExchangeError ? error.reasonName : error);
  expect(await rig.core.placeOrder(request(), { caller: ENGINE }).catch(reason)).toBe('NOT_GRANTED');
  expect(await rig.core.placeOrder(request(), { caller: TOOL })).toMatchObject({
    outcome: { fate: { $case: 'accepted' } },
  });
  const client = await welcomed(rig);
  expect(await rig.core.placeOrder(request(), { caller: TOOL }).catch(reason)).toBe('SESSION_HELD');
  await client.goodbye(GoodbyeReason.DONE);
  expect(
    await rig.core.cancelAllOrders({ cancelAll: { symbol: '' }, validUntilUs: 0 }, { caller: TOOL }),
  ).toMatchObject({ outcomes: [{ fate: { $case: 'accepted' } }] });
});
