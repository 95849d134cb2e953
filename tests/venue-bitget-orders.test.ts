/** Bitget's venue layer against the sim, through ccxt's production code: orders, and fates that are not known at once. */
import { describe, expect, test } from 'bun:test';
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
  OrderType,
  type PlaceOrder,
  RejectReason,
  Side,
  TimeInForce,
  UnknownCause,
} from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { decimal, sum } from '../proto/src/decimal.ts';
import { acceptedOrder, admit, fillsOf, limit, ordersOf } from './support/venue-orders.ts';
import { FRONTS, type RigOptions, rigPerTest } from './support/venue-rig.ts';

const { ready: readyOn } = rigPerTest();

const MARKETS = [
  {
    front: 'bitget-usdt-futures',
    place: '/api/v2/mix/order/place-order',
    noOrder: '40768',
    replacesPartlyFilled: false,
    belowMinimum: { quantity: '0.0001', price: '40000', venueCode: '45110' },
  },
  {
    front: 'bitget-spot',
    place: '/api/v2/spot/trade/place-order',
    noOrder: '43001',
    replacesPartlyFilled: true,
    belowMinimum: { quantity: '0.00001', price: '40000', venueCode: '45110' },
  },
] as const;

for (const { front, place, noOrder, replacesPartlyFilled, belowMinimum } of MARKETS) {
  const { symbol, venueSymbol } = FRONTS[front];
  const ready = (options: RigOptions = {}) => readyOn({ front, ...options });
  const order = (fields: Partial<PlaceOrder> & { price: string }) => limit({ symbol, ...fields });
  const reference = ({ clientOrderId, venueOrderId = '' }: { clientOrderId: string; venueOrderId?: string }) => ({
    symbol,
    clientOrderId,
    venueOrderId,
  });

  describe(`orders on ${front}`, () => {
    test('an order is accepted as asked and cancelled, and the stream says each step once, in order', async () => {
      const { venue, events, until } = await ready();
      const wanted = order({ price: '58000' });
      const placed = acceptedOrder(await venue.place(wanted, admit));
      expect(placed).toMatchObject({
        clientOrderId: wanted.clientOrderId,
        price: '58000',
        quantity: '0.01',
        filledQuantity: '0',
        status: OrderStatus.OPEN,
      });
      const cancelled = await venue.cancel(reference(wanted), admit);
      // The venue confirms with ids: what became of the order is for the stream to say.
      expect(cancelled.fate).toEqual({ $case: 'accepted', value: { order: undefined } });
      await until(() => ordersOf(events, wanted.clientOrderId).length === 2, 'two order events');
      const said = ordersOf(events, wanted.clientOrderId);
      expect(said.map(({ status, venueOrderId }) => [status, venueOrderId])).toEqual([
        [OrderStatus.OPEN, placed.venueOrderId],
        [OrderStatus.CANCELED, placed.venueOrderId],
      ]);
      expect(said[0]?.venueTimeUs).toBeGreaterThanOrEqual(placed.venueTimeUs - 1_000);
      const again = await venue.cancel(reference(placed), admit);
      expect(again.fate).toMatchObject({
        $case: 'rejected',
        value: { reason: RejectReason.ORDER_NOT_OPEN, venueCode: noOrder },
      });
    });

    test('an amend cancels the order and places another under the new id', async () => {
      const { venue, events, until } = await ready();
      const wanted = order({ price: '58000' });
      const placed = acceptedOrder(await venue.place(wanted, admit));
      const amend = AmendOrder.fromPartial({
        order: reference(placed),
        newClientOrderId: `${wanted.clientOrderId}_next`,
        side: Side.BUY,
        price: '58000.5',
        quantity: '0.02',
      });
      const amended = await venue.amend(amend, admit);
      expect(amended).toMatchObject({ clientOrderId: amend.newClientOrderId, fate: { $case: 'accepted' } });
      await until(() => ordersOf(events, amend.newClientOrderId).length > 0, 'the successor');
      await until(() => ordersOf(events, wanted.clientOrderId).length > 1, 'the end of the old order');
      expect(ordersOf(events, wanted.clientOrderId).at(-1)?.status).toBe(OrderStatus.CANCELED);
      const [successor] = ordersOf(events, amend.newClientOrderId);
      expect(successor).toMatchObject({ status: OrderStatus.OPEN, price: '58000.5', quantity: '0.02' });
      expect(successor?.venueOrderId).not.toBe(placed.venueOrderId);
      const open = await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' });
      expect(open.orders.map(({ clientOrderId }) => clientOrderId)).toEqual([amend.newClientOrderId]);
    });

    test('an amend of a partly filled order never asks for more than its total', async () => {
      const { venue, events, until, sim } = await ready({ sim: { actionsPerSecond: 0.001 } });
      const [ask] = sim.core.book(venueSymbol, 1)?.asks ?? [];
      if (ask === undefined) throw new Error('the book has no asks');
      const rest = decimal('0.02');
      const wanted = order({ price: String(ask[0]), quantity: sum([ask[1], rest]) });
      const placed = acceptedOrder(await venue.place(wanted, admit));
      await until(() => fillsOf(events, wanted.clientOrderId).length > 0, 'the fill');
      const amend = AmendOrder.fromPartial({
        order: reference(placed),
        newClientOrderId: `${wanted.clientOrderId}_next`,
        side: Side.BUY,
        price: '58000',
        quantity: wanted.quantity,
      });
      const { fate } = await venue.amend(amend, admit);
      const open = await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' });
      const standing = open.orders.map(({ clientOrderId, quantity }) => [clientOrderId, quantity]);
      if (replacesPartlyFilled) {
        expect(fate).toMatchObject({ $case: 'accepted', value: { order: { quantity: rest } } });
        expect(standing).toEqual([[amend.newClientOrderId, rest]]);
      } else {
        expect(fate).toMatchObject({ $case: 'rejected' });
        expect(standing).toEqual([[wanted.clientOrderId, wanted.quantity]]);
      }
    });

    test('a batch has one fate for each order, and one request', async () => {
      const { venue } = await ready();
      let admitted = 0;
      const { quantity, price, venueCode } = belowMinimum;
      const orders = [order({ price: '58000' }), order({ price, quantity }), order({ price: '58001' })];
      const outcomes = await venue.placeBatch(orders, () => {
        admitted++;
        return undefined;
      });
      expect(admitted).toBe(1);
      expect(outcomes.map((outcome) => outcome.clientOrderId)).toEqual(orders.map((each) => each.clientOrderId));
      expect(outcomes.map((outcome) => outcome.fate?.$case)).toEqual(['accepted', 'rejected', 'accepted']);
      expect(outcomes[1]?.fate).toMatchObject({ value: { reason: RejectReason.MIN_NOTIONAL, venueCode } });
      const cancels = await venue.cancelBatch(orders.map(reference), admit);
      expect(cancels.map((outcome) => outcome.fate?.$case)).toEqual(['accepted', 'rejected', 'accepted']);
      expect((await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' })).orders).toEqual([]);
    });

    test('a post-only order that would take ends without a fill', async () => {
      const { venue, events, until, sim } = await ready();
      const ask = sim.core.bestQuote(venueSymbol)?.ask?.[0];
      const price = String(Math.floor(Number(ask)) + 500);
      const wanted = order({ price, postOnly: true });
      const outcome = await venue.place(wanted, admit);
      if (outcome.fate?.$case === 'accepted') {
        await until(() => ordersOf(events, wanted.clientOrderId).some(({ status }) => status > 3), 'its end');
      } else expect(outcome.fate?.$case).toBe('rejected');
      expect(fillsOf(events, wanted.clientOrderId)).toEqual([]);
      expect(sim.core.fills('main', venueSymbol, { limit: 10 })).toEqual([]);
    });

    test('an IOC order far from the market expires unfilled, and so does a FOK that the book cannot fill', async () => {
      const { venue, events, until } = await ready();
      for (const timeInForce of [TimeInForce.IOC, TimeInForce.FOK]) {
        const wanted = order({ price: '58000', timeInForce });
        acceptedOrder(await venue.place(wanted, admit));
        await until(
          () => ordersOf(events, wanted.clientOrderId).at(-1)?.status === OrderStatus.EXPIRED,
          `the end of the ${TimeInForce[timeInForce]}`,
        );
      }
    });

    test('what is not admitted is never sent', async () => {
      const { venue, sim } = await ready();
      const denied = { rule: DenyRule.EXPIRED, field: '', message: 'too late' };
      const outcome = await venue.place(order({ price: '58000' }), () => denied);
      expect(outcome.fate).toEqual({ $case: 'denied', value: denied });
      expect(outcome.postedAtUs).toBeUndefined();
      expect(sim.core.orders('main', venueSymbol, { limit: 10 })).toEqual([]);
    });

    test('a price off the tick is refused as such', async () => {
      const { venue } = await ready();
      const outcome = await venue.place(order({ price: '58000.173' }), admit);
      expect(outcome.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.INVALID_PRICE } });
    });

    test('a second order under one client id is refused while the first is open', async () => {
      const { venue } = await ready();
      const wanted = order({ price: '58000' });
      acceptedOrder(await venue.place(wanted, admit));
      const again = await venue.place(wanted, admit);
      expect(again.fate).toMatchObject({
        $case: 'rejected',
        value: { reason: RejectReason.DUPLICATE_CLIENT_ORDER_ID },
      });
    });

    test('a burst of new, partial, partial, filled arrives whole, each fill after its order', async () => {
      // A still market: only our order and the book of the start.
      const { venue, events, until, sim } = await ready({ sim: { actionsPerSecond: 0.001 } });
      const asks = sim.core.book(venueSymbol, 3)?.asks ?? [];
      expect(asks.length).toBe(3);
      const quantity = sum(asks.map((level) => level[1]));
      const wanted = order({ price: String(asks[2]?.[0]), quantity });
      const placed = acceptedOrder(await venue.place(wanted, admit));
      await until(() => ordersOf(events, wanted.clientOrderId).at(-1)?.status === OrderStatus.FILLED, 'filled');
      await until(() => fillsOf(events, wanted.clientOrderId).length >= 3, 'every fill');
      const fills = fillsOf(events, wanted.clientOrderId);
      expect(sum(fills.map((fill) => decimal(fill.quantity)))).toBe(quantity);
      // At each fill the order's own state covers what was filled up to it.
      let covered = decimal('0');
      let given = decimal('0');
      for (const event of events) {
        if (event.kind === 'order') covered = decimal(event.order.filledQuantity);
        if (event.kind !== 'fill') continue;
        given = sum([given, decimal(event.fill.quantity)]);
        expect(Number(covered)).toBeGreaterThanOrEqual(Number(given));
      }
      const request = ListFillsRequest.fromPartial({ symbol, venueOrderId: placed.venueOrderId });
      const listed = await venue.listFills(request);
      const facts = (fill: Fill) => [
        fill.tradeId,
        fill.side,
        fill.positionSide,
        fill.price,
        fill.quantity,
        fill.fee,
        fill.feeAsset,
        fill.liquidity,
        fill.realizedPnl,
      ];
      expect(listed.fills.map(facts)).toEqual(fills.map(facts));
      const truth = sim.core.fills('main', venueSymbol, { limit: 100 });
      expect(fills.map((fill) => [fill.tradeId, fill.price, fill.quantity, fill.fee])).toEqual(
        truth.map((fill) => [fill.tradeId, String(fill.price), String(fill.quantity), String(fill.fee)]),
      );
    });
  });

  describe(`unknown fates on ${front}`, () => {
    test('a server error, a timeout and a wrong clock are told apart by what they prove', async () => {
      const { venue, fault } = await ready({ timings: { requestTimeoutMs: 300 } });
      await fault({ kind: 'fail_after_accept', method: 'POST', path: place });
      const failed = order({ price: '58000' });
      const afterError = await venue.place(failed, admit);
      expect(afterError.fate).toMatchObject({ $case: 'unknown', value: { cause: UnknownCause.VENUE_ERROR } });
      await fault({ kind: 'timeout_after_accept', method: 'POST', path: place, holdMs: 1_500 });
      const late = order({ price: '58000' });
      const afterTimeout = await venue.place(late, admit);
      expect(afterTimeout.fate).toMatchObject({ $case: 'unknown', value: { cause: UnknownCause.TIMEOUT } });
      const body = { code: '40008', msg: 'Request timestamp expired', requestTime: 0, data: null };
      await fault({ kind: 'refuse', method: 'POST', path: place, status: 400, body });
      const skewed = await venue.place(order({ price: '58000' }), admit);
      expect(skewed.fate).toMatchObject({
        $case: 'rejected',
        value: { reason: RejectReason.TIMESTAMP, venueCode: '40008' },
      });
      for (const wanted of [failed, late]) {
        const request = GetOrderRequest.fromPartial({ order: reference(wanted), sentAtUs: 1, settledAtUs: 1 });
        const { answer } = await venue.getOrder(request);
        expect(answer).toMatchObject({ $case: 'found', value: { order: { clientOrderId: wanted.clientOrderId } } });
      }
    });

    test('an order that ended is found by its client id, with its fills', async () => {
      const { venue, events, until, sim } = await ready();
      const ask = sim.core.bestQuote(venueSymbol)?.ask?.[0];
      const wanted = order({ price: String(Math.floor(Number(ask)) + 500), timeInForce: TimeInForce.IOC });
      acceptedOrder(await venue.place(wanted, admit));
      await until(() => fillsOf(events, wanted.clientOrderId).length > 0, 'a fill');
      await until(() => ordersOf(events, wanted.clientOrderId).at(-1)?.status === OrderStatus.FILLED, 'filled');
      const nowUs = Date.now() * 1_000;
      const request = GetOrderRequest.fromPartial({
        order: reference(wanted),
        sentAtUs: nowUs - 5_000_000,
        settledAtUs: nowUs,
        fullSearch: true,
      });
      const { answer } = await venue.getOrder(request);
      if (answer?.$case !== 'found') throw new Error('not found');
      expect(answer.value.order).toMatchObject({ status: OrderStatus.FILLED, filledQuantity: '0.01' });
      expect(sum(answer.value.fills.map((fill) => decimal(fill.quantity)))).toBe(decimal('0.01'));
    });

    test('absence is proved only by a full search that began late enough', async () => {
      const { venue } = await ready();
      const nowUs = Date.now() * 1_000;
      const never = reference({ clientOrderId: 'never_was' });
      const ask = async (settledAtUs: number, fullSearch: boolean) => {
        const times = { sentAtUs: nowUs - 10_000_000, settledAtUs };
        const request = GetOrderRequest.fromPartial({ order: never, ...times, fullSearch });
        const { answer } = await venue.getOrder(request);
        if (answer?.$case !== 'absent') throw new Error('found what never was');
        return answer.value;
      };
      const { BY_ID, OPEN_ORDERS, ORDER_HISTORY, TRADES } = SearchedSource;
      expect(await ask(nowUs - 1_000_000, true)).toMatchObject({
        proved: true,
        reason: '',
        searched: [BY_ID, OPEN_ORDERS, ORDER_HISTORY, TRADES],
      });
      expect((await ask(nowUs + 60_000_000, true)).proved).toBe(false);
      expect((await ask(nowUs - 1_000_000, false)).proved).toBe(false);
    });

    test('a rate limit closes the path that was called, and cancels go on', async () => {
      const { venue, events, fault, until } = await ready();
      const kept = order({ price: '58000' });
      acceptedOrder(await venue.place(kept, admit));
      const body = { code: '429', msg: 'Too Many Requests', requestTime: 0, data: null };
      await fault({ kind: 'refuse', method: 'POST', path: place, status: 429, body });
      const limited = await venue.place(order({ price: '58000' }), admit);
      expect(limited.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.RATE_LIMITED } });
      const next = await venue.place(order({ price: '58000' }), admit);
      expect(next.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.RATE } });
      expect(venue.status.state).toBe(VenueState.READY);
      expect((await venue.cancel(reference(kept), admit)).fate?.$case).toBe('accepted');
      const isBlocked = () => {
        const said = events.findLast((event) => event.kind === 'rate_budgets');
        const budgets = said?.kind === 'rate_budgets' ? said.budgets : [];
        return budgets.some((budget) => budget.name === 'place_order_1s' && budget.blockedUntilUs !== undefined);
      };
      expect(isBlocked()).toBe(true);
      await until(() => ordersOf(events, kept.clientOrderId).at(-1)?.status === OrderStatus.CANCELED, 'the cancel');
    });
  });
}

