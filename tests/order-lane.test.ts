/** Who holds the trading session of a connector, and what becomes of orders when nobody does. */
import { afterEach, expect, test } from 'bun:test';
import { Order, OrderOutcome, PlaceOrder } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { GoodbyeReason, type Hello, SessionMode } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { ExchangeError } from '../proto/src/exchange-error.ts';
import {
  Client,
  closeAll,
  connector,
  holdPlaces,
  openIds,
  orderOf,
  place,
  TOOL,
  welcomed,
} from './support/lane-rig.ts';
import { PRICE, type ScriptedVenue, SYMBOL } from './support/scripted-venue.ts';

afterEach(async () => {
  expect((await closeAll()).filter((timers) => timers > 0)).toEqual([]);
});

test('a stream must begin with a hello of a version that is served', async () => {
  const rig = await connector();
  const mute = new Client(rig);
  await mute.ack(1);
  expect(mute.ending).toBe('PROTOCOL');
  const old = new Client(rig);
  await old.hello({ protocolVersion: '9.0' });
  expect(old.ending).toBe('PROTOCOL_VERSION');
  const silent = new Client(rig);
  await rig.clock.advanceAsync(6_000);
  expect(silent.ending).toBe('SILENT');
});

test('a hello that cannot be is refused by field, and one without the grant by name', async () => {
  const rig = await connector();
  const fields: Partial<Hello>[] = [{ mode: 0 }, { epoch: 0 }, { epoch: 1.5 }, { attempt: 0 }, { engineId: '' }];
  for (const changes of fields) {
    const client = new Client(rig);
    await client.hello(changes);
    expect(client.ending).toBe('INVALID_FIELD');
  }
  const tool = new Client(rig, TOOL);
  await tool.hello();
  expect(tool.ending).toBe('NOT_GRANTED');
  const stranger = new Client(rig, { role: 'tool', name: 'nobody' });
  await stranger.hello({ mode: SessionMode.OBSERVE });
  expect(stranger.ending).toBe('NOT_GRANTED');
});

test('a new owner is welcomed when the POSTs of the old one are answered, and gets their results under their epoch', async () => {
  const rig = await connector();
  const release = holdPlaces(rig.venue);
  const old = await welcomed(rig);
  await old.command(place());
  const seq = (old.welcome?.nextEventSeq ?? 1) - 1;
  const owner = new Client(rig);
  await owner.hello({ engineId: 'e2', epoch: 2, lastSeen: { bootId: rig.core.bootId, seq } });
  expect(old.ending).toBe('FENCED');
  expect(owner.welcome).toBeUndefined();
  release();
  await rig.clock.advanceAsync(0);
  expect(owner.welcome).toMatchObject({ epoch: 2, lastCommandSeq: 0, resumed: true });
  const results = owner.events.flatMap(({ event }) => (event?.$case === 'result' ? [event.value] : []));
  expect(results.map(({ epoch, commandSeq }) => [epoch, commandSeq])).toEqual([[1, 1]]);
});

test('a new owner waits no longer than the venue itself would take the old requests', async () => {
  const rig = await connector();
  const release = holdPlaces(rig.venue);
  const old = await welcomed(rig);
  await old.command(place());
  const owner = new Client(rig);
  await owner.hello({ engineId: 'e2', epoch: 2 });
  await rig.clock.advanceAsync(3_000);
  expect(owner.welcome).toBeUndefined();
  await rig.clock.advanceAsync(500);
  expect(owner.welcome?.epoch).toBe(2);
  release();
});

test('a POST whose fate nobody knows may still arrive: a new owner waits for its expiry', async () => {
  const rig = await connector();
  const old = await welcomed(rig);
  await old.command(place({ price: PRICE.unknown }));
  expect(old.results).toEqual(['1 unknown']);
  const owner = new Client(rig);
  await owner.hello({ engineId: 'e2', epoch: 2 });
  await rig.clock.advanceAsync(3_499);
  expect(owner.welcome).toBeUndefined();
  await rig.clock.advanceAsync(1);
  expect(owner.welcome?.epoch).toBe(2);
});

