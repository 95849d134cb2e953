/** The connector's venue layer against the sim, through ccxt's production code: orders, streams, books, and what breaks. */
import { afterEach, describe, expect, test } from 'bun:test';
import type { VenueEvent } from '../apps/connector/src/venues/venue.ts';
import {
  GetOrderRequest,
  ListFillsRequest,
  SearchedSource,
} from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { Channel, GapReason, type MarketEvent, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import {
  AmendOrder,
  type Denied,
  DenyRule,
  type Fill,
  type Order,
  type OrderOutcome,
  OrderStatus,
  OrderType,
  PlaceOrder,
  RejectReason,
  Side,
  TimeInForce,
  UnknownCause,
} from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { decimal, sum } from '../proto/src/decimal.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import {
  API_KEY,
  API_SECRET,
  type RigOptions,
  SYMBOL,
  VENUE_SYMBOL,
  type VenueRig,
  venueRig,
} from './support/venue-rig.ts';

let rig: VenueRig | undefined;

afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

async function ready(options: RigOptions = {}): Promise<VenueRig> {
  rig = await venueRig(options);
  expect(await rig.venue.start()).toBeUndefined();
  expect(rig.venue.status.state).toBe(VenueState.READY);
  return rig;
}

const admit = (): Denied | undefined => undefined;
let counter = 0;

function limit(fields: Partial<PlaceOrder> & { price: string }): PlaceOrder {
  return PlaceOrder.fromPartial({
    clientOrderId: `it_${++counter}`,
    symbol: SYMBOL,
    side: Side.BUY,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantity: '0.01',
    ...fields,
  });
}

const reference = (order: { clientOrderId: string; venueOrderId?: string }) => ({
  symbol: SYMBOL,
  clientOrderId: order.clientOrderId,
  venueOrderId: order.venueOrderId ?? '',
});

function acceptedOrder(outcome: OrderOutcome): Order {
  if (outcome.fate?.$case !== 'accepted' || outcome.fate.value.order === undefined) {
    throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  }
  return outcome.fate.value.order;
}

const ordersOf = (events: readonly VenueEvent[], id: string): Order[] =>
  events.flatMap((event) => (event.kind === 'order' && event.order.clientOrderId === id ? [event.order] : []));
const fillsOf = (events: readonly VenueEvent[], id: string): Fill[] =>
  events.flatMap((event) => (event.kind === 'fill' && event.fill.clientOrderId === id ? [event.fill] : []));
const marketOf = (events: readonly VenueEvent[], channel: Channel): MarketEvent[] =>
  events.flatMap((event) => (event.kind === 'market' && event.event.topic?.channel === channel ? [event.event] : []));
const casesOf = (events: readonly MarketEvent[]) => events.map((event) => event.event?.$case);

/** The core's price, so that prices of a test sit where they are meant to. */
function best(venue: VenueRig) {
  const quote = venue.sim.core.bestQuote(VENUE_SYMBOL);
  if (quote?.bid === undefined || quote.ask === undefined) throw new Error('the sim has no quote');
  return { bid: String(quote.bid[0]), ask: String(quote.ask[0]) };
}

