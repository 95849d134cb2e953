/** ORD: the life of one order, for each type and time in force. */
import { compare, decimal, isPositive, isZero, multiply, subtract } from '@trunkline/proto/decimal';
import {
  ClosedLookup,
  GetOrderRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  type Fill,
  Liquidity,
  type Order,
  OrderStatus,
  OrderType,
  type PlaceOrder,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { method, orderType, timeInForce } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectAccepted } from '../suite/fates.ts';
import { expect, expectEqual, NotNow } from '../suite/mismatch.ts';
import { isWorthAtMost } from '../suite/orders.ts';
import { filledBy, read, type Session } from '../suite/session.ts';
import { listFills } from './lists.ts';

/** An order that takes, until its last word and the last of its fills. */
export async function take(bench: Bench, session: Session, side: Side, changes: Partial<PlaceOrder> = {}) {
  const order = bench.orders.taking(side, await bench.quote(), changes);
  return { order, ...(await finish(session, order)) };
}

async function finish(session: Session, order: PlaceOrder): Promise<{ ended: Order; fills: readonly Fill[] }> {
  await session.accept(order);
  const ended = await session.ended(order.clientOrderId);
  const fills = await session.filled(order.clientOrderId, read(ended.filledQuantity, 'filled_quantity'));
  return { ended, fills };
}

function expectFilled({ ended, fills }: { ended: Order; fills: readonly Fill[] }, order: PlaceOrder): void {
  expectEqual(OrderStatus[ended.status], 'FILLED', 'the last status');
  expectEqual(ended.filledQuantity, order.quantity, 'filled_quantity');
  expectEqual(filledBy(fills), order.quantity, 'the sum of the fills');
  for (const fill of fills) {
    expectEqual(fill.venueOrderId, ended.venueOrderId, 'the order of the fill');
    expectEqual([fill.symbol, fill.side], [order.symbol, order.side], 'symbol and side of the fill');
    expect(
      fill.feeAsset !== '' && !isZero(read(fill.fee, 'fee')),
      'a fee and its asset',
      `${fill.fee} ${fill.feeAsset}`,
    );
    expect(isPositive(read(fill.price, 'price')), 'a price above zero', fill.price);
  }
  expectEqual(new Set(fills.map(({ tradeId }) => tradeId)).size, fills.length, 'the number of different trade ids');
}

/** Quantities of one order's events never go down, whatever order they came in. */
function expectGrowth(session: Session, clientOrderId: string): void {
  const filled = session.orders(clientOrderId).map((order) => read(order.filledQuantity, 'filled_quantity'));
  const isGrowing = filled.every((amount, index) => index === 0 || compare(amount, filled[index - 1] ?? amount) >= 0);
  expect(isGrowing, 'filled_quantity that never goes down', filled.join(', '));
}

const restsAndCancels: Card = {
  id: 'ORD-01',
  title: 'A limit order far from the market rests, and a cancel ends it',
  manner: 'session',
  needs: [orderType(OrderType.LIMIT), timeInForce(TimeInForce.GTC)],
  action: 'Place a GTC limit buy 4 % below the bid; cancel it.',
  expected: ['result accepted', 'order OPEN, nothing filled', 'result accepted', 'order CANCELED'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    const accepted = await session.accept(order);
    expect(accepted.venueOrderId !== '', 'a venue order id', 'none');
    const open = await session.status(order.clientOrderId, OrderStatus.OPEN);
    const { symbol, side, type, price, quantity } = order;
    const seen = { symbol: open.symbol, side: open.side, type: open.type, price: open.price, quantity: open.quantity };
    expectEqual(seen, { symbol, side, type, price, quantity }, 'the order as the venue holds it');
    expectEqual([open.filledQuantity, open.venueOrderId], ['0', accepted.venueOrderId], 'filled quantity and id');
    const canceled = await session.cancel(bench.reference(order.clientOrderId));
    const fate = canceled.fate;
    expectAccepted(canceled);
    // Some venues answer a cancel with the ids alone.
    const status = fate?.$case === 'accepted' ? fate.value.order?.status : undefined;
    expect(
      status === undefined || status === OrderStatus.CANCELED,
      'CANCELED, if the answer has the order',
      `${status}`,
    );
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
  },
};

