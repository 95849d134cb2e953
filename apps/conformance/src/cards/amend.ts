/** AMD: amends, in place or by replacement, and what they race with. */
import { AmendSupport } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  AmendOrder,
  DenyRule,
  OrderStatus,
  type PlaceOrder,
  RejectReason,
  Side,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { amends, method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectAccepted, expectDenied, expectRejected } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { acceptedOrder, read, type Session } from '../suite/session.ts';

async function resting(bench: Bench, session: Session, times = 1): Promise<PlaceOrder> {
  const quote = await bench.quote();
  const order = bench.orders.resting(Side.BUY, quote);
  const sized = { ...order, quantity: bench.orders.quantity(read(order.price, 'price'), times) };
  await session.accept(sized);
  await session.status(sized.clientOrderId, OrderStatus.OPEN);
  return sized;
}

function amendOf(bench: Bench, order: PlaceOrder, changes: Partial<AmendOrder> = {}) {
  const value = AmendOrder.fromPartial({
    order: bench.reference(order.clientOrderId),
    newClientOrderId: bench.mint(),
    side: order.side,
    price: order.price ?? '',
    quantity: order.quantity,
    ...changes,
  });
  return { $case: 'amend' as const, value };
}

/** Which id the order goes by after an amend. */
function idAfter({ target }: Bench, order: PlaceOrder, amend: AmendOrder): string {
  return target.capabilities.amend === AmendSupport.REPLACE ? amend.newClientOrderId : order.clientOrderId;
}

const changesPrice: Card = {
  id: 'AMD-01',
  title: 'An amend moves the price of a resting order',
  manner: 'session',
  needs: [amends, method('ListOpenOrders')],
  action: 'Place a resting order; amend its price by ten ticks; list the open orders.',
  expected: [
    'result accepted with the new price',
    'one open order: the same id in place, the new id after a replacement',
  ],
  async run(bench) {
    const session = await bench.session();
    const order = await resting(bench, session, 2);
    const price = bench.orders.moved(read(order.price, 'price'), -10);
    const amend = amendOf(bench, order, { price });
    const outcome = await session.one(amend);
    expectEqual(outcome.clientOrderId, amend.value.newClientOrderId, 'the order that the outcome names');
    acceptedOrder(outcome, 'an accepted amend');
    const id = idAfter(bench, order, amend.value);
    const ours = (await bench.openOrders()).filter(({ clientOrderId }) =>
      [order.clientOrderId, amend.value.newClientOrderId].includes(clientOrderId),
    );
    expectEqual(
      ours.map((each) => [each.clientOrderId, each.price]),
      [[id, price]],
      'the open order',
    );
  },
};

const changesQuantity: Card = {
  id: 'AMD-02',
  title: 'An amend sets the new total quantity',
  manner: 'session',
  needs: [amends, method('ListOpenOrders')],
  action: 'Place a resting order of twice the least; amend it to three times.',
  expected: ['result accepted', 'the open order has the new quantity and the old price'],
  async run(bench) {
    const session = await bench.session();
    const order = await resting(bench, session, 2);
    const quantity = bench.orders.quantity(read(order.price, 'price'), 3);
    const amend = amendOf(bench, order, { quantity });
    expectAccepted(await session.one(amend));
    const id = idAfter(bench, order, amend.value);
    const open = (await bench.openOrders()).find(({ clientOrderId }) => clientOrderId === id);
    expectEqual([open?.price, open?.quantity], [order.price, quantity], 'price and quantity of the open order');
  },
};

const unknownOrder: Card = {
  id: 'AMD-03',
  title: 'An amend of an order that never was is refused',
  manner: 'session',
  needs: [amends],
  action: 'Amend a client order id that was never placed.',
  expected: ['rejected{ORDER_NOT_OPEN} (OTHER where the venue has no code for it), or denied{INVALID, order}'],
  async run(bench) {
    const session = await bench.session();
    const never = bench.orders.resting(Side.BUY, await bench.quote());
    const outcome = await session.one(amendOf(bench, never));
    // Where an amend needs more than the command says, the order is looked up first, and nothing is sent for none.
    if (outcome.fate?.$case === 'denied') expectDenied(outcome, DenyRule.INVALID, 'order');
    else expectRejected(outcome, RejectReason.ORDER_NOT_OPEN, RejectReason.OTHER);
  },
};