test('an order that arrives after the sweep listed the open ones is cancelled all the same', async () => {
  const rig = await connector({ graceMs: 1_000 });
  const client = await welcomed(rig);
  const late = orderOf(place({ clientOrderId: 'bin_1_late000' }));
  await client.command({ $case: 'place', value: { ...late, price: PRICE.unknown } });
  await client.drop();
  await rig.clock.advanceAsync(1_500);
  expect(await openIds(rig.venue)).toEqual([]);
  await rig.venue.place(late, () => undefined);
  expect(await openIds(rig.venue)).toEqual(['bin_1_late000']);
  await rig.clock.advanceAsync(3_000);
  expect(await openIds(rig.venue)).toEqual([]);
});

test('what a fenced engine had on its way, and had not left yet, is never sent', async () => {
  const rig = await connector();
  const { place: sendPlace } = rig.venue;
  const turn = Promise.withResolvers<void>();
  // A venue layer that waits for its rate budget before it asks for admission.
  Object.assign(rig.venue, {
    place: async (...args: Parameters<ScriptedVenue['place']>) => {
      await turn.promise;
      return sendPlace(...args);
    },
  });
  const old = await welcomed(rig);
  await old.command(place());
  const seq = (old.welcome?.nextEventSeq ?? 1) - 1;
  const owner = await welcomed(rig, { engineId: 'e2', epoch: 2, lastSeen: { bootId: rig.core.bootId, seq } });
  expect(owner.welcome?.epoch).toBe(2);
  turn.resolve();
  await rig.clock.advanceAsync(0);
  expect(owner.results).toEqual(['1 denied FENCED']);
  expect(await openIds(rig.venue)).toEqual([]);
});

test('a session lost for longer than its grace has its orders cancelled, and no others', async () => {
  const rig = await connector();
  const client = await welcomed(rig, { epoch: 3 });
  await client.command(place({ clientOrderId: 'bin_3_ours000' }));
  // A newer epoch's order and a stranger's are in the same book.
  await client.command(place({ clientOrderId: 'bin_4_newer00' }));
  await client.drop();
  await rig.clock.advanceAsync(9_999);
  expect(await openIds(rig.venue)).toHaveLength(2);
  await rig.clock.advanceAsync(1);
  expect(await openIds(rig.venue)).toEqual(['bin_4_newer00']);
});

test('silence loses the stream after 6 s; the grace runs from there', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place());
  await rig.clock.advanceAsync(6_000);
  expect(client.ending).toBe('SILENT');
  await rig.clock.advanceAsync(9_999);
  expect(await openIds(rig.venue)).toHaveLength(1);
  await rig.clock.advanceAsync(1);
  expect(await openIds(rig.venue)).toHaveLength(0);
});

test('a session that resumes within its grace, or is taken over, is not swept', async () => {
  for (const next of [{ attempt: 2 }, { epoch: 2, engineId: 'e2' }]) {
    const rig = await connector();
    const client = await welcomed(rig);
    await client.command(place());
    await client.drop();
    await rig.clock.advanceAsync(9_000);
    const again = await welcomed(rig, next);
    for (let beat = 0; beat < 10; beat++) {
      await rig.clock.advanceAsync(2_000);
      await again.send({ $case: 'heartbeat', value: { sentAtUs: rig.clock.wallUs() } });
    }
    expect(again.end).toBeUndefined();
    expect(await openIds(rig.venue)).toHaveLength(1);
  }
});

test('a sweep goes on until the venue answers', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place());
  const { listOpenOrders } = rig.venue;
  const down = () => Promise.reject(new ExchangeError(13, 'the venue is down'));
  Object.assign(rig.venue, { listOpenOrders: down });
  await client.drop();
  await rig.clock.advanceAsync(15_000);
  Object.assign(rig.venue, { listOpenOrders });
  expect(await openIds(rig.venue)).toHaveLength(1);
  await rig.clock.advanceAsync(1_000);
  expect(await openIds(rig.venue)).toHaveLength(0);
});

