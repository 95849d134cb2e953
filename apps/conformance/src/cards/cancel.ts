/** CXL: cancels. */
import { DenyRule, OrderStatus, RejectReason, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { method } from '../needs.ts';
import { expectAccepted, expectDenied, expectRejected } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';

const ofUnknown: Card = {
  id: 'CXL-01',
  title: 'A cancel of an order that never was is rejected',
  manner: 'session',
  needs: [],
  action: 'Cancel a client order id that was never placed.',
  expected: ['rejected{ORDER_NOT_OPEN}: proof that it is not open, none that it never was'],
  async run(bench) {
    const session = await bench.session();
    expectRejected(await session.cancel(bench.reference(bench.mint())), RejectReason.ORDER_NOT_OPEN);
  },
};

const twice: Card = {
  id: 'CXL-02',
  title: 'A second cancel of the same order is rejected',
  manner: 'session',
  needs: [],
  action: 'Place a resting order; cancel it; cancel it again.',
  expected: ['accepted', 'order CANCELED', 'rejected{ORDER_NOT_OPEN}'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    await session.accept(order);
    expectAccepted(await session.cancel(bench.reference(order.clientOrderId)));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    expectRejected(await session.cancel(bench.reference(order.clientOrderId)), RejectReason.ORDER_NOT_OPEN);
  },
};

const byVenueId: Card = {
  id: 'CXL-03',
  title: "A cancel by the venue's id alone ends the order and names that id",
  manner: 'session',
  needs: [],
  action: 'Place a resting order; cancel it by venue_order_id alone.',
  expected: ['accepted, with venue_order_id in the outcome', 'order CANCELED'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    const { venueOrderId } = await session.accept(order);
    const outcome = await session.cancel(bench.reference('', venueOrderId));
    expectAccepted(outcome);
    expectEqual(outcome.venueOrderId, venueOrderId, 'venue_order_id of the outcome');
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
  },
};

const nameless: Card = {
  id: 'CXL-04',
  title: 'A cancel that names no order is denied',
  manner: 'session',
  needs: [],
  action: 'Cancel without any id; cancel an order of another symbol.',
  expected: ['denied{INVALID, order.client_order_id}', 'denied{INVALID, order.symbol}'],
  async run(bench) {
    const session = await bench.session();
    expectDenied(await session.cancel(bench.reference('')), DenyRule.INVALID, 'order.client_order_id');
    const strange = { ...bench.reference(bench.mint()), symbol: 'NOPE/NOPE' };
    expectDenied(await session.cancel(strange), DenyRule.INVALID, 'order.symbol');
  },
};

const all: Card = {
  id: 'CXL-05',
  title: 'Cancel all ends every order with our tag, and names each',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  action: 'Place three resting orders; cancel all of the symbol.',
  expected: [
    "one outcome for each of ours that was open, accepted; none for anybody else's",
    'three orders CANCELED',
    'nothing of ours is open',
  ],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    const ids: string[] = [];
    for (let index = 0; index < 3; index++) {
      const order = bench.orders.resting(Side.BUY, quote);
      await session.accept(order);
      ids.push(order.clientOrderId);
    }
    const { orderTag } = bench.target.description;
    const outcomes = await session.run({ $case: 'cancelAll', value: { symbol: bench.symbol } });
    const named = outcomes.map(({ clientOrderId }) => clientOrderId);
    for (const id of ids) expect(named.includes(id), `an outcome for ${id}`, named.join(', '));
    expect(
      named.every((id) => id.startsWith(`${orderTag}_`)),
      'outcomes for orders with our tag alone',
      named.join(', '),
    );
    for (const outcome of outcomes) expectAccepted(outcome);
    for (const id of ids) await session.status(id, OrderStatus.CANCELED);
    const left = (await bench.openOrders()).filter(({ clientOrderId }) => clientOrderId.startsWith(`${orderTag}_`));
    expectEqual(left.length, 0, 'open orders of ours');
  },
};

const allOfNone: Card = {
  id: 'CXL-06',
  title: 'Cancel all with nothing open is a result without outcomes',
  manner: 'session',
  needs: [],
  action: 'Cancel all of every symbol while nothing of ours is open; cancel all of a strange symbol.',
  expected: ['a result with no outcome', 'denied{INVALID, symbol}'],
  async run(bench) {
    const session = await bench.session();
    expectEqual((await session.run({ $case: 'cancelAll', value: { symbol: '' } })).length, 0, 'outcomes');
    const [denied] = await session.run({ $case: 'cancelAll', value: { symbol: 'NOPE/NOPE' } });
    expectDenied(denied, DenyRule.INVALID, 'symbol');
  },
};

export const CANCEL = group('CXL', 'Cancel', [ofUnknown, twice, byVenueId, nameless, all, allOfNone]);