const takesAndFills: Card = {
  id: 'ORD-02',
  title: 'A limit order through the quote fills, and its fills add up exactly',
  manner: 'session',
  needs: [orderType(OrderType.LIMIT), timeInForce(TimeInForce.GTC)],
  action: 'Place a GTC limit buy through the ask.',
  expected: [
    'result accepted',
    'fills with fee and fee asset, as taker',
    'order FILLED',
    'sum of fills = filled_quantity',
  ],
  async run(bench) {
    const session = await bench.session();
    const result = await take(bench, session, Side.BUY, { timeInForce: TimeInForce.GTC });
    expectFilled(result, result.order);
    expectGrowth(session, result.order.clientOrderId);
    const makers = result.fills.filter(({ liquidity }) => liquidity !== Liquidity.TAKER);
    expectEqual(makers.length, 0, 'fills that were not as taker');
  },
};

const iocWithoutMatch: Card = {
  id: 'ORD-03',
  title: 'An IOC order that meets nothing ends unfilled',
  manner: 'session',
  needs: [timeInForce(TimeInForce.IOC)],
  action: 'Place an IOC limit buy below the bid.',
  expected: ['result accepted', 'order EXPIRED or CANCELED with nothing filled', 'no fill'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote(), { timeInForce: TimeInForce.IOC });
    await expectEndsUnfilled(session, order);
  },
};

async function expectEndsUnfilled(session: Session, order: PlaceOrder): Promise<void> {
  const outcome = await session.place(order);
  // Some venues refuse at once what cannot be filled; both are ends without a fill.
  if (outcome.fate?.$case !== 'rejected') {
    expectAccepted(outcome);
    const ended = await session.ended(order.clientOrderId);
    expectEqual(ended.filledQuantity, '0', 'filled_quantity');
    const isEnd = ended.status === OrderStatus.EXPIRED || ended.status === OrderStatus.CANCELED;
    expect(isEnd || ended.status === OrderStatus.REJECTED, 'EXPIRED or CANCELED', OrderStatus[ended.status] ?? '');
  }
  expectEqual(session.fills(order.clientOrderId).length, 0, 'fills');
}

const TRIES = 24;
const BETWEEN_TRIES_MS = 200;

const iocRemainder: Card = {
  id: 'ORD-04',
  title: 'An IOC order larger than the best level fills in part, and its remainder ends',
  manner: 'session',
  needs: [timeInForce(TimeInForce.IOC)],
  action: 'Place an IOC limit buy at the ask for more than stands there; again while the market moves away.',
  expected: [
    'result accepted',
    'fills that add up to filled_quantity, below the quantity',
    'order EXPIRED or CANCELED',
  ],
  async run(bench) {
    const session = await bench.session();
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await bench.sleep(BETWEEN_TRIES_MS);
      const { ask, askQuantity } = await bench.quote();
      const quantity = bench.orders.quantity(ask);
      const larger = multiply(compare(askQuantity, quantity) > 0 ? askQuantity : quantity, decimal('2'));
      const order = bench.orders.limit(Side.BUY, ask, { timeInForce: TimeInForce.IOC, quantity: larger });
      if (!isWorthAtMost(order, bench.target.maxNotional)) continue;
      const { ended, fills } = await finish(session, order);
      const filled = filledBy(fills);
      if (isZero(filled) || ended.status === OrderStatus.FILLED) continue;
      expect(compare(filled, larger) < 0, 'less than the whole', filled);
      expectEqual(filled, ended.filledQuantity, 'the sum of the fills');
      expectGrowth(session, order.clientOrderId);
      return;
    }
    throw new NotNow(`the market left no part to fill in ${TRIES} tries`);
  },
};

const fokKilled: Card = {
  id: 'ORD-05',
  title: 'A FOK order that cannot fill whole ends unfilled',
  manner: 'session',
  needs: [timeInForce(TimeInForce.FOK)],
  action: 'Place a FOK limit buy below the bid.',
  expected: ['result accepted or rejected', 'if accepted: order EXPIRED or CANCELED with nothing filled', 'no fill'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote(), { timeInForce: TimeInForce.FOK });
    await expectEndsUnfilled(session, order);
  },
};