test('a sweep ends where a session begins', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place());
  const listing = Promise.withResolvers<void>();
  const { listOpenOrders } = rig.venue;
  Object.assign(rig.venue, {
    listOpenOrders: async (...args: Parameters<ScriptedVenue['listOpenOrders']>) => {
      await listing.promise;
      return listOpenOrders(...args);
    },
  });
  await client.drop();
  await rig.clock.advanceAsync(10_000);
  const again = await welcomed(rig, { attempt: 2 });
  listing.resolve();
  await rig.clock.advanceAsync(0);
  expect(again.end).toBeUndefined();
  expect(await openIds(rig.venue)).toHaveLength(1);
});

test('a sweep reads every page, and leaves the symbols of other connectors alone', async () => {
  const rig = await connector();
  const cancelled: string[] = [];
  const open = (clientOrderId: string, symbol = SYMBOL) => Order.fromPartial({ clientOrderId, symbol });
  const pages = [[open('bin_1_lane0x0'), open('bin_1_lane0x1', 'ETH/USDT:USDT')], [open('bin_1_lane0x2')]];
  Object.assign(rig.venue, {
    listOpenOrders: async ({ pageToken }: { pageToken: string }) => {
      const page = Number(pageToken);
      const orders = (pages[page] ?? []).filter(({ clientOrderId }) => !cancelled.includes(clientOrderId));
      return { orders, nextPageToken: page + 1 < pages.length ? String(page + 1) : '', askedAtUs: 0 };
    },
    cancelBatch: async (orders: Parameters<ScriptedVenue['cancelBatch']>[0]) => {
      cancelled.push(...orders.map(({ clientOrderId }) => clientOrderId));
      return orders.map(({ clientOrderId }) =>
        OrderOutcome.fromPartial({ clientOrderId, fate: { $case: 'accepted', value: {} } }),
      );
    },
  });
  await rig.clock.advanceAsync(10_000);
  expect(cancelled).toEqual(['bin_1_lane0x0', 'bin_1_lane0x2']);
});

test('the policy `hold` leaves the orders of a lost session alone', async () => {
  const rig = await connector({ onSessionLost: 'hold' });
  const client = await welcomed(rig);
  await client.command(place());
  await client.drop();
  await rig.clock.advanceAsync(60_000);
  expect(await openIds(rig.venue)).toHaveLength(1);
});

test('a boot without a hello sweeps what earlier boots left', async () => {
  const rig = await connector();
  await rig.core.placeOrder(
    { order: PlaceOrder.fromPartial({ ...orderOf(place()) }), validUntilUs: 0 },
    { caller: TOOL },
  );
  expect(await openIds(rig.venue)).toHaveLength(1);
  await rig.clock.advanceAsync(10_000);
  expect(await openIds(rig.venue)).toHaveLength(0);
});

test('after Goodbye DONE nothing is swept, after RESTART the grace runs', async () => {
  const done = await connector();
  const leaver = await welcomed(done);
  await leaver.command(place());
  await leaver.goodbye(GoodbyeReason.DONE);
  expect(leaver.ending).toBe('ended');
  await done.clock.advanceAsync(60_000);
  expect(await openIds(done.venue)).toHaveLength(1);

  const restart = await connector();
  const comer = await welcomed(restart);
  await comer.command(place());
  await comer.goodbye(GoodbyeReason.RESTART);
  await restart.clock.advanceAsync(10_000);
  expect(await openIds(restart.venue)).toHaveLength(0);
});

test('draining tells the engine, denies new risk, lets cancels pass, and is over with the Goodbye', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place());
  let isDrained = false;
  const drained = rig.core.drain(20_000).then(() => {
    isDrained = true;
  });
  await rig.clock.advanceAsync(0);
  expect(client.events.at(-1)?.event?.$case).toBe('draining');
  await client.command(place());
  await client.command({ $case: 'cancelAll', value: { symbol: SYMBOL } });
  expect(client.results).toEqual(['1 accepted', '2 denied DRAINING', '3 accepted']);
  expect(isDrained).toBe(false);
  await client.goodbye(GoodbyeReason.DONE);
  await rig.clock.advanceAsync(0);
  expect(isDrained).toBe(true);
  await drained;
});

