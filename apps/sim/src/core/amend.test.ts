import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import type { Core } from './core-api.ts';
import { accepted, codeOf, place, SYMBOL, testVenue } from './test-support.ts';

function amend(core: Core, clientOrderId: string, at: string, amount: string) {
  const order = { by: 'client', clientOrderId } as const;
  return core.amend({ accountId: 'a', symbol: SYMBOL, order, price: price(at), quantity: quantity(amount) });
}

test('an amend keeps what was executed and the order id, and says what changed', async () => {
  const { core, events } = await testVenue();
  const before = place(core, { clientOrderId: 'x', quantity: quantity('2') });
  place(core, { clientOrderId: 's', accountId: 'b', side: 'sell', quantity: quantity('0.5') });
  const after = accepted(amend(core, 'x', '59999', '3'));
  expect<unknown>([after.venueOrderId, after.executedQuantity, after.quantity, after.price, after.status]).toEqual([
    before.venueOrderId,
    '0.5',
    '3',
    '59999',
    'partially_filled',
  ]);
  expect<unknown>(core.book(SYMBOL, 5)?.bids).toEqual([['59999', '2.5']]);
  const executions = events.flatMap((event) => (event.kind === 'order' ? [event.execution] : []));
  expect(executions).toEqual(['new', 'new', 'amended']);
});

test('an amend that crosses takes, and one of a post-only order that would take cancels it', async () => {
  const { core } = await testVenue();
  place(core, { clientOrderId: 's', accountId: 'b', side: 'sell', price: price('60010'), quantity: quantity('0.3') });
  place(core, { clientOrderId: 'gtc' });
  place(core, { clientOrderId: 'gtx', timeInForce: 'gtx' });
  const canceled = accepted(amend(core, 'gtx', '60010', '1'));
  expect([canceled.status, canceled.end?.by, canceled.end?.reason]).toEqual([
    'canceled',
    'venue',
    'post_only_would_take',
  ]);
  const crossed = accepted(amend(core, 'gtc', '60010', '1'));
  expect<unknown>([crossed.status, crossed.executedQuantity]).toEqual(['partially_filled', '0.3']);
  expect<unknown>(core.book(SYMBOL, 5)).toMatchObject({ bids: [['60010', '0.7']], asks: [] });
});

test('an amend to no more than was executed cancels the order', async () => {
  const { core } = await testVenue();
  place(core, { clientOrderId: 'x' });
  place(core, { clientOrderId: 's', accountId: 'b', side: 'sell', quantity: quantity('0.5') });
  const ended = accepted(amend(core, 'x', '60000', '0.5'));
  expect([ended.status, ended.end?.reason]).toEqual(['canceled', 'amended_below_executed']);
  expect(core.book(SYMBOL, 5)?.bids).toEqual([]);
});

test('a refused amend leaves the order as it was', async () => {
  const { core } = await testVenue();
  const order = place(core, { clientOrderId: 'x' });
  expect(codeOf(amend(core, 'x', '60000.05', '1'))).toBe('bad_tick');
  expect(codeOf(amend(core, 'x', '60000', '900'))).toBe('insufficient_margin');
  expect(codeOf(amend(core, 'x', '66000', '1'))).toBe('price_out_of_band');
  expect(core.order('a', SYMBOL, { by: 'client', clientOrderId: 'x' })).toEqual(order);
});