describe('orders', () => {
  test('an order is accepted, amended in place and cancelled, and the stream says each step once, in order', async () => {
    const { venue, events, until } = await ready();
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
  });

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
    const { venue, events, fault, until } = await ready();
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

describe('books', () => {
  const BOOK = Topic.fromPartial({ channel: Channel.BOOK, symbol: SYMBOL });

  /** Applies what was said since `from` and insists that it chains. */
  function rebuild(events: readonly MarketEvent[], book: OrderBook): OrderBook {
    for (const { event, sequence } of events) {
      if (event?.$case === 'bookSnapshot') expect(book.applySnapshot(event.value, sequence)).toBe('applied');
      if (event?.$case === 'bookUpdate') expect(book.applyUpdate(event.value, sequence)).toBe('applied');
      if (event?.$case === 'gap') book.invalidate();
    }
    return book;
  }

  const updates = (events: readonly MarketEvent[]) =>
    events.filter((event) => event.event?.$case === 'bookUpdate').length;
  const gaps = (events: readonly MarketEvent[]) => events.filter((event) => event.event?.$case === 'gap');

  /** Stops the sim's market by asking it at one sequence: the book of ours at the same update id must be equal. */
  async function expectEqual(current: VenueRig): Promise<void> {
    const { sim, events, until } = current;
    // The stream merges deltas: wait for one that ends exactly where the core's book stands.
    let equal = false;
    await until(() => {
      const said = marketOf(events, Channel.BOOK);
      const ours = rebuild(said, new OrderBook());
      const theirs = sim.core.book(VENUE_SYMBOL, 1_000);
      if (theirs === undefined || ours.sequence !== theirs.lastUpdateId) return false;
      const view = ours.view(1_000);
      const levels = (side: readonly { price: string; quantity: string }[]) =>
        side.map((level) => [level.price, level.quantity]);
      expect(levels(view.bids)).toEqual(theirs.bids.map(([price, quantity]) => [String(price), String(quantity)]));
      expect(levels(view.asks)).toEqual(theirs.asks.map(([price, quantity]) => [String(price), String(quantity)]));
      equal = true;
      return true;
    }, 'a moment at which both books stand at one sequence');
    expect(equal).toBe(true);
  }

  test('after many updates the book equals the venue\u2019s, level by level', async () => {
    const current = await ready();
    current.venue.subscribe(BOOK);
    await current.until(() => updates(marketOf(current.events, Channel.BOOK)) >= 20, 'twenty updates');
    await expectEqual(current);
    expect(gaps(marketOf(current.events, Channel.BOOK))).toEqual([]);
  });

  test('a dropped delta gives exactly one gap, then a snapshot, then an equal book', async () => {
    const current = await ready();
    current.venue.subscribe(BOOK);
    await current.until(() => updates(marketOf(current.events, Channel.BOOK)) >= 3, 'updates');
    await current.fault({ kind: 'drop_book_delta', symbol: VENUE_SYMBOL, nth: 1 });
    await current.until(() => gaps(marketOf(current.events, Channel.BOOK)).length > 0, 'the gap');
    const at = marketOf(current.events, Channel.BOOK).findIndex((event) => event.event?.$case === 'gap');
    await current.until(() => updates(marketOf(current.events, Channel.BOOK).slice(at)) >= 5, 'updates after the gap');
    await expectEqual(current);
    const said = marketOf(current.events, Channel.BOOK);
    expect(gaps(said).map((event) => event.event)).toMatchObject([{ value: { reason: GapReason.VENUE_SEQUENCE } }]);
    expect(casesOf(said.slice(at))[1]).toBe('bookSnapshot');
  });

  test('a closed market socket gives a gap and a stale mark, and the data comes back by itself', async () => {
    const current = await ready();
    const quotes = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: SYMBOL });
    current.venue.subscribe(BOOK);
    current.venue.subscribe(quotes);
    await current.until(() => updates(marketOf(current.events, Channel.BOOK)) >= 2, 'updates');
    await current.until(() => casesOf(marketOf(current.events, Channel.BEST_QUOTE)).includes('bestQuote'), 'a quote');
    await current.fault({ kind: 'close_sockets', sockets: 'market' });
    for (const channel of [Channel.BOOK, Channel.BEST_QUOTE]) {
      const said = () => casesOf(marketOf(current.events, channel));
      await current.until(
        () => said().includes('gap') && said().includes('staleness'),
        `the gap of ${Channel[channel]}`,
      );
      const end = said().lastIndexOf('staleness');
      await current.until(() => said().length > end + 1, `data of ${Channel[channel]} again`);
    }
    await current.until(() => updates(marketOf(current.events, Channel.BOOK)) >= 6, 'updates again');
    await expectEqual(current);
  });

  test('a fresh snapshot can be had without a gap, and an ended topic stays silent', async () => {
    const current = await ready();
    current.venue.subscribe(BOOK);
    await current.until(() => updates(marketOf(current.events, Channel.BOOK)) >= 2, 'updates');
    const before = marketOf(current.events, Channel.BOOK).length;
    current.venue.resnapshot(BOOK);
    expect(casesOf(marketOf(current.events, Channel.BOOK).slice(before))).toEqual(['bookSnapshot']);
    current.venue.unsubscribe(BOOK);
    const said = marketOf(current.events, Channel.BOOK).length;
    current.venue.subscribe(Topic.fromPartial({ channel: Channel.TRADES, symbol: SYMBOL }));
    await current.until(() => casesOf(marketOf(current.events, Channel.TRADES)).includes('trade'), 'a trade');
    expect(marketOf(current.events, Channel.BOOK).length).toBe(said);
  });
});

