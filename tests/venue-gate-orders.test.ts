/** Gate's venue layer against the sim: orders, and fates that are not known at once. */
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
  { front: 'gate-spot', orders: '/api/v4/spot/orders', post: 'POC_FILL_IMMEDIATELY' },
  { front: 'gate-usdt-futures', orders: '/api/v4/futures/usdt/orders', post: 'ORDER_POC_IMMEDIATE' },
] as const;

for (const { front, orders, post } of MARKETS) {
  const { symbol, venueSymbol } = FRONTS[front];
  const ready = (options: RigOptions = {}) => readyOn({ front, ...options });
  const order = (fields: Partial<PlaceOrder> & { price: string }) => limit({ symbol, ...fields });
  const reference = ({ clientOrderId, venueOrderId = '' }: { clientOrderId: string; venueOrderId?: string }) => ({
    symbol,
    clientOrderId,
    venueOrderId,
  });

  describe(`orders on ${front}`, () => {
    test('an order is accepted, amended in place and cancelled by client id, and the stream says each step once', async () => {
      const { venue, events, until, sim } = await ready();
      const wanted = order({ price: '58000' });
      const placed = acceptedOrder(await venue.place(wanted, admit));
      expect(placed).toMatchObject({
        clientOrderId: wanted.clientOrderId,
        price: '58000',
        quantity: '0.01',
        filledQuantity: '0',
        status: OrderStatus.OPEN,
      });
      const [truth] = sim.core.orders('main', venueSymbol, { limit: 10 });
      expect(truth).toMatchObject({ clientOrderId: `t-${wanted.clientOrderId}`, quantity: '0.01' });
      const amend = AmendOrder.fromPartial({
        order: reference(wanted),
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
      const cancelled = await venue.cancel(reference(wanted), admit);
      expect(acceptedOrder(cancelled).status).toBe(OrderStatus.CANCELED);
      await until(() => ordersOf(events, wanted.clientOrderId).length === 3, 'three order events');
      expect(ordersOf(events, wanted.clientOrderId).map(({ status, price }) => [status, price])).toEqual([
        [OrderStatus.OPEN, '58000'],
        [OrderStatus.OPEN, '58000.5'],
        [OrderStatus.CANCELED, '58000.5'],
      ]);
      const again = await venue.cancel(reference(placed), admit);
      expect(again.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.ORDER_NOT_OPEN } });
    });

    test('a request carries its own expiry, and one that comes later is refused as such', async () => {
      const { venue, sim } = await ready({ timings: { requestExpiryMs: -5_000 } });
      const outcome = await venue.place(order({ price: '58000' }), admit);
      expect(outcome.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.TIMESTAMP } });
      expect(sim.core.orders('main', venueSymbol, { limit: 10 })).toEqual([]);
    });

    test('a batch has one fate for each order, and one request; so has a batch cancel', async () => {
      const { venue, events, until } = await ready();
      let admitted = 0;
      const wanted = [order({ price: '58000' }), order({ price: '61500', postOnly: true }), order({ price: '58001' })];
      const outcomes = await venue.placeBatch(wanted, () => {
        admitted++;
        return undefined;
      });
      expect(admitted).toBe(1);
      expect(outcomes.map((outcome) => outcome.clientOrderId)).toEqual(wanted.map((each) => each.clientOrderId));
      expect(outcomes.map((outcome) => outcome.fate?.$case)).toEqual(['accepted', 'rejected', 'accepted']);
      expect(outcomes[1]?.fate).toMatchObject({ value: { reason: RejectReason.POST_ONLY, venueCode: post } });
      const placed = [outcomes[0], outcomes[2]].flatMap((outcome) => (outcome ? [acceptedOrder(outcome)] : []));
      const never = { clientOrderId: 'it_never', venueOrderId: '987654321' };
      const cancels = await venue.cancelBatch([...placed, never].map(reference), admit);
      expect(cancels.map((outcome) => outcome.fate?.$case)).toEqual(['accepted', 'accepted', 'rejected']);
      await until(
        () =>
          placed.every(({ clientOrderId }) => ordersOf(events, clientOrderId).at(-1)?.status === OrderStatus.CANCELED),
        'the ends of both',
      );
      expect((await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' })).orders).toEqual([]);
    });

    test('a post-only order that would take is refused as such', async () => {
      const { venue } = await ready();
      const outcome = await venue.place(order({ price: '61500', postOnly: true }), admit);
      expect(outcome.fate).toMatchObject({
        $case: 'rejected',
        value: { reason: RejectReason.POST_ONLY, venueCode: post },
      });
    });

    test('an IOC order far from the market expires unfilled, and so does a FOK that the book cannot fill', async () => {
      const { venue } = await ready();
      for (const timeInForce of [TimeInForce.IOC, TimeInForce.FOK]) {
        const outcome = await venue.place(order({ price: '58000', timeInForce }), admit);
        expect(outcome.fate?.$case === 'rejected' || acceptedOrder(outcome).status === OrderStatus.EXPIRED).toBe(true);
      }
    });

    test('a market sell fills', async () => {
      const { venue } = await ready();
      const { price: _, ...sell } = order({ price: '1', type: OrderType.MARKET, side: Side.SELL });
      expect(acceptedOrder(await venue.place(sell, admit))).toMatchObject({
        type: OrderType.MARKET,
        price: undefined,
        status: OrderStatus.FILLED,
        filledQuantity: '0.01',
      });
    });

    test('what is not admitted is never sent', async () => {
      const { venue, sim } = await ready();
      const denied = { rule: DenyRule.EXPIRED, field: '', message: 'too late' };
      const outcome = await venue.place(order({ price: '58000' }), () => denied);
      expect(outcome.fate).toEqual({ $case: 'denied', value: denied });
      expect(outcome.postedAtUs).toBeUndefined();
      expect(sim.core.orders('main', venueSymbol, { limit: 10 })).toEqual([]);
    });

    test('a burst of new, partial, partial, filled arrives whole and in order, each fill after its order', async () => {
      // A still market: only our two orders and the book of the start.
      const { venue, events, until, sim } = await ready({ sim: { actionsPerSecond: 0.001 } });
      const asks = sim.core.book(venueSymbol, 3)?.asks ?? [];
      expect(asks.length).toBe(3);
      const wanted = sum(asks.map((level) => level[1]));
      const buy = order({ price: String(asks[2]?.[0]), quantity: wanted });
      const placed = acceptedOrder(await venue.place(buy, admit));
      await until(() => ordersOf(events, buy.clientOrderId).at(-1)?.status === OrderStatus.FILLED, 'filled');
      await until(() => fillsOf(events, buy.clientOrderId).length >= 3, 'every fill');
      const states = ordersOf(events, buy.clientOrderId).map((each) => each.status);
      const fills = fillsOf(events, buy.clientOrderId);
      expect(states[0]).toBe(OrderStatus.OPEN);
      expect(states.slice(1, -1).every((state) => state === OrderStatus.PARTIALLY_FILLED)).toBe(true);
      expect(states.length).toBe(fills.length + 1);
      expect(sum(fills.map((fill) => decimal(fill.quantity)))).toBe(wanted);
      const kinds = events
        .filter((event) => event.kind === 'order' || event.kind === 'fill')
        .map((event): string => event.kind);
      expect(kinds).toEqual(['order', ...fills.flatMap(() => ['order', 'fill'])]);
      const request = { symbol, venueOrderId: placed.venueOrderId };
      const listed = await venue.listFills(ListFillsRequest.fromPartial(request));
      const facts = ({ tradeId, price, quantity, fee, feeAsset, liquidity, clientOrderId }: Fill) => [
        [tradeId, price, quantity, fee, feeAsset, liquidity, clientOrderId],
      ];
      expect(listed.fills.map(facts)).toEqual(fills.map(facts));
      const truth = sim.core.fills('main', venueSymbol, { limit: 100 });
      expect(fills.map((fill) => [fill.tradeId, fill.price, fill.quantity, fill.fee])).toEqual(
        truth.map((fill) => [fill.tradeId, String(fill.price), String(fill.quantity), String(fill.fee)]),
      );
    });
  });

  describe(`order entry on ${front}`, () => {
    /** Counts the orders that reach the sim by REST. */
    const counting = () => {
      let posted = 0;
      let loggedIn = false;
      const sockets = new Set<{ terminate(): void }>();
      const behind = (simUrl: string) =>
        Bun.serve<{ readonly up: WebSocket; readonly early: string[] }>({
          port: 0,
          hostname: '127.0.0.1',
          async fetch(request, server) {
            const { pathname, search } = new URL(request.url);
            if (request.headers.get('upgrade') !== null) {
              const up = new WebSocket(`${simUrl.replace('http', 'ws')}${pathname}`);
              return server.upgrade(request, { data: { up, early: [] } })
                ? undefined
                : new Response(null, { status: 400 });
            }
            if (request.method === 'POST' && pathname === orders) posted++;
            const body = request.method === 'GET' ? {} : { body: await request.text() };
            return fetch(`${simUrl}${pathname}${search}`, {
              method: request.method,
              headers: request.headers,
              ...body,
            });
          },
          websocket: {
            open(socket) {
              const { up, early } = socket.data;
              sockets.add(socket);
              up.onopen = () => {
                for (const text of early.splice(0)) up.send(text);
              };
              up.onmessage = ({ data }) => {
                loggedIn ||= String(data).includes('.login"');
                socket.send(String(data));
              };
              up.onclose = () => socket.close();
            },
            message({ data: { up, early } }, message) {
              if (up.readyState === WebSocket.OPEN) up.send(String(message));
              else early.push(String(message));
            },
            close(socket) {
              sockets.delete(socket);
              socket.data.up.close();
            },
          },
        });
      const cut = () => {
        for (const socket of sockets) socket.terminate();
      };
      return { behind, cut, posted: () => posted, loggedIn: () => loggedIn };
    };

    test.each([
      ['websocket', 0],
      ['rest', 1],
    ] as const)('by %s %d orders go by REST', async (orderEntry, wanted) => {
      const rest = counting();
      const { venue, until } = await ready({ orderEntry, behind: rest.behind });
      await until(() => rest.loggedIn() || orderEntry === 'rest', 'the login of the order socket');
      // The login's answer may still be on its way from the proxy: then the first order goes by REST.
      await venue.place(order({ price: '58000' }), admit);
      const before = rest.posted();
      const first = order({ price: '58000' });
      const placed = acceptedOrder(await venue.place(first, admit));
      expect(placed.clientOrderId).toBe(first.clientOrderId);
      expect(rest.posted() - before).toBe(wanted);
      const amend = {
        order: reference(first),
        newClientOrderId: 'it_a',
        side: Side.BUY,
        price: '58001',
        quantity: '0.01',
      };
      expect(acceptedOrder(await venue.amend(AmendOrder.fromPartial(amend), admit)).price).toBe('58001');
      const late = await venue.place(order({ price: '61500', postOnly: true }), admit);
      expect(late.fate).toMatchObject({
        $case: 'rejected',
        value: { reason: RejectReason.POST_ONLY, venueCode: post },
      });
      expect(late.requestExpiresAtUs).toBeGreaterThan(late.postedAtUs ?? 0);
    });

    test('while the order socket is down orders go by REST', async () => {
      const rest = counting();
      const { venue, until, logged } = await ready({ behind: rest.behind });
      await until(rest.loggedIn, 'the login of the order socket');
      rest.cut();
      await until(() => logged().includes('the order socket is down'), 'the loss of the order socket');
      const outcome = await venue.place(order({ price: '58000' }), admit);
      expect(acceptedOrder(outcome).status).toBe(OrderStatus.OPEN);
      expect(rest.posted()).toBe(1);
    });
  });

  describe(`unknown fates on ${front}`, () => {
    test('a server error, a timeout and a wrong clock are told apart by what they prove', async () => {
      const { venue, fault } = await ready({ timings: { requestTimeoutMs: 300 } });
      await fault({ kind: 'fail_after_accept', method: 'POST', path: orders });
      const failed = order({ price: '58000' });
      const afterError = await venue.place(failed, admit);
      expect(afterError.fate).toMatchObject({ $case: 'unknown', value: { cause: UnknownCause.VENUE_ERROR } });
      await fault({ kind: 'timeout_after_accept', method: 'POST', path: orders, holdMs: 1_500 });
      const late = order({ price: '58000' });
      const afterTimeout = await venue.place(late, admit);
      expect(afterTimeout.fate).toMatchObject({ $case: 'unknown', value: { cause: UnknownCause.TIMEOUT } });
      const body = { label: 'REQUEST_EXPIRED', message: 'gap between request Timestamp and server time exceeds 60' };
      await fault({ kind: 'refuse', method: 'POST', path: orders, status: 403, body });
      const skewed = await venue.place(order({ price: '58000' }), admit);
      expect(skewed.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.TIMESTAMP } });
      for (const { clientOrderId } of [failed, late]) {
        const request = { order: reference({ clientOrderId }), sentAtUs: 1, settledAtUs: 1, fullSearch: false };
        const { answer } = await venue.getOrder(GetOrderRequest.fromPartial(request));
        expect(answer).toMatchObject({ $case: 'found', value: { order: { clientOrderId } } });
      }
    });

    test('an order that ended is found by its text among the finished, with its fills', async () => {
      const { venue, fault } = await ready();
      const taken = order({ price: '61000' });
      const placed = acceptedOrder(await venue.place(taken, admit));
      // As the venue answers to a text of an order that ended: spot at once, futures after 60 s.
      const path = `${orders}/t-${taken.clientOrderId}`;
      const body = { label: 'ORDER_NOT_FOUND', message: 'Order not found' };
      await fault({ kind: 'refuse', method: 'GET', path, status: 404, body });
      expect(placed.status).toBe(OrderStatus.FILLED);
      const nowUs = Date.now() * 1_000;
      const request = { order: reference(taken), sentAtUs: nowUs - 1_000_000, settledAtUs: 1, fullSearch: true };
      const { answer } = await venue.getOrder(GetOrderRequest.fromPartial(request));
      expect(answer).toMatchObject({ $case: 'found', value: { order: { venueOrderId: placed.venueOrderId } } });
      const fills = answer?.$case === 'found' ? answer.value.fills : [];
      expect(sum(fills.map(({ quantity }) => decimal(quantity)))).toBe(decimal('0.01'));
    });

    test('absence is proved only by a full search that began late enough and not too late', async () => {
      const { venue } = await ready();
      const nowUs = Date.now() * 1_000;
      const ask = async (settledAtUs: number, fullSearch: boolean, sentAtUs = nowUs - 10_000_000) => {
        const request = { order: reference({ clientOrderId: 'never_was' }), sentAtUs, settledAtUs, fullSearch };
        const { answer } = await venue.getOrder(GetOrderRequest.fromPartial(request));
        if (answer?.$case !== 'absent') throw new Error('found what never was');
        return answer.value;
      };
      expect(await ask(nowUs - 1_000_000, true)).toMatchObject({
        proved: true,
        reason: '',
        searched: [
          SearchedSource.BY_ID,
          SearchedSource.OPEN_ORDERS,
          SearchedSource.ORDER_HISTORY,
          SearchedSource.TRADES,
        ],
      });
      expect((await ask(nowUs + 60_000_000, true)).proved).toBe(false);
      expect((await ask(nowUs - 1_000_000, false)).proved).toBe(false);
      const daysAgo = await ask(nowUs - 1_000_000, true, nowUs - 3 * 86_400_000_000);
      expect(daysAgo).toMatchObject({ proved: false, reason: 'the venue keeps no history that old' });
    });

    test('a rate limit closes the endpoint that it was told for, and cancels pass', async () => {
      const { venue, events, fault, until } = await ready();
      const resting = acceptedOrder(await venue.place(order({ price: '58000' }), admit));
      const body = { label: 'TOO_MANY_REQUESTS', message: 'Request Rate Limit Exceeded' };
      await fault({ kind: 'refuse', method: 'POST', path: orders, status: 429, body });
      const limited = await venue.place(order({ price: '58000' }), admit);
      expect(limited.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.RATE_LIMITED } });
      const next = await venue.place(order({ price: '58000' }), admit);
      expect(next.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.RATE } });
      expect(venue.status.state).toBe(VenueState.READY);
      expect(acceptedOrder(await venue.cancel(reference(resting), admit)).status).toBe(OrderStatus.CANCELED);
      const said = events.flatMap((event) => (event.kind === 'rate_budgets' ? [event.budgets] : []));
      expect(said.some((budgets) => budgets.some((budget) => budget.blockedUntilUs !== undefined))).toBe(true);
      let placed = false;
      await until(() => {
        void venue.place(order({ price: '58000' }), admit).then(({ fate }) => {
          placed ||= fate?.$case === 'accepted';
        });
        return placed;
      }, 'the end of the limit');
    });
  });
}
