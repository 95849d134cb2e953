import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import { accepted, newOrder, place, SYMBOL, testVenue } from './test-support.ts';

test('a request tells of orders and fills, then accounts, then the market, before it returns', async () => {
  const { core, events } = await testVenue();
  place(core, { clientOrderId: 'ask', accountId: 'b', side: 'sell', price: price('60001'), quantity: quantity('2') });
  place(core, { clientOrderId: 'bid' });
  events.length = 0;
  place(core, { clientOrderId: 'taker', price: price('60001') });
  const seen = events.map((event) => (event.kind === 'fill' ? `fill ${event.fill.clientOrderId}` : event.kind));
  const expected = ['order', 'fill taker', 'fill ask', 'account', 'account', 'trade', 'book_delta', 'best_quote'];
  expect(seen).toEqual(expected);
});

test('an account that trades with itself pays both fees and holds nothing', async () => {
  const { core, events } = await testVenue();
  place(core, { clientOrderId: 'ask', side: 'sell' });
  place(core, { clientOrderId: 'bid' });
  expect<unknown>(core.account('a')?.positions[0]?.quantity).toBe('0');
  // 60000 at 0.0002 and at 0.0005.
  expect<unknown>(core.account('a')?.assets[0]?.walletBalance).toBe('999958');
  expect(events.filter((event) => event.kind === 'account').length).toBe(1);
});

test('a listener that places an order from within an event hears of it after what it was hearing', async () => {
  const { core, events } = await testVenue();
  let placed = false;
  core.subscribe((event) => {
    if (event.kind !== 'order' || placed) return;
    placed = true;
    accepted(core.place(newOrder({ clientOrderId: 'inner', price: price('59000') })));
  });
  place(core, { clientOrderId: 'outer' });
  const seen = events.map((event) => (event.kind === 'order' ? event.order.clientOrderId : event.kind));
  expect(seen).toEqual(['outer', 'book_delta', 'inner', 'book_delta']);
});

test('a listener that left hears nothing more', async () => {
  const { core } = await testVenue();
  let heard = 0;
  const leave = core.subscribe(() => heard++);
  leave();
  place(core, { clientOrderId: 'x' });
  expect(heard).toBe(0);
});

test('the truth has the request first, then what came of it, as one piece', async () => {
  const { core } = await testVenue();
  place(core, { clientOrderId: 'ask', accountId: 'b', side: 'sell' });
  const from = core.truth(0, 100_000).length;
  const order = place(core, { clientOrderId: 'bid' });
  const entries = core.truth(from, 100);
  expect(entries.map(({ kind }) => kind)).toEqual([
    'request',
    'order',
    'order',
    'fill',
    'order',
    'fill',
    'balance',
    'position',
    'balance',
    'position',
  ]);
  expect(entries[0]).toMatchObject({ verdict: { kind: 'accepted', venueOrderId: order.venueOrderId } });
  expect(core.fills('a', SYMBOL, { limit: 9, venueOrderId: order.venueOrderId }).length).toBe(1);
});