test('an engine that hands over while the connector drains keeps its orders and ends the drain', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place());
  let isDrained = false;
  void rig.core.drain(20_000).then(() => {
    isDrained = true;
  });
  await client.goodbye(GoodbyeReason.RESTART);
  expect(isDrained).toBe(true);
  expect(await openIds(rig.venue)).toHaveLength(1);
});

test('draining without a session cancels ours; with a deaf engine it ends at the deadline', async () => {
  const alone = await connector();
  const leaver = await welcomed(alone);
  await leaver.command(place());
  await leaver.goodbye(GoodbyeReason.DONE);
  await alone.core.drain(20_000);
  expect(await openIds(alone.venue)).toHaveLength(0);

  const deaf = await connector();
  const client = await welcomed(deaf);
  let isDrained = false;
  const drained = deaf.core.drain(5_000).then(() => {
    isDrained = true;
  });
  await deaf.clock.advanceAsync(4_999);
  expect(isDrained).toBe(false);
  await deaf.clock.advanceAsync(1);
  await drained;
  await deaf.core.close();
  await deaf.clock.advanceAsync(0);
  expect(client.frames.at(-1)).toEqual({ $case: 'goodbye', value: { reason: GoodbyeReason.DRAINED } });
});

test('a connector that leaves does not wait out a grace that is longer than its drain: ours are cancelled before', async () => {
  const rig = await connector({ graceMs: 60_000 });
  const client = await welcomed(rig);
  await client.command(place());
  await client.drop();
  let isDrained = false;
  const drained = rig.core.drain(20_000).then(() => {
    isDrained = true;
  });
  await rig.clock.advanceAsync(10_000);
  expect(await openIds(rig.venue)).toHaveLength(1);
  await rig.clock.advanceAsync(9_000);
  expect(await openIds(rig.venue)).toHaveLength(0);
  expect(isDrained).toBe(true);
  await drained;
});

test('a connector that leaves does not touch what a newer owner placed through another connector', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  await client.command(place());
  await client.goodbye(GoodbyeReason.DONE);
  const order = PlaceOrder.fromPartial({ clientOrderId: 'bin_2_other1', symbol: SYMBOL, price: '100', quantity: '1' });
  await rig.venue.place(order, () => undefined);
  await rig.core.drain(20_000);
  expect(await openIds(rig.venue)).toEqual(['bin_2_other1']);
});

test('the last events leave before the Goodbye', async () => {
  const rig = await connector();
  const client = await welcomed(rig);
  rig.venue.emit({ kind: 'order', order: Order.fromPartial({ venueOrderId: 'last' }) });
  await rig.core.close();
  await rig.clock.advanceAsync(0);
  expect(client.frames.slice(-2).map(({ $case }) => $case)).toEqual(['event', 'goodbye']);
});

test('the countdown is armed while a session is held, refreshed, and stopped when it is over', async () => {
  const armed: number[] = [];
  const rig = await connector({ exclusiveAccount: true }, (venue) => {
    const deadMan = { scope: 1, minMs: 5_000, maxMs: 30_000, oneShot: false };
    const capabilities = { ...venue.profile.capabilities, deadMan };
    const armDeadMan = async (_symbol: string, countdownMs: number) => void armed.push(countdownMs);
    Object.assign(venue, { profile: { ...venue.profile, capabilities }, armDeadMan });
  });
  const client = await welcomed(rig);
  for (let beat = 0; beat < 11; beat++) {
    await rig.clock.advanceAsync(1_000);
    await client.send({ $case: 'heartbeat', value: { sentAtUs: rig.clock.wallUs() } });
  }
  expect(armed).toEqual([30_000, 30_000]);
  await client.goodbye(GoodbyeReason.DONE);
  await rig.clock.advanceAsync(60_000);
  expect(armed).toEqual([30_000, 30_000, 0]);
});