const racesCancel: Card = {
  id: 'AMD-04',
  title: 'An amend that races a cancel leaves nothing open and one result for each',
  manner: 'session',
  needs: [amends, method('ListOpenOrders')],
  action: 'Place a resting order; send an amend and a cancel of it in one message.',
  expected: [
    'one result for each command',
    'no open order under either id, or the successor alone if the cancel came too early for it',
  ],
  async run(bench) {
    const session = await bench.session();
    const order = await resting(bench, session, 2);
    const amend = amendOf(bench, order, { price: bench.orders.moved(read(order.price, 'price'), -10) });
    const cancel = { $case: 'cancel' as const, value: { order: bench.reference(order.clientOrderId) } };
    const frames = [session.frame(amend), session.frame(cancel)];
    session.stream.send(...frames);
    for (const { value } of frames) {
      const { outcomes } = await session.result(value.commandSeq);
      const fate = outcomes[0]?.fate?.$case;
      expect(fate === 'accepted' || fate === 'rejected', 'accepted or rejected', String(fate));
      expectEqual(session.results(value.commandSeq).length, 1, `results of command ${value.commandSeq}`);
    }
    const successor = amend.value.newClientOrderId;
    const open = await bench.openOrders();
    expect(!open.some((each) => each.clientOrderId === order.clientOrderId), 'the order ended', 'it is open');
    const isLeft = open.some((each) => each.clientOrderId === successor);
    const isReplacing = bench.target.capabilities.amend === AmendSupport.REPLACE;
    expect(!isLeft || isReplacing, 'no successor of an amend in place', 'one is open');
    if (isLeft) expectAccepted(await session.cancel(bench.reference(successor)));
  },
};

const racesFill: Card = {
  id: 'AMD-05',
  title: 'An amend through the market fills the order once, by its total',
  manner: 'session',
  needs: [amends],
  action: 'Place a resting order; amend its price through the ask.',
  expected: ['result accepted', 'fills that add up to the quantity, each once', 'order FILLED'],
  async run(bench) {
    const session = await bench.session();
    const order = await resting(bench, session);
    const price = bench.orders.through(Side.BUY, await bench.quote());
    const amend = amendOf(bench, order, { price });
    expectAccepted(await session.one(amend));
    const id = idAfter(bench, order, amend.value);
    const ended = await session.status(id, OrderStatus.FILLED);
    expectEqual(ended.filledQuantity, order.quantity, 'filled_quantity');
    await session.filled(id, read(order.quantity, 'quantity'));
  },
};

const ownIntent: Card = {
  id: 'AMD-06',
  title: 'An amend needs a client id of its own, never used before',
  manner: 'session',
  needs: [amends],
  action: 'Place a resting order; amend it under an id that was used; amend it without one.',
  expected: ['denied{DUPLICATE}', 'denied{INVALID, new_client_order_id}', 'the order stays as it was'],
  async run(bench) {
    const session = await bench.session();
    const order = await resting(bench, session);
    const price = bench.orders.moved(read(order.price, 'price'), -10);
    const used = amendOf(bench, order, { price, newClientOrderId: order.clientOrderId });
    expectDenied(await session.one(used), DenyRule.DUPLICATE);
    const nameless = amendOf(bench, order, { price, newClientOrderId: '' });
    expectDenied(await session.one(nameless), DenyRule.INVALID, 'new_client_order_id');
    const prices = session.orders(order.clientOrderId).map((each) => each.price);
    expect(
      prices.every((each) => each === order.price),
      'the old price',
      prices.join(', '),
    );
  },
};

export const AMEND = group('AMD', 'Amend', [
  changesPrice,
  changesQuantity,
  unknownOrder,
  racesCancel,
  racesFill,
  ownIntent,
]);
