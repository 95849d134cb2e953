/** DUP: nothing is done twice. */
import { DenyRule, OrderStatus, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { batchPlace } from '../needs.ts';
import { expectAccepted, expectDenied } from '../suite/fates.ts';
import { expectEqual } from '../suite/mismatch.ts';

const sameId: Card = {
  id: 'DUP-01',
  title: 'A client order id goes to the venue once in a boot, also after its order has ended',
  manner: 'session',
  needs: [],
  action: 'Place an order; place it again; cancel it; place it again; and again in a later epoch.',
  expected: ['accepted', 'denied{DUPLICATE} each time'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    await session.accept(order);
    expectDenied(await session.place(order), DenyRule.DUPLICATE);
    await session.cancel(bench.reference(order.clientOrderId));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    expectDenied(await session.place(order), DenyRule.DUPLICATE);
    const later = await bench.session();
    expectDenied(await later.place(order), DenyRule.DUPLICATE);
  },
};

const inOneBatch: Card = {
  id: 'DUP-02',
  title: 'An id that stands twice in one batch is placed once',
  manner: 'session',
  needs: [batchPlace],
  action: 'Place a batch of two orders with the same id.',
  expected: ['accepted for the first', 'denied{DUPLICATE} for the second', 'one order'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    const [first, second] = await session.run({ $case: 'placeBatch', value: { orders: [order, order] } });
    expectAccepted(first);
    expectDenied(second, DenyRule.DUPLICATE);
    await session.status(order.clientOrderId, OrderStatus.OPEN);
    const ids = session.orders(order.clientOrderId).map(({ venueOrderId }) => venueOrderId);
    expectEqual(new Set(ids).size, 1, 'venue orders');
  },
};

const sameCommandSeq: Card = {
  id: 'DUP-03',
  title: 'A command number that came before breaks the stream, and the command is not run',
  manner: 'session',
  needs: [],
  action: 'Send command 1, an order; send another order as command 1; resume.',
  expected: [
    'result of command 1',
    'the stream fails with PROTOCOL',
    'resumed: true, last_command_seq 1',
    'no order of the second',
  ],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    await session.accept(bench.orders.resting(Side.BUY, quote));
    const second = bench.orders.resting(Side.BUY, quote);
    session.command({ $case: 'place', value: second }, { commandSeq: 1 });
    expectEqual(await session.stream.ending('the stream to fail'), 'PROTOCOL', 'the end of the stream');
    const { bootId } = session.welcome;
    const lastSeen = { bootId, seq: session.events.at(-1)?.seq ?? 0 };
    const resumed = await bench.session({ epoch: session.epoch, attempt: 2, lastSeen });
    const { resumed: isResumed, lastCommandSeq } = resumed.welcome;
    expectEqual([isResumed, lastCommandSeq], [true, 1], 'resumed and last_command_seq');
    const open = await bench.openOrders();
    expectEqual(open.filter((each) => each.clientOrderId === second.clientOrderId).length, 0, 'orders of the second');
  },
};

export const DUPLICATES = group('DUP', 'Duplicates', [sameId, inOneBatch, sameCommandSeq]);
