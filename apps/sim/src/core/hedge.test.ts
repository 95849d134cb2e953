import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import type { Core } from './core-api.ts';
import { accepted, codeOf, newOrder, place, SYMBOL, testVenue } from './test-support.ts';

async function hedged() {
  const venue = await testVenue();
  accepted(venue.core.setPositionMode('a', 'hedge'));
  place(venue.core, { clientOrderId: 'asks', accountId: 'b', side: 'sell', quantity: quantity('20') });
  place(venue.core, { clientOrderId: 'bids', accountId: 'b', price: price('59990'), quantity: quantity('20') });
  return venue;
}

function positions(core: Core) {
  const held = core.account('a')?.positions ?? [];
  return Object.fromEntries(held.map((position) => [position.positionSide, position.quantity]));
}

test('a long and a short stand beside each other, each with its own cost', async () => {
  const { core, events } = await hedged();
  place(core, { clientOrderId: 'l', positionSide: 'long', quantity: quantity('3') });
  place(core, {
    clientOrderId: 's',
    positionSide: 'short',
    side: 'sell',
    price: price('59990'),
    quantity: quantity('2'),
  });
  expect<unknown>(positions(core)).toEqual({ long: '3', short: '-2' });
  const account = core.account('a');
  expect(account?.positionMode).toBe('hedge');
  expect<unknown>(account?.positions.map(({ cost }) => cost)).toEqual(['180000', '-119980']);
  const told = events.flatMap((event) =>
    event.kind === 'account' && event.accountId === 'a' ? [event.positions] : [],
  );
  expect(told.at(-1)).toMatchObject([{ positionSide: 'short', quantity: '-2' }]);
});

test('an order that closes trades no more than its position, needs no margin, and is refused without one', async () => {
  const { core } = await hedged();
  const close = { side: 'sell', positionSide: 'long', price: price('59990'), quantity: quantity('5') } as const;
  expect(codeOf(core.place(newOrder({ clientOrderId: 'none', ...close })))).toBe('reduce_only_rejected');
  place(core, { clientOrderId: 'l', positionSide: 'long', quantity: quantity('3') });
  const closed = place(core, { clientOrderId: 'close', ...close });
  expect<unknown>([closed.status, closed.executedQuantity, closed.end?.reason]).toEqual([
    'expired',
    '3',
    'reduce_only_excess',
  ]);
  expect<unknown>(positions(core)).toEqual({ long: '0', short: '0' });
});

test('a resting close shrinks with its own side alone', async () => {
  const { core } = await hedged();
  place(core, { clientOrderId: 'l', positionSide: 'long', quantity: quantity('2') });
  place(core, {
    clientOrderId: 's',
    positionSide: 'short',
    side: 'sell',
    price: price('59990'),
    quantity: quantity('2'),
  });
  place(core, {
    clientOrderId: 'cl',
    positionSide: 'long',
    side: 'sell',
    price: price('61000'),
    quantity: quantity('2'),
  });
  place(core, { clientOrderId: 'cs', positionSide: 'short', quantity: quantity('2') });
  expect<unknown>(core.openOrders('a').map(({ clientOrderId }) => clientOrderId)).toEqual(['cl']);
  place(core, {
    clientOrderId: 'half',
    positionSide: 'long',
    side: 'sell',
    price: price('59990'),
    quantity: quantity('2'),
  });
  expect(core.order('a', SYMBOL, { by: 'client', clientOrderId: 'cl' })?.end?.reason).toBe('reduce_only_excess');
});

test('a side that the mode has not is refused', async () => {
  const { core } = await hedged();
  expect(codeOf(core.place(newOrder({ clientOrderId: 'x' })))).toBe('position_side_mismatch');
  expect(codeOf(core.place(newOrder({ clientOrderId: 'x', accountId: 'b', positionSide: 'short' })))).toBe(
    'position_side_mismatch',
  );
});

test('mode and margin type change only with nothing open, and are told', async () => {
  const { core, events } = await testVenue();
  place(core, { clientOrderId: 'rests' });
  expect(codeOf(core.setPositionMode('a', 'hedge'))).toBe('open_orders_exist');
  expect(codeOf(core.setMarginType('a', SYMBOL, 'isolated'))).toBe('open_orders_exist');
  place(core, { clientOrderId: 'hit', accountId: 'b', side: 'sell' });
  expect(codeOf(core.setPositionMode('a', 'hedge'))).toBe('positions_exist');
  expect(codeOf(core.setMarginType('a', SYMBOL, 'isolated'))).toBe('positions_exist');
  expect(core.positionMode('a')).toBe('one_way');
  core.createAccount({ accountId: 'c', deposits: [] });
  accepted(core.setMarginType('c', SYMBOL, 'isolated'));
  accepted(core.setPositionMode('c', 'hedge'));
  expect(core.marginType('c', SYMBOL)).toBe('isolated');
  const told = events.filter(({ kind }) => kind === 'margin_type' || kind === 'position_mode');
  expect(told).toMatchObject([{ marginType: 'isolated' }, { positionMode: 'hedge' }]);
});

test('the margin of an isolated position is told apart', async () => {
  const { core } = await testVenue();
  accepted(core.setMarginType('a', SYMBOL, 'isolated'));
  place(core, { clientOrderId: 'ask', accountId: 'b', side: 'sell' });
  place(core, { clientOrderId: 'long' });
  const [position] = core.account('a')?.positions ?? [];
  expect(position?.marginType).toBe('isolated');
  expect(position?.isolatedMargin).toBe(position?.initialMargin);
  expect<unknown>(core.account('b')?.positions[0]?.isolatedMargin).toBe('0');
});
