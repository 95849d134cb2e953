/** Bitget's venue layer against the sim: topics on one shared socket, books, the private stream, and what breaks them. */
import { describe, expect, test } from 'bun:test';
import type { VenueEvent } from '../apps/connector/src/venues/venue.ts';
import {
  CandleInterval,
  Channel,
  GapReason,
  type MarketEvent,
  Topic,
} from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import { admit, casesOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import { FRONTS, type RigOptions, rigPerTest, type VenueRig } from './support/venue-rig.ts';

const { open, ready: readyOn } = rigPerTest();

const PERPETUAL_CHANNELS = [Channel.MARK_PRICE, Channel.OPEN_INTEREST];
const CHANNELS = [Channel.BEST_QUOTE, Channel.BOOK, Channel.TRADES, Channel.CANDLES, Channel.TICKER];
const MARKETS = [
  { front: 'bitget-usdt-futures', channels: [...CHANNELS, ...PERPETUAL_CHANNELS] },
  { front: 'bitget-spot', channels: CHANNELS },
] as const;

const caseOf = new Map<Channel, string>([
  [Channel.BEST_QUOTE, 'bestQuote'],
  [Channel.BOOK, 'bookSnapshot'],
  [Channel.TRADES, 'trade'],
  [Channel.CANDLES, 'candle'],
  [Channel.TICKER, 'ticker'],
  [Channel.MARK_PRICE, 'markPrice'],
  [Channel.OPEN_INTEREST, 'openInterest'],
]);

/** Applies what was said and insists that it chains. */
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

for (const { front, channels } of MARKETS) {
  const { symbol, venueSymbol } = FRONTS[front];
  const ready = (options: RigOptions = {}) => readyOn({ front, ...options });
  const topic = (channel: Channel) =>
    Topic.fromPartial({
      channel,
      symbol,
      interval:
        channel === Channel.CANDLES ? CandleInterval.CANDLE_INTERVAL_1M : CandleInterval.CANDLE_INTERVAL_UNSPECIFIED,
    });
  const BOOK = topic(Channel.BOOK);
  const said = (current: VenueRig, channel: Channel) => marketOf(current.events, channel);

  /** Waits for a moment at which our book stands at the sequence of the core's: then both must be equal. */
  const expectEqual = (current: VenueRig) =>
    current.until(() => {
      const ours = rebuild(said(current, Channel.BOOK), new OrderBook());
      const theirs = current.sim.core.book(venueSymbol, 1_000);
      if (theirs === undefined || ours.sequence !== theirs.lastUpdateId) return false;
      const view = ours.view(1_000);
      const levels = (side: readonly { price: string; quantity: string }[]) =>
        side.map((level) => [level.price, level.quantity]);
      expect(levels(view.bids)).toEqual(theirs.bids.map(([price, quantity]) => [String(price), String(quantity)]));
      expect(levels(view.asks)).toEqual(theirs.asks.map(([price, quantity]) => [String(price), String(quantity)]));
      return true;
    }, 'a moment at which both books stand at one sequence');

  describe(`topics on ${front}`, () => {
    test('every channel gives its data over one socket, and an ended one stays silent', async () => {
      const current = await ready();
      for (const channel of channels) current.venue.subscribe(topic(channel));
      for (const channel of channels) {
        const wanted = caseOf.get(channel) ?? '';
        await current.until(
          () => casesOf(said(current, channel)).some((each) => each === wanted),
          `data of ${Channel[channel]}`,
        );
      }
      const first = Channel.BEST_QUOTE;
      const rest = channels.filter((channel) => channel !== first);
      for (const channel of rest) current.venue.unsubscribe(topic(channel));
      const counts = rest.map((channel) => said(current, channel).length);
      const before = said(current, first).length;
      await current.until(() => said(current, first).length > before + 20, 'more of what is still held');
      expect(rest.map((channel) => said(current, channel).length)).toEqual(counts);
    });

    test('topics that share a channel end one by one', async () => {
      const current = await ready();
      const shared = channels.filter((channel) => channel === Channel.TICKER || PERPETUAL_CHANNELS.includes(channel));
      for (const channel of shared) current.venue.subscribe(topic(channel));
      for (const channel of shared) {
        await current.until(() => said(current, channel).length > 1, `data of ${Channel[channel]}`);
      }
      for (const channel of shared.slice(1)) current.venue.unsubscribe(topic(channel));
      const before = said(current, Channel.TICKER).length;
      await current.until(() => said(current, Channel.TICKER).length > before + 1, 'the ticker goes on');
    });

    test('a topic that the venue does not have is refused with a reason', async () => {
      const current = await ready();
      current.venue.subscribe(Topic.fromPartial({ channel: Channel.BOOK, symbol, depth: 7 }));
      current.venue.subscribe(Topic.fromPartial({ channel: Channel.BOOK, symbol: 'NO/SUCH' }));
      const refused = said(current, Channel.BOOK).map(({ event }) => event);
      expect(refused).toMatchObject([{ value: { active: false } }, { value: { active: false } }]);
    });
  });

  describe(`books on ${front}`, () => {
    test('after many updates the book equals the venue\u2019s, level by level', async () => {
      const current = await ready();
      current.venue.subscribe(BOOK);
      await current.until(() => updates(said(current, Channel.BOOK)) >= 8, 'updates');
      await expectEqual(current);
      expect(gaps(said(current, Channel.BOOK))).toEqual([]);
    });

    test('a dropped push gives exactly one gap, then a snapshot, then an equal book', async () => {
      const current = await ready();
      current.venue.subscribe(BOOK);
      await current.until(() => updates(said(current, Channel.BOOK)) >= 2, 'updates');
      await current.fault({ kind: 'drop_book_delta', symbol: venueSymbol, nth: 1 });
      await current.until(() => gaps(said(current, Channel.BOOK)).length > 0, 'the gap');
      const at = said(current, Channel.BOOK).findIndex((event) => event.event?.$case === 'gap');
      const since = () => said(current, Channel.BOOK).slice(at);
      await current.until(() => updates(since()) >= 2, 'updates after the gap');
      await expectEqual(current);
      expect(gaps(said(current, Channel.BOOK)).map(({ event }) => event)).toMatchObject([
        { value: { reason: GapReason.VENUE_SEQUENCE } },
      ]);
      expect(casesOf(since()).filter((each) => each !== 'staleness')[1]).toBe('bookSnapshot');
    });

    test('after a reconnect the new snapshot replaces the book that was held', async () => {
      const current = await ready();
      const quotes = topic(Channel.BEST_QUOTE);
      current.venue.subscribe(BOOK);
      current.venue.subscribe(quotes);
      await current.until(() => updates(said(current, Channel.BOOK)) >= 2, 'updates');
      await current.until(() => casesOf(said(current, Channel.BEST_QUOTE)).includes('bestQuote'), 'a quote');
      await current.fault({ kind: 'close_sockets', sockets: 'market' });
      for (const channel of [Channel.BOOK, Channel.BEST_QUOTE]) {
        const cases = () => casesOf(said(current, channel));
        await current.until(
          () => cases().includes('gap') && cases().includes('staleness'),
          `the gap of ${Channel[channel]}`,
        );
        const end = cases().lastIndexOf('staleness');
        await current.until(() => cases().length > end + 1, `data of ${Channel[channel]} again`);
      }
      const at = said(current, Channel.BOOK).findLastIndex((event) => event.event?.$case === 'bookSnapshot');
      await current.until(() => updates(said(current, Channel.BOOK).slice(at)) >= 2, 'updates again');
      await expectEqual(current);
    });

    test('a topic ended and asked for again at once begins with a snapshot', async () => {
      const current = await ready();
      current.venue.subscribe(topic(Channel.TICKER));
      current.venue.subscribe(BOOK);
      await current.until(() => updates(said(current, Channel.BOOK)) >= 2, 'updates');
      for (let turn = 0; turn < 3; turn++) {
        current.venue.unsubscribe(BOOK);
        current.venue.subscribe(BOOK);
        const from = said(current, Channel.BOOK).length;
        const since = () => said(current, Channel.BOOK).slice(from);
        await current.until(() => updates(since()) >= 2, 'updates again');
        expect(casesOf(since())[0]).toBe('bookSnapshot');
        expect(gaps(since())).toEqual([]);
      }
    });
  });

  describe(`the private stream of ${front}`, () => {
    const kinds = (events: readonly VenueEvent[]) =>
      events.flatMap((event) => {
        if (event.kind === 'status') return [`status ${VenueState[event.status.state]}`];
        return event.kind === 'private_gap' ? ['private_gap'] : [];
      });

    test('a closed socket is a gap, said before READY, and orders flow again', async () => {
      const { venue, events, until, fault } = await ready();
      await fault({ kind: 'close_sockets', sockets: 'user' });
      await until(
        () => kinds(events).at(-1) === 'status READY' && kinds(events).includes('private_gap'),
        'READY again',
      );
      expect(kinds(events)).toEqual(['status READY', 'status DISCONNECTED', 'private_gap', 'status READY']);
      const order = limit({ symbol, price: '58000' });
      await venue.place(order, admit);
      await until(() => ordersOf(events, order.clientOrderId).length === 1, 'the order on the new stream');
    });

    test('a peer that answers no ping is left, and the stream is opened again', async () => {
      const current = await open({ front, timings: { socketPingMs: 50 }, behind: deafSockets });
      const started = current.venue.start();
      await current.until(() => upgrades >= 2, 'a second socket');
      await current.venue.close();
      expect(await started).toBeUndefined();
    });

    test('a socket that never comes up neither crashes the process nor stops the attempts', async () => {
      const current = await open({ front, timings: { connectTimeoutMs: 50 }, behind: swallowSockets });
      const started = current.venue.start();
      await current.until(() => upgrades >= 2, 'a second attempt');
      expect(current.venue.status.state).toBe(VenueState.CONNECTING);
      await current.venue.close();
      expect(await started).toBeUndefined();
    });
  });
}

let upgrades = 0;

function forward(simUrl: string, request: Request, body: string | undefined): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  return fetch(`${simUrl}${pathname}${search}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** Hands REST through to the sim and leaves every WebSocket upgrade without an answer. */
function swallowSockets(simUrl: string) {
  upgrades = 0;
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      if (request.headers.get('upgrade') !== null) {
        upgrades++;
        return new Promise<Response>(() => {});
      }
      return forward(simUrl, request, request.method === 'GET' ? undefined : await request.text());
    },
  });
}

/** Hands REST through to the sim and takes every WebSocket, whose messages it never answers. */
function deafSockets(simUrl: string) {
  upgrades = 0;
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request, server) {
      if (server.upgrade(request)) {
        upgrades++;
        return undefined;
      }
      return forward(simUrl, request, request.method === 'GET' ? undefined : await request.text());
    },
    websocket: { message() {} },
  });
}