const fokFilled: Card = {
  id: 'ORD-06',
  title: 'A FOK order that can fill whole does',
  manner: 'session',
  needs: [timeInForce(TimeInForce.FOK)],
  action: 'Place a FOK limit buy through the ask.',
  expected: ['result accepted', 'fills of the whole', 'order FILLED'],
  async run(bench) {
    const session = await bench.session();
    const result = await take(bench, session, Side.BUY, { timeInForce: TimeInForce.FOK });
    expectFilled(result, result.order);
  },
};

const marketBuy: Card = {
  id: 'ORD-07',
  title: 'A market buy fills',
  manner: 'session',
  needs: [orderType(OrderType.MARKET, Side.BUY)],
  action: 'Place a market buy of the least quantity.',
  expected: ['result accepted', 'fills of the whole with fees', 'order FILLED, without a price'],
  async run(bench) {
    const session = await bench.session();
    const { ask } = await bench.quote();
    const order = bench.orders.market(Side.BUY, bench.orders.quantity(ask));
    const result = await finish(session, order);
    expectFilled(result, order);
    expectEqual(result.ended.type, OrderType.MARKET, 'the type of the order');
  },
};

const marketSell: Card = {
  id: 'ORD-08',
  title: 'A market sell fills',
  manner: 'session',
  needs: [orderType(OrderType.MARKET, Side.SELL)],
  action: 'Buy twice the least quantity; sell the least quantity at the market.',
  expected: ['result accepted', 'fills of the whole with fees', 'order FILLED'],
  async run(bench) {
    const session = await bench.session();
    const { bid } = await bench.quote();
    await take(bench, session, Side.BUY, { quantity: bench.orders.quantity(bid, 2) });
    const order = bench.orders.market(Side.SELL, bench.orders.quantity(bid));
    expectFilled(await finish(session, order), order);
  },
};

const sellRests: Card = {
  id: 'ORD-09',
  title: 'A limit sell rests, and a cancel ends it',
  manner: 'session',
  needs: [orderType(OrderType.LIMIT), timeInForce(TimeInForce.GTC)],
  action: 'Buy twice the least quantity; place a GTC limit sell 4 % above the ask; cancel it.',
  expected: ['order OPEN', 'order CANCELED'],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    await take(bench, session, Side.BUY, { quantity: bench.orders.quantity(quote.bid, 2) });
    const order = bench.orders.resting(Side.SELL, quote);
    await session.accept(order);
    await session.status(order.clientOrderId, OrderStatus.OPEN);
    await session.cancel(bench.reference(order.clientOrderId));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
  },
};

const lookup: Card = {
  id: 'ORD-10',
  title: 'GetOrder finds an open order by either id, and a closed one as Describe promises',
  manner: 'session',
  needs: [method('GetOrder')],
  action: 'Place a resting order; GetOrder by client id and by venue id; cancel it; GetOrder again with a full search.',
  expected: [
    'found OPEN, twice, the same order',
    'found CANCELED, or an absence that is not proved where closed_lookup is NEVER',
  ],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    const { venueOrderId } = await session.accept(order);
    await session.status(order.clientOrderId, OrderStatus.OPEN);
    const ids = [bench.reference(order.clientOrderId), bench.reference('', venueOrderId)];
    for (const reference of ids) {
      const { answer } = await bench.call(Service.getOrder, GetOrderRequest.fromPartial({ order: reference }));
      const found = answer?.$case === 'found' ? answer.value.order : undefined;
      expectEqual([found?.clientOrderId, found?.status], [order.clientOrderId, OrderStatus.OPEN], 'the order found');
    }
    await session.cancel(bench.reference(order.clientOrderId));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    const request = { order: ids[0], fullSearch: true, sentAtUs: bench.clock.wallUs() - 60_000_000 };
    const { answer } = await bench.call(Service.getOrder, GetOrderRequest.fromPartial(request));
    if (answer?.$case === 'found') expectEqual(answer.value.order?.status, OrderStatus.CANCELED, 'the status found');
    else {
      const { closedLookup } = bench.target.capabilities;
      expectEqual(ClosedLookup[closedLookup], 'NEVER', 'closed_lookup of an order that is not found');
      expectEqual(answer?.$case === 'absent' && answer.value.proved, false, 'the proof of an absence that is none');
    }
  },
};

