/** PRO: post-only, reduce-only, position sides, and what an order does to the account. */

import { compare, isZero, ZERO } from '@trunkline/proto/decimal';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { ExchangeServiceService as Service } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  Liquidity,
  OrderStatus,
  PositionSide,
  RejectReason,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { hedgeMode, method, perpetual, postOnly, reduceOnly } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectRejected } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { filledBy, hasEnded, read } from '../suite/session.ts';
import { take } from './order-life.ts';

const postOnlyRests: Card = {
  id: 'PRO-01',
  title: 'A post-only order that takes nothing rests',
  manner: 'session',
  needs: [postOnly],
  action: 'Place a post-only buy 4 % below the bid.',
  expected: ['order OPEN, post_only'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote(), { postOnly: true });
    await session.accept(order);
    const open = await session.status(order.clientOrderId, OrderStatus.OPEN);
    expectEqual(open.postOnly, true, 'post_only of the order');
  },
};

const postOnlyNeverTakes: Card = {
  id: 'PRO-02',
  title: 'A post-only order that would take never trades',
  manner: 'session',
  needs: [postOnly],
  action: 'Place a post-only buy through the ask.',
  expected: ['rejected{POST_ONLY}, or accepted and then order EXPIRED or CANCELED', 'no fill'],
  async run(bench) {
    const session = await bench.session();
    const changes = { postOnly: true, timeInForce: TimeInForce.GTC };
    const order = bench.orders.taking(Side.BUY, await bench.quote(), changes);
    const outcome = await session.place(order);
    if (outcome.fate?.$case === 'rejected') expectRejected(outcome, RejectReason.POST_ONLY);
    else {
      const ended = await session.ended(order.clientOrderId);
      expect(ended.status !== OrderStatus.FILLED, 'an end without a fill', OrderStatus[ended.status] ?? '');
    }
    expectEqual(session.fills(order.clientOrderId).length, 0, 'fills');
  },
};

const reduceOnlyOpensNothing: Card = {
  id: 'PRO-03',
  title: 'A reduce-only order without a position opens none',
  manner: 'session',
  needs: [reduceOnly, perpetual, method('ListPositions')],
  action: 'While flat, place a reduce-only sell through the bid.',
  expected: ['rejected{REDUCE_ONLY}, or accepted and ended without a fill', 'no fill'],
  async run(bench) {
    const session = await bench.session();
    await expectFlat(bench);
    const order = bench.orders.taking(Side.SELL, await bench.quote(), { reduceOnly: true });
    const outcome = await session.place(order);
    if (outcome.fate?.$case === 'rejected') expectRejected(outcome, RejectReason.REDUCE_ONLY);
    else expectEqual((await session.ended(order.clientOrderId)).filledQuantity, '0', 'filled_quantity');
    expectEqual(session.fills(order.clientOrderId).length, 0, 'fills');
  },
};

async function expectFlat(bench: Bench): Promise<void> {
  const quantities = await heldQuantities(bench);
  expect(quantities.every(isZero), `a flat position in ${bench.symbol} to begin with`, quantities.join(', '));
}

async function heldQuantities(bench: Bench) {
  const { positions } = await bench.call(Service.listPositions, { pageSize: 0, pageToken: '' });
  return positions.filter(({ symbol }) => symbol === bench.symbol).map(({ quantity }) => read(quantity, 'quantity'));
}

const reduceOnlyCloses: Card = {
  id: 'PRO-04',
  title: 'A reduce-only order closes a position and no more',
  manner: 'session',
  needs: [reduceOnly, perpetual, method('ListPositions')],
  action: 'Buy; place a reduce-only sell of twice that through the bid.',
  expected: [
    'the position is zero',
    'the sell filled what was bought, no more, or was rejected and then a sell of the same size filled',
  ],
  async run(bench) {
    const session = await bench.session();
    await expectFlat(bench);
    const bought = filledBy((await take(bench, session, Side.BUY)).fills);
    const twice = bench.orders.quantity((await bench.quote()).bid, 2);
    const order = bench.orders.taking(Side.SELL, await bench.quote(), { reduceOnly: true, quantity: twice });
    const outcome = await session.place(order);
    if (outcome.fate?.$case === 'rejected') {
      // Some venues cut an order that is too large, others refuse it whole.
      expectRejected(outcome, RejectReason.REDUCE_ONLY, RejectReason.INVALID_QUANTITY);
      await take(bench, session, Side.SELL, { reduceOnly: true, quantity: bought });
    } else {
      const { filledQuantity } = await session.ended(order.clientOrderId);
      const filled = read(filledQuantity, 'filled_quantity');
      expect(compare(filled, bought) <= 0, `at most ${bought} sold`, filled);
      await session.filled(order.clientOrderId, filled);
    }
    await expectFlat(bench);
  },
};

const positionFollows: Card = {
  id: 'PRO-05',
  title: 'A fill moves the position and the balance, as events and as queries',
  manner: 'session',
  needs: [perpetual, method('ListPositions')],
  action: 'Buy; wait for a position event; ListPositions.',
  expected: [
    'a positions event with the quantity bought and an entry price',
    'a balances event',
    'ListPositions says the same',
  ],
  async run(bench) {
    const session = await bench.session();
    await expectFlat(bench);
    const bought = filledBy((await take(bench, session, Side.BUY)).fills);
    const position = await session.stream.until(
      () =>
        session.events
          .flatMap(({ event }) => (event?.$case === 'positions' ? event.value.positions : []))
          .find(({ symbol, quantity }) => symbol === bench.symbol && quantity === bought),
      `a positions event with ${bought}`,
    );
    expect(position.entryPrice !== undefined, 'an entry price of an open position', 'none');
    await session.stream.until(
      () => session.events.find(({ event }) => event?.$case === 'balances'),
      'a balances event',
    );
    expectEqual(
      (await heldQuantities(bench)).filter((each) => each !== ZERO),
      [bought],
      'the position listed',
    );
  },
};