describe('the private stream', () => {
  const kinds = (events: readonly VenueEvent[]) =>
    events.flatMap((event) => {
      if (event.kind === 'status') return [`status ${VenueState[event.status.state]}`];
      return event.kind === 'private_gap' ? ['private_gap'] : [];
    });

  for (const [name, fault] of [
    ['an expired listen key', { kind: 'expire_listen_key', account: 'main' }],
    ['a closed socket', { kind: 'close_sockets', sockets: 'user' }],
  ] as const) {
    test(`${name} is a gap, said before READY, and orders flow again`, async () => {
      const current = await ready();
      const { venue, events, until } = current;
      await current.fault(fault);
      await until(
        () => kinds(events).at(-1) === 'status READY' && kinds(events).includes('private_gap'),
        'READY again',
      );
      expect(kinds(events)).toEqual(['status READY', 'status DISCONNECTED', 'private_gap', 'status READY']);
      const order = limit({ price: '58000' });
      await venue.place(order, admit);
      await until(() => ordersOf(events, order.clientOrderId).length === 1, 'the order on the new stream');
    });
  }

  test('a socket that never comes up neither crashes the process nor stops the attempts', async () => {
    const current = await venueRig({ timings: { connectTimeoutMs: 50 }, behind: swallowSockets });
    rig = current;
    const started = current.venue.start();
    await current.until(() => swallowed >= 2, 'a second attempt');
    expect(current.venue.status.state).toBe(VenueState.CONNECTING);
    await current.venue.close();
    expect(await started).toBeUndefined();
  });
});

let swallowed = 0;

/** Hands REST through to the sim and leaves every WebSocket upgrade without an answer. */
function swallowSockets(simUrl: string) {
  swallowed = 0;
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      if (request.headers.get('upgrade') !== null) {
        swallowed++;
        return new Promise<Response>(() => {});
      }
      const { pathname, search } = new URL(request.url);
      const body = request.method === 'GET' ? {} : { body: await request.text() };
      return fetch(`${simUrl}${pathname}${search}`, { method: request.method, headers: request.headers, ...body });
    },
  });
}

