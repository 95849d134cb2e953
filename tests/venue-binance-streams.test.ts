/** The venue layer against the sim, through ccxt's production code: books, the private stream, and what breaks them. */
import { describe, expect, test } from 'bun:test';
import type { VenueEvent } from '../apps/connector/src/venues/venue.ts';
import { Channel, GapReason, type MarketEvent, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import { admit, casesOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import { rigPerTest, SYMBOL, VENUE_SYMBOL, type VenueRig } from './support/venue-rig.ts';

const { open, ready } = rigPerTest();

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

  test('a topic ended and asked for again at once gives data on its new socket', async () => {
    const current = await ready();
    current.venue.subscribe(BOOK);
    await current.until(() => updates(marketOf(current.events, Channel.BOOK)) >= 2, 'updates');
    for (let turn = 0; turn < 3; turn++) {
      current.venue.unsubscribe(BOOK);
      current.venue.subscribe(BOOK);
      const from = marketOf(current.events, Channel.BOOK).length;
      const since = () => marketOf(current.events, Channel.BOOK).slice(from);
      await current.until(() => updates(since()) >= 5, 'updates again');
      expect(casesOf(since())[0]).toBe('bookSnapshot');
      expect(gaps(since())).toEqual([]);
    }
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
    const current = await open({ timings: { connectTimeoutMs: 50 }, behind: swallowSockets });
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