const hedge: Card = {
  id: 'PRO-06',
  title: 'In hedge mode an order acts on the position side that it names',
  manner: 'session',
  needs: [hedgeMode, perpetual, method('ListPositions')],
  action: 'Set HEDGE; open LONG and SHORT with the least quantity each; list; close each by its side; set ONE_WAY.',
  expected: [
    'fills carry their position side',
    'two positions at once: LONG above zero, SHORT below',
    'both zero after; one-way again',
  ],
  async run(bench) {
    const session = await bench.session();
    await expectFlat(bench);
    // Venues switch the mode of an empty account alone.
    const left = (await bench.openOrders()).map(({ clientOrderId }) => clientOrderId);
    expectEqual(left, [], 'orders that are open');
    await bench.call(Service.setPositionMode, { positionMode: PositionMode.HEDGE });
    try {
      const sides = [
        { positionSide: PositionSide.LONG, open: Side.BUY, close: Side.SELL },
        { positionSide: PositionSide.SHORT, open: Side.SELL, close: Side.BUY },
      ];
      for (const { positionSide, open } of sides) {
        const { fills } = await take(bench, session, open, { positionSide });
        const named = fills.map((fill) => fill.positionSide);
        expect(
          named.every((each) => each === positionSide),
          PositionSide[positionSide] ?? '',
          JSON.stringify(named),
        );
      }
      const { positions } = await bench.call(Service.listPositions, { pageSize: 0, pageToken: '' });
      const held = positions.filter(({ symbol, quantity }) => symbol === bench.symbol && quantity !== '0');
      const signs = held.map(({ side, quantity }) => `${PositionSide[side]} ${quantity.startsWith('-') ? '-' : '+'}`);
      expectEqual(signs.sort(), ['LONG +', 'SHORT -'], 'the positions held');
      for (const { positionSide, open, close } of sides) {
        const opened = session.events.flatMap(({ event }) =>
          event?.$case === 'fill' && event.value.side === open && event.value.positionSide === positionSide
            ? [event.value]
            : [],
        );
        await take(bench, session, close, { positionSide, quantity: filledBy(opened) });
      }
      await expectFlat(bench);
    } finally {
      await bench.call(Service.setPositionMode, { positionMode: PositionMode.ONE_WAY });
    }
  },
};

const ownOrdersMeet: Card = {
  id: 'PRO-07',
  title: 'Orders of ours that meet each other are told on both sides, traded or prevented',
  manner: 'session',
  needs: [postOnly],
  action: 'Buy twice the least quantity; place a post-only buy one tick below the ask; sell into it at its price.',
  expected: [
    'each order ends, by a fill, a cancel of ours, or the venue with its words in venue_reason',
    'a trade of both has a fill event for each, one as maker and one as taker, at one price',
  ],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    await take(bench, session, Side.BUY, { quantity: bench.orders.quantity(quote.bid, 2) });
    const { ask } = await bench.quote();
    const maker = bench.orders.limit(Side.BUY, bench.orders.moved(ask, -1), { postOnly: true });
    const placed = await session.place(maker);
    const price = read(maker.price, 'price');
    const taker = bench.orders.limit(Side.SELL, price, {
      timeInForce: TimeInForce.IOC,
      quantity: bench.orders.quantity(price),
    });
    const outcome = await session.place(taker);
    if (outcome.fate?.$case === 'accepted') await session.ended(taker.clientOrderId);
    else expectRejected(outcome, ...REFUSALS_OF_A_MEETING);
    if (placed.fate?.$case === 'accepted' && !session.orders(maker.clientOrderId).some(hasEnded)) {
      await session.cancel(bench.reference(maker.clientOrderId));
      await session.ended(maker.clientOrderId);
    }
    for (const id of [maker.clientOrderId, taker.clientOrderId]) {
      const last = session.orders(id).findLast(hasEnded);
      if (last !== undefined) await session.filled(id, read(last.filledQuantity, 'filled_quantity'));
    }
    for (const sold of session.fills(taker.clientOrderId)) {
      const bought = session.fills(maker.clientOrderId).find(({ tradeId }) => tradeId === sold.tradeId);
      if (bought === undefined) continue;
      expectEqual([bought.price, bought.quantity], [sold.price, sold.quantity], 'price and quantity of both sides');
      const roles = [Liquidity[bought.liquidity], Liquidity[sold.liquidity]];
      expectEqual(roles, ['MAKER', 'TAKER'], 'maker and taker');
    }
  },
};

/** A venue that prevents self-trades may refuse the second order. */
const REFUSALS_OF_A_MEETING = [RejectReason.OTHER, RejectReason.POST_ONLY] as const;

export const PROMISES = group('PRO', 'Post-only, reduce-only, positions, self-trade', [
  postOnlyRests,
  postOnlyNeverTakes,
  reduceOnlyOpensNothing,
  reduceOnlyCloses,
  positionFollows,
  hedge,
  ownOrdersMeet,
]);
