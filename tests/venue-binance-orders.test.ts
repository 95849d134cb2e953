/** The venue layer against the sim, through ccxt's production code: orders, and fates that are not known at once. */
import { describe, expect, test } from 'bun:test';
import { ORDER_ENTRIES } from '../apps/connector/src/venues/venue-config.ts';
import {
  GetOrderRequest,
  ListFillsRequest,
  SearchedSource,
} from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import {
  AmendOrder,
  DenyRule,
  type Fill,
  OrderStatus,
  RejectReason,
  Side,
  TimeInForce,
  UnknownCause,
} from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { decimal, sum } from '../proto/src/decimal.ts';
import { acceptedOrder, admit, best, fillsOf, limit, ordersOf, reference } from './support/venue-orders.ts';
import { rigPerTest, SYMBOL, VENUE_SYMBOL } from './support/venue-rig.ts';

const { ready } = rigPerTest();

describe('orders', () => {
  test.each(ORDER_ENTRIES)(
    'over %s an order is accepted, amended and cancelled, and the stream says each step once',
    async (orderEntry) => {
      const { venue, events, until } = await ready({ orderEntry });
      const order = limit({ price: '58000' });
      const placed = acceptedOrder(await venue.place(order, admit));
      expect(placed).toMatchObject({
        clientOrderId: order.clientOrderId,
        price: '58000',
        quantity: '0.01',
        filledQuantity: '0',
      });
      const amend = AmendOrder.fromPartial({
        order: reference(placed),
        newClientOrderId: 'it_amend',
        side: Side.BUY,
        price: '58000.5',
        quantity: '0.02',
      });
      const amended = await venue.amend(amend, admit);
      expect(amended.clientOrderId).toBe('it_amend');
      expect(acceptedOrder(amended)).toMatchObject({
        venueOrderId: placed.venueOrderId,
        price: '58000.5',
        quantity: '0.02',
      });
      const cancelled = await venue.cancel(reference({ clientOrderId: order.clientOrderId }), admit);
      expect(acceptedOrder(cancelled).status).toBe(OrderStatus.CANCELED);
      await until(() => ordersOf(events, order.clientOrderId).length === 3, 'three order events');
      expect(ordersOf(events, order.clientOrderId).map(({ status, price }) => [status, price])).toEqual([
        [OrderStatus.OPEN, '58000'],
        [OrderStatus.OPEN, '58000.5'],
        [OrderStatus.CANCELED, '58000.5'],
      ]);
      const again = await venue.cancel(reference(placed), admit);
      expect(again.fate).toMatchObject({
        $case: 'rejected',
        value: { reason: RejectReason.ORDER_NOT_OPEN, venueCode: '-2011' },
      });
    },
  );

  test('a batch has one fate for each order, and one request', async () => {
    const { venue } = await ready();
    let admitted = 0;
    const orders = [limit({ price: '58000' }), limit({ price: '58000', quantity: '0.001' }), limit({ price: '58001' })];
    const outcomes = await venue.placeBatch(orders, () => {
      admitted++;
      return undefined;
    });
    expect(admitted).toBe(1);
    expect(outcomes.map((outcome) => outcome.clientOrderId)).toEqual(orders.map((order) => order.clientOrderId));
    expect(outcomes.map((outcome) => outcome.fate?.$case)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(outcomes[1]?.fate).toMatchObject({ value: { reason: RejectReason.MIN_NOTIONAL, venueCode: '-4164' } });
    const cancels = await venue.cancelBatch(orders.map(reference), admit);
    expect(cancels.map((outcome) => outcome.fate?.$case)).toEqual(['accepted', 'rejected', 'accepted']);
    expect((await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' })).orders).toEqual([]);
  });

  test('a post-only order that would take is refused as such', async () => {
    const current = await ready();
    const order = limit({ price: best(current).ask.replace(/\.\d+$/, '') });
    const price = String(Number(order.price) + 500);
    const outcome = await current.venue.place({ ...order, price, postOnly: true }, admit);
    expect(outcome.fate).toMatchObject({
      $case: 'rejected',
      value: { reason: RejectReason.POST_ONLY, venueCode: '-5022' },
    });
  });

  test('an IOC order far from the market expires unfilled, and so does a FOK that the book cannot fill', async () => {
    const { venue } = await ready();
    for (const timeInForce of [TimeInForce.IOC, TimeInForce.FOK]) {
      const outcome = await venue.place(limit({ price: '58000', timeInForce }), admit);
      const ended =
        outcome.fate?.$case === 'rejected' || acceptedOrder(outcome).status === OrderStatus.EXPIRED ? 'ended' : 'open';
      expect(ended).toBe('ended');
    }
  });

  test('a reduce-only order without a position is refused', async () => {
    const { venue } = await ready();
    const outcome = await venue.place(limit({ price: '58000', reduceOnly: true }), admit);
    expect(outcome.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.REDUCE_ONLY } });
  });

  test('what is not admitted is never sent', async () => {
    const { venue, sim } = await ready();
    const denied = { rule: DenyRule.EXPIRED, field: '', message: 'too late' };
    const order = limit({ price: '58000' });
    const outcome = await venue.place(order, () => denied);
    expect(outcome.fate).toEqual({ $case: 'denied', value: denied });
    expect(outcome.postedAtUs).toBeUndefined();
    expect(sim.core.orders('main', VENUE_SYMBOL, { limit: 10 })).toEqual([]);
  });

  test('a price off the tick is denied here instead of rounded by ccxt', async () => {
    const { venue } = await ready();
    const outcome = await venue.place(limit({ price: '58000.17' }), admit);
    expect(outcome.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.INVALID } });
  });

  test('a burst of new, partial, partial, filled arrives whole and in order, each fill after its order', async () => {
    // A still market: only our two orders and the book of the start.
    const current = await ready({ sim: { actionsPerSecond: 0.001 } });
    const { venue, events, until, sim } = current;
    const asks = sim.core.book(VENUE_SYMBOL, 3)?.asks ?? [];
    expect(asks.length).toBe(3);
    const wanted = sum(asks.map((level) => level[1]));
    const order = limit({ price: String(asks[2]?.[0]), quantity: wanted });
    const placed = acceptedOrder(await venue.place(order, admit));
    await until(() => ordersOf(events, order.clientOrderId).at(-1)?.status === OrderStatus.FILLED, 'filled');
    await until(() => fillsOf(events, order.clientOrderId).length >= 3, 'every fill');
    const states = ordersOf(events, order.clientOrderId).map((each) => each.status);
    expect(states[0]).toBe(OrderStatus.OPEN);
    expect(states.slice(1, -1).every((state) => state === OrderStatus.PARTIALLY_FILLED)).toBe(true);
    const fills = fillsOf(events, order.clientOrderId);
    expect(states.length).toBe(fills.length + 1);
    expect(sum(fills.map((fill) => decimal(fill.quantity)))).toBe(wanted);
    const kinds = events
      .filter((event) => event.kind === 'order' || event.kind === 'fill')
      .map((event): string => event.kind);
    expect(kinds).toEqual(['order', ...fills.flatMap(() => ['order', 'fill'])]);
    const listed = await venue.listFills(
      ListFillsRequest.fromPartial({ symbol: SYMBOL, venueOrderId: placed.venueOrderId }),
    );
    const facts = (fill: Fill) => [
      fill.tradeId,
      fill.price,
      fill.quantity,
      fill.fee,
      fill.feeAsset,
      fill.liquidity,
      fill.realizedPnl,
    ];
    expect(listed.fills.map(facts)).toEqual(fills.map(facts));
    const truth = sim.core.fills('main', VENUE_SYMBOL, { limit: 100 });
    expect(fills.map((fill) => [fill.tradeId, fill.price, fill.quantity, fill.fee])).toEqual(
      truth.map((fill) => [fill.tradeId, String(fill.price), String(fill.quantity), String(fill.fee)]),
    );
  });
});

