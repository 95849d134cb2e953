/** BAT: several orders in one command, each with a fate of its own. */
import {
  DenyRule,
  OrderStatus,
  type PlaceOrder,
  RejectReason,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { batchCancel, batchPlace, postOnly } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectAccepted, expectDenied, expectRejected } from '../suite/fates.ts';
import { expectEqual } from '../suite/mismatch.ts';
import type { CommandBody } from '../suite/session.ts';

/** As many as a batch may have, but no more than shows the point. */
const MOST = 3;

async function several(bench: Bench): Promise<PlaceOrder[]> {
  const quote = await bench.quote();
  const count = Math.min(MOST, bench.target.capabilities.maxBatchPlace);
  return Array.from({ length: count }, () => bench.orders.resting(Side.BUY, quote));
}

function batch(orders: PlaceOrder[]): CommandBody {
  return { $case: 'placeBatch', value: { orders } };
}

const allAccepted: Card = {
  id: 'BAT-01',
  title: 'A batch gives each order its outcome, in the order of the command',
  manner: 'session',
  needs: [batchPlace],
  action: 'Place a batch of resting orders.',
  expected: ['one result with one accepted outcome an order, in their order', 'each order OPEN'],
  async run(bench) {
    const session = await bench.session();
    const orders = await several(bench);
    const outcomes = await session.run(batch(orders));
    const ids = orders.map(({ clientOrderId }) => clientOrderId);
    expectEqual(
      outcomes.map(({ clientOrderId }) => clientOrderId),
      ids,
      "the outcomes' ids",
    );
    for (const outcome of outcomes) expectAccepted(outcome);
    for (const id of ids) await session.status(id, OrderStatus.OPEN);
  },
};

const oneInvalid: Card = {
  id: 'BAT-02',
  title: 'One impossible order of a batch is denied alone',
  manner: 'session',
  needs: [batchPlace],
  action: 'Place a batch whose second order has no price.',
  expected: ['denied{INVALID, orders[1].price} for it', 'accepted for the others', 'the others OPEN'],
  async run(bench) {
    const session = await bench.session();
    const orders = (await several(bench)).map((order, index) => (index === 1 ? withoutPrice(order) : order));
    const outcomes = await session.run(batch(orders));
    expectEqual(outcomes.length, orders.length, 'the number of outcomes');
    for (const [index, outcome] of outcomes.entries()) {
      if (index === 1) expectDenied(outcome, DenyRule.INVALID, 'orders[1].price');
      else expectAccepted(outcome);
    }
  },
};

function withoutPrice({ price: _, ...order }: PlaceOrder): PlaceOrder {
  return order;
}

const oneRejected: Card = {
  id: 'BAT-03',
  title: 'One order of a batch that the venue refuses fails alone',
  manner: 'session',
  needs: [batchPlace, postOnly],
  action: 'Place a batch whose first order is post-only through the ask.',
  expected: [
    'it is rejected{POST_ONLY}, or accepted and ended without a fill',
    'accepted for the others, which are OPEN',
  ],
  async run(bench) {
    const session = await bench.session();
    const crossing = bench.orders.taking(Side.BUY, await bench.quote(), {
      postOnly: true,
      timeInForce: TimeInForce.GTC,
    });
    const orders = (await several(bench)).map((order, index) => (index === 0 ? crossing : order));
    const [first, ...others] = await session.run(batch(orders));
    if (first?.fate?.$case === 'rejected') expectRejected(first, RejectReason.POST_ONLY);
    else expectEqual((await session.ended(crossing.clientOrderId)).filledQuantity, '0', 'filled_quantity');
    expectEqual(others.length, orders.length - 1, 'the number of other outcomes');
    for (const outcome of others) expectAccepted(outcome);
    for (const { clientOrderId } of orders.slice(1)) await session.status(clientOrderId, OrderStatus.OPEN);
  },
};

const tooMany: Card = {
  id: 'BAT-04',
  title: 'A batch larger than Describe allows is denied whole, and never split',
  manner: 'session',
  needs: [],
  action: 'Place a batch of one order more than max_batch_place.',
  expected: [
    'every outcome denied{INVALID, orders}, or denied{UNSUPPORTED} where no batches are taken',
    'no order event',
  ],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    const { maxBatchPlace } = bench.target.capabilities;
    const orders = Array.from({ length: maxBatchPlace + 1 }, () => bench.orders.resting(Side.BUY, quote));
    const outcomes = await session.run(batch(orders));
    expectEqual(outcomes.length, orders.length, 'the number of outcomes');
    for (const outcome of outcomes) {
      if (maxBatchPlace === 0) expectDenied(outcome, DenyRule.UNSUPPORTED);
      else expectDenied(outcome, DenyRule.INVALID, 'orders');
    }
    expectEqual(orders.flatMap(({ clientOrderId }) => session.orders(clientOrderId)).length, 0, 'order events');
  },
};

const cancels: Card = {
  id: 'BAT-05',
  title: 'A batch of cancels gives each order its outcome, also where one is not open',
  manner: 'session',
  needs: [batchCancel],
  action: 'Place an order; cancel it and an id that was never placed in one batch.',
  expected: ['accepted, then rejected{ORDER_NOT_OPEN}, in the order of the command', 'order CANCELED'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    await session.accept(order);
    const orders = [bench.reference(order.clientOrderId), bench.reference(bench.mint())];
    const outcomes = await session.run({ $case: 'cancelBatch', value: { orders } });
    const ids = orders.map(({ clientOrderId }) => clientOrderId);
    expectEqual(
      outcomes.map(({ clientOrderId }) => clientOrderId),
      ids,
      "the outcomes' ids",
    );
    expectAccepted(outcomes[0]);
    expectRejected(outcomes[1], RejectReason.ORDER_NOT_OPEN);
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
  },
};

export const BATCH = group('BAT', 'Batches', [allAccepted, oneInvalid, oneRejected, tooMany, cancels]);