const openList: Card = {
  id: 'ORD-11',
  title: 'ListOpenOrders names an order while it is open, and not after',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  action: 'Place a resting order; list; cancel it; list.',
  expected: ['the list names it', 'the list does not name it'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    await session.accept(order);
    const isListed = async () => (await bench.openOrders()).some((each) => each.clientOrderId === order.clientOrderId);
    expect(await isListed(), 'the open order in the list', 'a list without it');
    await session.cancel(bench.reference(order.clientOrderId));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    expect(!(await isListed()), 'a list without the canceled order', 'the order in it');
  },
};

const fillsList: Card = {
  id: 'ORD-12',
  title: 'ListFills tells the same fills as the stream',
  manner: 'session',
  needs: [method('ListFills')],
  action: 'Place an order that takes; ListFills of its venue order id.',
  expected: ['the same trade ids, prices, quantities, fees and sides as the fill events'],
  async run(bench) {
    const session = await bench.session();
    const { ended, fills } = await take(bench, session, Side.BUY);
    expect(fills.length > 0, 'an order that took', 'no fill');
    const wanted = fills.map(essence).sort();
    const sinceUs = (fills[0]?.venueTimeUs ?? 0) - 1_000_000;
    const startedUs = bench.clock.monotonicUs();
    for (;;) {
      const listed = await listFills(bench, { sinceUs, venueOrderId: ended.venueOrderId });
      const seen = listed.map(essence).sort();
      if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
      // Trade lists of venues lag behind their streams.
      const isLate = bench.clock.monotonicUs() - startedUs > LIST_LAG_US;
      if (isLate) expectEqual(seen, wanted, 'the fills listed');
      await bench.sleep(200);
    }
  },
};

const LIST_LAG_US = 5_000_000;

function essence({ tradeId, side, price, quantity, fee, feeAsset }: Fill): string {
  return JSON.stringify([tradeId, side, price, quantity, fee, feeAsset]);
}

const times: Card = {
  id: 'ORD-13',
  title: 'An outcome tells when it was received, posted, answered, and when the venue would refuse it',
  manner: 'session',
  needs: [],
  action: 'Place a resting order.',
  expected: ['received_at_us at most posted_at_us, at most answered_at_us', 'request_expires_at_us after posted_at_us'],
  async run(bench) {
    const session = await bench.session();
    const outcome = await session.place(bench.orders.resting(Side.BUY, await bench.quote()));
    const { receivedAtUs, postedAtUs = 0, answeredAtUs = 0, requestExpiresAtUs = 0 } = outcome;
    const inOrder = receivedAtUs > 0 && receivedAtUs <= postedAtUs && postedAtUs <= answeredAtUs;
    expect(inOrder, 'received, posted, answered in order', `${receivedAtUs}, ${postedAtUs}, ${answeredAtUs}`);
    const aheadMs = (requestExpiresAtUs - postedAtUs) / 1_000;
    expect(aheadMs > 0 && aheadMs < 120_000, 'an expiry soon after the post', `${aheadMs} ms after it`);
  },
};

const noFillTwice: Card = {
  id: 'ORD-14',
  title: 'No fill comes twice in a session, and each belongs to an order that was told',
  manner: 'session',
  needs: [],
  action: 'Buy and sell twice; look at all fills.',
  expected: ['fills unique by trade id and order id', 'every fill before or after an order event of its id'],
  async run(bench) {
    const session = await bench.session();
    const { bid } = await bench.quote();
    const bought = await take(bench, session, Side.BUY, { quantity: bench.orders.quantity(bid, 2) });
    const sold = await take(bench, session, Side.SELL, { quantity: bench.orders.quantity(bid) });
    const all = [bought, sold].flatMap(({ order }) => session.fills(order.clientOrderId));
    const keys = all.map(({ tradeId, venueOrderId }) => `${tradeId} ${venueOrderId}`);
    expectEqual(new Set(keys).size, keys.length, 'the number of different fills');
    const left = subtract(filledBy(bought.fills), filledBy(sold.fills));
    expect(isPositive(left), 'more bought than sold', left);
  },
};

export const ORDER_LIFE = group('ORD', 'Order life', [
  restsAndCancels,
  takesAndFills,
  iocWithoutMatch,
  iocRemainder,
  fokKilled,
  fokFilled,
  marketBuy,
  marketSell,
  sellRests,
  lookup,
  openList,
  fillsList,
  times,
  noFillTwice,
]);