describe('positions', () => {
  const front = 'bitget-usdt-futures';
  const { symbol } = FRONTS[front];
  const market = (fields: Partial<PlaceOrder>) => ({
    ...limit({ symbol, price: '1' }),
    type: OrderType.MARKET,
    timeInForce: TimeInForce.IOC,
    price: undefined,
    ...fields,
  });

  test('a reduce-only order without a position is refused', async () => {
    const { venue } = await readyOn({ front });
    const outcome = await venue.place(limit({ symbol, price: '58000', reduceOnly: true }), admit);
    expect(outcome.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.REDUCE_ONLY } });
  });

  test('a position that is opened and closed is told by the stream, and ends flat', async () => {
    const { venue, events, until } = await readyOn({ front });
    const quantities = () =>
      events
        .flatMap((event) => (event.kind === 'positions' ? event.update.positions : []))
        .map((each) => each.quantity);
    acceptedOrder(await venue.place(market({ side: Side.SELL }), admit));
    await until(() => quantities().includes('-0.01'), 'the position');
    expect((await venue.listPositions()).positions).toMatchObject([{ symbol, quantity: '-0.01' }]);
    acceptedOrder(await venue.place(market({ side: Side.BUY, reduceOnly: true }), admit));
    await until(() => quantities().at(-1) === '0', 'no position');
  });
});