describe('unknown fates', () => {
  test('a server error, a timeout and a wrong clock are told apart by what they prove', async () => {
    const { venue, fault } = await ready({ timings: { requestTimeoutMs: 300 } });
    const path = '/fapi/v1/order';
    await fault({ kind: 'fail_after_accept', method: 'POST', path });
    const failed = limit({ price: '58000' });
    const afterError = await venue.place(failed, admit);
    expect(afterError.fate).toMatchObject({ $case: 'unknown', value: { cause: UnknownCause.VENUE_ERROR } });
    await fault({ kind: 'timeout_after_accept', method: 'POST', path, holdMs: 1_500 });
    const late = limit({ price: '58000' });
    const afterTimeout = await venue.place(late, admit);
    expect(afterTimeout.fate).toMatchObject({ $case: 'unknown', value: { cause: UnknownCause.TIMEOUT } });
    await fault({
      kind: 'refuse',
      method: 'POST',
      path,
      status: 400,
      body: { code: -1021, msg: 'Timestamp outside of recvWindow.' },
    });
    const skewed = await venue.place(limit({ price: '58000' }), admit);
    expect(skewed.fate).toMatchObject({
      $case: 'rejected',
      value: { reason: RejectReason.TIMESTAMP, venueCode: '-1021' },
    });
    for (const order of [failed, late]) {
      const request = GetOrderRequest.fromPartial({
        order: reference(order),
        sentAtUs: 1,
        settledAtUs: 1,
        fullSearch: false,
      });
      const answer = (await venue.getOrder(request)).answer;
      expect(answer).toMatchObject({ $case: 'found', value: { order: { clientOrderId: order.clientOrderId } } });
    }
  });

  test('absence is proved only by a full search that began late enough', async () => {
    const { venue } = await ready();
    const nowUs = Date.now() * 1_000;
    const order = { symbol: SYMBOL, clientOrderId: 'never_was', venueOrderId: '' };
    const ask = async (settledAtUs: number, fullSearch: boolean) => {
      const request = GetOrderRequest.fromPartial({ order, sentAtUs: nowUs - 10_000_000, settledAtUs, fullSearch });
      const { answer } = await venue.getOrder(request);
      if (answer?.$case !== 'absent') throw new Error('found what never was');
      return answer.value;
    };
    expect(await ask(nowUs - 1_000_000, true)).toMatchObject({
      proved: true,
      reason: '',
      searched: [SearchedSource.BY_ID, SearchedSource.OPEN_ORDERS, SearchedSource.ORDER_HISTORY, SearchedSource.TRADES],
    });
    expect((await ask(nowUs + 60_000_000, true)).proved).toBe(false);
    expect((await ask(nowUs - 1_000_000, false)).proved).toBe(false);
  });

  test('a rate limit stops every call until its end, and says so', async () => {
    const { venue, events, fault, until } = await ready({ orderEntry: 'rest' });
    const body = { code: -1003, msg: 'Too many requests' };
    await fault({ kind: 'refuse', method: 'POST', path: '/fapi/v1/order', status: 429, body, retryAfterSeconds: 1 });
    const limited = await venue.place(limit({ price: '58000' }), admit);
    expect(limited.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.RATE_LIMITED } });
    expect(venue.status.state).toBe(VenueState.BLOCKED);
    const next = await venue.cancel(reference({ clientOrderId: 'whatever' }), admit);
    expect(next.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.RATE } });
    const said = events.findLast((event) => event.kind === 'rate_budgets');
    expect(said?.kind === 'rate_budgets' && said.budgets.some((budget) => budget.blockedUntilUs !== undefined)).toBe(
      true,
    );
    await until(() => venue.status.state === VenueState.READY, 'the end of the limit');
    acceptedOrder(await venue.place(limit({ price: '58000' }), admit));
  });
});