describe('start', () => {
  test('a wrong secret is a refusal that names what the venue said, and no secret', async () => {
    rig = await venueRig({ secret: 'wrong-secret-0123456789' });
    const refusal = await rig.venue.start();
    expect(refusal?.code).toBe('bad_credentials');
    expect(refusal?.message).toContain('-1022');
    expect(JSON.stringify(refusal) + rig.logged()).not.toMatch(/signature=|canary|wrong-secret/);
  });

  test('a key that can withdraw is refused', async () => {
    rig = await venueRig({ canWithdraw: true });
    expect((await rig.venue.start())?.code).toBe('can_withdraw');
  });

  test('an unknown symbol is refused by name, with what there is', async () => {
    rig = await venueRig({ symbols: ['BTC/USDX:USDX'] });
    const refusal = await rig.venue.start();
    expect(refusal).toMatchObject({ code: 'unknown_symbol' });
    expect(refusal?.message).toContain('BTC/USDX:USDX');
    expect(refusal?.message).toContain(SYMBOL);
  });

  test('a venue that is away at first is waited for, and closing ends the wait', async () => {
    rig = await venueRig();
    await rig.fault({
      kind: 'refuse',
      path: '/fapi/v1/exchangeInfo',
      status: 503,
      body: { code: 0, msg: 'busy' },
      count: 1,
    });
    expect(await rig.venue.start()).toBeUndefined();
    expect(rig.venue.status.state).toBe(VenueState.READY);
  });

  test('no error text carries a key, a secret or a signature', async () => {
    const current = await ready();
    await current.fault({
      kind: 'refuse',
      path: '/fapi/v1/openOrders',
      status: 400,
      body: { code: -1102, msg: `bad ${API_KEY} https://x/y?signature=abc&timestamp=1 ${API_SECRET}` },
    });
    const failure = await current.venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' }).catch(String);
    expect(failure).toContain('-1102');
    expect(failure).not.toContain('canary');
    expect(failure).not.toContain('signature=abc');
  });
});

describe('queries', () => {
  test('balances, positions, candles, funding, time and settings are the venue\u2019s', async () => {
    const { venue, sim } = await ready();
    const account = sim.core.account('main');
    expect((await venue.getBalances()).balances).toMatchObject([{ asset: 'USDT', total: '1000000' }]);
    const market = PlaceOrder.fromPartial({
      clientOrderId: 'q_1',
      symbol: SYMBOL,
      side: Side.SELL,
      type: OrderType.MARKET,
      quantity: '0.01',
    });
    expect(acceptedOrder(await venue.place(market, admit)).status).toBe(OrderStatus.FILLED);
    expect((await venue.listPositions()).positions).toMatchObject([{ symbol: SYMBOL, quantity: '-0.01' }]);
    expect(account).toBeDefined();
    const candles = await venue.listCandles({
      symbol: SYMBOL,
      interval: 1,
      sinceUs: 0,
      untilUs: 0,
      pageSize: 10,
      pageToken: '',
    });
    expect(candles.candles.length).toBeGreaterThan(0);
    expect((await venue.getFundingRate(SYMBOL)).fundingRate).toMatch(/^-?\d/);
    const time = await venue.getServerTime();
    expect(Math.abs(time.venueTimeUs - time.askedAtUs)).toBeLessThan(5_000_000);
    expect(await venue.setLeverage(SYMBOL, 10)).toBe(10);
    await venue.armDeadMan(SYMBOL, 30_000);
    await venue.armDeadMan(SYMBOL, 0);
  });

  test('a list of fills pages through everything once, whatever the page size', async () => {
    const { venue, sim } = await ready();
    for (let index = 0; index < 5; index++) {
      const side = index % 2 === 0 ? Side.BUY : Side.SELL;
      const order = PlaceOrder.fromPartial({
        clientOrderId: `p_${index}`,
        symbol: SYMBOL,
        side,
        type: OrderType.MARKET,
        quantity: '0.01',
      });
      acceptedOrder(await venue.place(order, admit));
    }
    const truth = sim.core.fills('main', VENUE_SYMBOL, { limit: 1_000 }).map((fill) => fill.tradeId);
    expect(truth.length).toBeGreaterThanOrEqual(5);
    for (const sinceUs of [0, Date.now() * 1_000 - 3_600_000_000]) {
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await venue.listFills(
          ListFillsRequest.fromPartial({ symbol: SYMBOL, sinceUs, pageSize: 2, pageToken }),
        );
        seen.push(...page.fills.map((fill) => fill.tradeId));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect([...new Set(seen)]).toEqual(truth);
    }
  });
});
