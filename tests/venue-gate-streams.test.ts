/** Gate's venue layer against the sim: books, the other market streams, the private stream, and what breaks them. */
import { describe, expect, test } from 'bun:test';
import type { VenueEvent } from '../apps/connector/src/venues/venue.ts';
import {
  CandleInterval,
  Channel,
  GapReason,
  type MarketEvent,
  Topic,
} from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderType, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { ErrorReason, VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import { admit, casesOf, fillsOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import { FRONTS, type RigOptions, rigPerTest, type VenueRig } from './support/venue-rig.ts';

const rigs = rigPerTest();

const MARKETS = [
  { front: 'gate-spot', levels: 50 },
  { front: 'gate-usdt-futures', levels: 100 },
] as const;

for (const { front, levels } of MARKETS) {
  const { symbol, venueSymbol } = FRONTS[front];
  const ready = (options: RigOptions = {}) => rigs.ready({ front, ...options });
  const BOOK = Topic.fromPartial({ channel: Channel.BOOK, symbol });

  describe(`books of ${front}`, () => {
    /** Applies what was said and insists that it chains. */
    function rebuild(events: readonly MarketEvent[]): OrderBook {
      const book = new OrderBook();
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

    /** Waits for an update that ends where the core's book stands: then both must be equal, level by level. */
    async function expectEqual({ sim, events, until }: VenueRig): Promise<void> {
      await until(() => {
        const ours = rebuild(marketOf(events, Channel.BOOK));
        const theirs = sim.core.book(venueSymbol, levels);
        if (theirs === undefined || ours.sequence !== theirs.lastUpdateId) return false;
        const view = ours.view(levels);
        const texts = (side: readonly { price: string; quantity: string }[]) =>
          side.map((level) => [level.price, level.quantity]);
        expect(texts(view.bids)).toEqual(theirs.bids.map(([price, quantity]) => [String(price), String(quantity)]));
        expect(texts(view.asks)).toEqual(theirs.asks.map(([price, quantity]) => [String(price), String(quantity)]));
        return true;
      }, 'a moment at which both books stand at one sequence');
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
      await current.fault({ kind: 'drop_book_delta', symbol: venueSymbol, nth: 1 });
      await current.until(() => gaps(marketOf(current.events, Channel.BOOK)).length > 0, 'the gap');
      const said = () => marketOf(current.events, Channel.BOOK);
      const at = said().findIndex((event) => event.event?.$case === 'gap');
      await current.until(() => updates(said().slice(at)) >= 5, 'updates after the gap');
      await expectEqual(current);
      expect(gaps(said()).map((event) => event.event)).toMatchObject([{ value: { reason: GapReason.VENUE_SEQUENCE } }]);
      const after = casesOf(said().slice(at)).filter((each) => each !== 'staleness');
      expect(after[1]).toBe('bookSnapshot');
    });

    test('a closed market socket gives a gap and a stale mark for each topic, and the data comes back', async () => {
      const current = await ready();
      const quotes = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol });
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
      current.venue.unsubscribe(BOOK);
      current.venue.subscribe(BOOK);
      const from = marketOf(current.events, Channel.BOOK).length;
      const since = () => marketOf(current.events, Channel.BOOK).slice(from);
      await current.until(() => updates(since()) >= 5, 'updates again');
      expect(casesOf(since())[0]).toBe('bookSnapshot');
      expect(gaps(since())).toEqual([]);
    });
  });

  describe(`streams of ${front}`, () => {
    test('every channel that Describe names speaks, and no other is taken', async () => {
      const { venue, events, until } = await ready();
      const { channels } = venue.profile.capabilities;
      const interval = CandleInterval.CANDLE_INTERVAL_1M;
      for (const channel of channels) {
        venue.subscribe(Topic.fromPartial({ channel, symbol, ...(channel === Channel.CANDLES ? { interval } : {}) }));
      }
      const silent = () =>
        channels.filter((channel) => casesOf(marketOf(events, channel)).every((each) => each === 'subscription'));
      await until(() => silent().length === 0, 'a word of every channel');
      const absent = [Channel.MARK_PRICE, Channel.OPEN_INTEREST].filter((channel) => !channels.includes(channel));
      for (const channel of absent) venue.subscribe(Topic.fromPartial({ channel, symbol }));
      for (const channel of absent) {
        const refusal = { active: false, reason: ErrorReason.UNSUPPORTED };
        expect(marketOf(events, channel).map(({ event }) => event)).toMatchObject([{ value: refusal }]);
      }
    });

    test('trades in quick succession arrive whole, with the ids of the market', async () => {
      const { venue, events, until, sim } = await ready({ sim: { actionsPerSecond: 2_000 } });
      venue.subscribe(Topic.fromPartial({ channel: Channel.TRADES, symbol }));
      const said = () =>
        marketOf(events, Channel.TRADES).flatMap(({ event }) => (event?.$case === 'trade' ? [event.value] : []));
      await until(() => said().length >= 200, 'two hundred trades');
      const ids = said().map(({ tradeId }) => Number(tradeId));
      expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
      const first = sim.core.trades(venueSymbol, 1_000).find(({ tradeId }) => Number(tradeId) === ids[0]);
      expect(said()[0]).toMatchObject({ price: String(first?.price), quantity: String(first?.quantity) });
    });
  });

  describe(`the private stream of ${front}`, () => {
    const kinds = (events: readonly VenueEvent[]) =>
      events.flatMap((event) => {
        if (event.kind === 'status') return [`status ${VenueState[event.status.state]}`];
        return event.kind === 'private_gap' ? ['private_gap'] : [];
      });

    test('a closed socket is a gap, said before READY, and orders flow again', async () => {
      const current = await ready();
      const { venue, events, until } = current;
      await current.fault({ kind: 'close_sockets', sockets: 'user' });
      await until(
        () => kinds(events).at(-1) === 'status READY' && kinds(events).includes('private_gap'),
        'READY again',
      );
      expect(kinds(events)).toEqual(['status READY', 'status DISCONNECTED', 'private_gap', 'status READY']);
      const order = limit({ symbol, price: '58000' });
      await venue.place(order, admit);
      await until(() => ordersOf(events, order.clientOrderId).length === 1, 'the order on the new stream');
    });

    test('a trade is followed by what it changed: balances, and positions where there are any', async () => {
      const { venue, events, until } = await ready();
      const { price: _, ...sell } = limit({ symbol, price: '1', type: OrderType.MARKET, side: Side.SELL });
      await venue.place(sell, admit);
      await until(() => fillsOf(events, sell.clientOrderId).length > 0, 'the fill');
      await until(() => events.some(({ kind }) => kind === 'balances'), 'the balances');
      if (front === 'gate-usdt-futures') {
        await until(() => events.some(({ kind }) => kind === 'positions'), 'the position');
        const position = events.find((event) => event.kind === 'positions');
        expect(position?.kind === 'positions' && position.update.positions).toMatchObject([
          { symbol, quantity: '-0.01' },
        ]);
        expect(events.some(({ kind }) => kind === 'settings')).toBe(true);
      }
      const fill = fillsOf(events, sell.clientOrderId)[0];
      const change = events.findLast((event) => event.kind === 'balances');
      expect(fill?.feeAsset).toBe('USDT');
      expect(change?.kind === 'balances' && change.update.balances.map(({ asset }) => asset)).toEqual(['USDT']);
    });

    test('a venue that takes subscriptions and then says nothing more is left for another socket', async () => {
      const mute = muteAfterSubscriptions();
      const current = await ready({ timings: { socketPingMs: 60 }, behind: mute.behind });
      await current.until(() => kinds(current.events).includes('status DISCONNECTED'), 'the loss');
      await current.until(() => mute.opened() >= 2, 'another socket');
    });
  });
}

/** Hands REST through to the sim; of private sockets it confirms every subscription and answers nothing else. */
function muteAfterSubscriptions() {
  let opened = 0;
  return {
    opened: () => opened,
    behind: (simUrl: string) =>
      Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        async fetch(request, server) {
          if (server.upgrade(request)) return undefined;
          const { pathname, search } = new URL(request.url);
          const body = request.method === 'GET' ? {} : { body: await request.text() };
          return fetch(`${simUrl}${pathname}${search}`, { method: request.method, headers: request.headers, ...body });
        },
        websocket: {
          open() {
            opened++;
          },
          message(socket, message) {
            const { id, channel, event } = JSON.parse(String(message));
            if (event !== 'subscribe') return;
            socket.send(JSON.stringify({ id, channel, event, time: 1, error: null, result: { status: 'success' } }));
          },
        },
      }),
  };
}
