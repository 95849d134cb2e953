import { describe, expect, test } from 'bun:test';
import { Channel, GapReason, type MarketEvent, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason, GoodbyeReason, VenueState } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { OrderBook } from '@trunkline/proto/order-book';
import { seededRng } from '@trunkline/proto/rng';
import {
  answered,
  book,
  bookSnapshot,
  bookUpdate,
  connect,
  QUOTES,
  quote,
  rig,
  SYMBOL,
  TRADES,
  trade,
  turn,
} from './testing/rig.ts';

const cases = (events: readonly MarketEvent[]) => events.map(({ event }) => event?.$case);
const bids = (events: readonly MarketEvent[]) =>
  events.flatMap(({ event }) => (event?.$case === 'bestQuote' ? [event.value.bidPrice] : []));

describe('a market stream', () => {
  test('that does not begin with hello ends with PROTOCOL', async () => {
    const { lane } = rig();
    const ends: unknown[] = [];
    const sender = lane.open(
      { caller: { role: 'engine', name: 'x' } },
      { message: () => {}, closed: (end) => ends.push(end) },
    );
    sender.send({ frames: [{ frame: { $case: 'credit', value: { messages: 1 } } }] });
    expect(ends).toEqual([]);
    await turn();
    expect(ends).toMatchObject([{ kind: 'failed', error: { reason: ErrorReason.PROTOCOL } }]);
  });

  test('of another protocol version ends with PROTOCOL_VERSION', async () => {
    const { lane } = rig();
    const client = connect(lane, []);
    client.sender.cancel();
    const other = lane.open(
      { caller: { role: 'engine', name: 'x' } },
      { message: () => {}, closed: (end) => client.ends.push(end) },
    );
    const value = { protocolVersion: '2.0', clientId: 'c', sentAtUs: 0, initialCredit: 1 };
    other.send({ frames: [{ frame: { $case: 'hello', value } }] });
    await turn();
    expect(client.ends).toMatchObject([
      { error: { reason: ErrorReason.CANCELLED } },
      { error: { reason: ErrorReason.PROTOCOL_VERSION } },
    ]);
  });

  test('is welcomed with the boot id and an echo of its hello', async () => {
    const { lane, clock } = rig();
    const client = connect(lane, []);
    await turn();
    expect(client.messages).toMatchObject([
      {
        welcome: { bootId: 'b1', echo: { peerSentAtUs: 7, receivedAtUs: clock.wallUs() } },
        venueStatus: { state: VenueState.READY },
      },
    ]);
  });

  test('is ended by six seconds of silence, and kept by heartbeats, which are answered', async () => {
    const { lane, clock } = rig();
    const silent = connect(lane, []);
    const alive = connect(lane, []);
    for (let second = 0; second < 8; second++) {
      alive.send({ $case: 'heartbeat', value: { sentAtUs: second } });
      await clock.advanceAsync(1_000);
    }
    expect(silent.ends).toMatchObject([{ kind: 'failed', error: { reason: ErrorReason.SILENT } }]);
    expect(alive.ends).toEqual([]);
    const echoes = alive.messages.flatMap(({ heartbeat }) => (heartbeat?.echo ? [heartbeat.echo.peerSentAtUs] : []));
    expect(echoes).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('sends nothing after its end and takes nothing more', async () => {
    const { lane, market, venue, clock } = rig();
    const client = connect(lane, [QUOTES]);
    await turn();
    const before = client.messages.length;
    client.sender.end();
    client.send({ $case: 'subscribe', value: { topics: [TRADES] } });
    market(quote('1'));
    await clock.advanceAsync(10_000);
    expect(client.messages.length).toBe(before);
    expect(client.ends).toEqual([{ kind: 'ended' }]);
    expect(venue.asked).toEqual(['subscribe BEST_QUOTE 0', 'unsubscribe BEST_QUOTE 0']);
  });

  test('gets Goodbye when the lane closes, and no timer is left', async () => {
    const { lane, clock } = rig();
    const client = connect(lane, [QUOTES]);
    await turn();
    lane.close();
    await turn();
    expect(client.messages.at(-1)?.goodbye).toEqual({ reason: GoodbyeReason.DRAINED });
    expect(client.ends).toEqual([{ kind: 'ended' }]);
    expect(clock.pending).toBe(0);
    const late = connect(lane, []);
    await turn();
    expect(late.ends).toMatchObject([{ error: { reason: ErrorReason.DRAINING } }]);
  });
});

describe('a subscription', () => {
  test('is shared: the venue is asked once, at the deepest depth, and let go with the last stream', async () => {
    const { lane, venue } = rig();
    const first = connect(lane, [book(3)]);
    const second = connect(lane, [book(20), book(0)]);
    expect(venue.asked).toEqual(['subscribe BOOK 1000']);
    first.sender.cancel();
    second.send({ $case: 'unsubscribe', value: { topics: [book(20)] } });
    expect(venue.asked).toHaveLength(1);
    second.send({ $case: 'unsubscribe', value: { topics: [book(0)] } });
    expect(venue.asked).toEqual(['subscribe BOOK 1000', 'unsubscribe BOOK 1000']);
  });

  test('that makes no sense is refused with a reason, however odd, and the stream goes on', async () => {
    const { lane, market } = rig();
    const odd = [
      Topic.fromPartial({ ...QUOTES, symbol: 'x'.repeat(1_000) }),
      Topic.fromPartial({ ...QUOTES, depth: 3 }),
      book(7),
      Topic.fromPartial({ ...QUOTES, channel: Channel.TICKER }),
      Topic.fromPartial({ ...QUOTES, channel: Channel.UNRECOGNIZED }),
    ];
    const client = connect(lane, [...odd, QUOTES], 0);
    market(answered(QUOTES, true));
    await turn();
    const results = client.events().map(({ event }) => (event?.$case === 'subscription' ? event.value.reason : 'data'));
    const { INVALID_FIELD, UNKNOWN_SYMBOL, UNSPECIFIED, UNSUPPORTED } = ErrorReason;
    expect(results).toEqual([UNKNOWN_SYMBOL, INVALID_FIELD, INVALID_FIELD, UNSUPPORTED, UNSUPPORTED, UNSPECIFIED]);
    expect(client.events()[0]?.topic?.symbol).toHaveLength(64);
    expect(client.ends).toEqual([]);
  });

  test('that the venue refuses is told and forgotten, so that it can be tried again', async () => {
    const { lane, market, venue } = rig();
    const client = connect(lane, [QUOTES]);
    market(answered(QUOTES, false, ErrorReason.VENUE_REFUSED));
    await turn();
    expect(client.events()).toMatchObject([{ event: { value: { active: false, reason: ErrorReason.VENUE_REFUSED } } }]);
    client.send({ $case: 'subscribe', value: { topics: [QUOTES] } });
    expect(venue.asked.at(-1)).toBe('subscribe BEST_QUOTE 0');
    expect(venue.asked).toHaveLength(3);
  });

  test('that comes late gets what stands at once', async () => {
    const { lane, market } = rig();
    connect(lane, [QUOTES, book(3)]);
    market(quote('99'));
    market(quote('100'));
    market(
      bookSnapshot(
        10,
        [
          ['5', '1'],
          ['4', '1'],
          ['3', '1'],
          ['2', '1'],
        ],
        [['6', '1']],
      ),
    );
    market(bookUpdate(10, 11, [['5', '0']], []));
    const late = connect(lane, [QUOTES, book(3)]);
    await turn();
    expect(late.events()).toMatchObject([
      { conflated: 0, event: { $case: 'bestQuote', value: { bidPrice: '100' } } },
      {
        sequence: 11,
        conflated: 0,
        event: { $case: 'bookSnapshot', value: { bids: [{ price: '4' }, { price: '3' }, { price: '2' }] } },
      },
    ]);
  });
});

describe('credit', () => {
  test('is spent by messages with data alone, and one turn is one message', async () => {
    const { lane, market } = rig();
    const client = connect(lane, [QUOTES, TRADES], 2);
    market(answered(QUOTES, true));
    market(quote('1'));
    market(trade(1));
    market(trade(2));
    await turn();
    expect(client.messages).toHaveLength(1);
    expect(cases(client.events())).toEqual(['subscription', 'bestQuote', 'trade', 'trade']);
    market(quote('2'));
    await turn();
    market(quote('3'));
    market(answered(TRADES, true));
    await turn();
    expect(client.paid()).toBe(2);
    expect(bids(client.events())).toEqual(['1', '2']);
    expect(cases(client.events()).at(-1)).toBe('subscription');
    client.send({ $case: 'credit', value: { messages: 1 } });
    await turn();
    expect(bids(client.events())).toEqual(['1', '2', '3']);
  });

  test('that ran out makes a quote stand for all that came meanwhile', async () => {
    const { lane, market } = rig();
    const client = connect(lane, [QUOTES], 1);
    for (let bid = 1; bid <= 50; bid++) {
      market(quote(String(bid)));
      await turn();
    }
    client.send({ $case: 'credit', value: { messages: 5 } });
    await turn();
    expect(client.events()).toMatchObject([
      { conflated: 0, event: { value: { bidPrice: '1' } } },
      { conflated: 48, event: { value: { bidPrice: '50' } } },
    ]);
    expect(client.events().reduce((total, event) => total + 1 + event.conflated, 0)).toBe(50);
  });

  test('that ran out for longer than the trades ring names what was missed', async () => {
    const { lane, market } = rig();
    const client = connect(lane, [TRADES], 1);
    market(trade(1));
    await turn();
    for (let id = 2; id <= 10_000; id++) market(trade(id));
    client.send({ $case: 'credit', value: { messages: 100 } });
    await turn();
    const [first, gap, next] = client.events();
    expect(first?.event).toMatchObject({ value: { tradeId: '1' } });
    expect(gap?.event?.value).toEqual({
      reason: GapReason.CONSUMER_SLOW,
      lastId: '1',
      nextId: String(10_000 - 4_096 + 1),
      missed: 10_000 - 4_096 - 1,
    });
    expect(next?.event).toMatchObject({ value: { tradeId: String(10_000 - 4_096 + 1) } });
    expect(client.events()).toHaveLength(2 + 4_096);
    expect(client.events().at(-1)?.event).toMatchObject({ value: { tradeId: '10000' } });
    expect(client.paid()).toBeGreaterThan(4);
  });

  test('is bounded however much a client grants', async () => {
    const { lane, market } = rig();
    const client = connect(lane, [QUOTES], 4_294_967_295);
    client.send({ $case: 'credit', value: { messages: 4_294_967_295 } });
    market(quote('1'));
    await turn();
    expect(bids(client.events())).toEqual(['1']);
  });
});

describe('a book', () => {
  test('at every depth equals the venue level by level after random updates with starvation and gaps', async () => {
    const seed = process.env.SEED ?? 'book-1';
    const rng = seededRng(seed);
    const { lane, market, venue } = rig();
    const clients = [3, 20, 0].map((depth) => ({
      depth,
      client: connect(lane, [book(depth)], 4),
      book: new OrderBook(),
      read: 0,
    }));
    const truth = new OrderBook();
    const apply = (event: MarketEvent) => {
      if (event.event?.$case === 'bookSnapshot') truth.applySnapshot(event.event.value, event.sequence);
      if (event.event?.$case === 'bookUpdate') truth.applyUpdate(event.event.value, event.sequence);
      market(event);
    };
    const level = (base: number): [string, string] => [String(base + rng.integer(60) / 4), String(rng.integer(3))];
    const whole = (sequence: number) => {
      const view = truth.view();
      const rows = (side: typeof view.bids) => side.map(({ price, quantity }): [string, string] => [price, quantity]);
      apply(bookSnapshot(sequence, rows(view.bids), rows(view.asks)));
    };
    let sequence = 1;
    apply(bookSnapshot(sequence, [['115', '1']], [['116', '1']]));
    let snapshots = 0;
    let updates = 0;
    for (let step = 0; step < 3_000; step++) {
      const next = sequence + 1 + rng.integer(3);
      if (rng.integer(200) === 0) {
        // The venue skipped: an update that does not chain, and then its own repair.
        market(bookUpdate(sequence + 50, sequence + 51, [], []));
        expect(venue.asked.at(-1)).toBe('resnapshot BOOK 1000');
        whole(next);
      } else {
        apply(bookUpdate(sequence, next, [level(100), level(100)], [level(116)]));
      }
      sequence = next;
      if (rng.integer(3) === 0) await turn();
      for (const each of clients) {
        if (rng.integer(20) === 0) each.client.send({ $case: 'credit', value: { messages: rng.integer(9) } });
      }
    }
    for (const each of clients) {
      each.client.send({ $case: 'credit', value: { messages: 10 } });
      await turn();
      for (const { event, sequence: at } of each.client.events()) {
        if (event?.$case === 'bookSnapshot') {
          snapshots += 1;
          expect(each.book.applySnapshot(event.value, at)).toBe('applied');
        } else if (event?.$case === 'bookUpdate') {
          updates += 1;
          expect(each.book.applyUpdate(event.value, at), `seed ${seed}`).toBe('applied');
        } else if (event?.$case === 'gap') each.book.invalidate();
      }
      expect(each.book.view(), `depth ${each.depth}, seed ${seed}`).toEqual(truth.view(each.depth));
    }
    // A run without both kinds would have proved nothing.
    expect(snapshots).toBeGreaterThan(50);
    expect(updates).toBeGreaterThan(50);
  });

  test('is not sent between a gap and the snapshot that mends it', async () => {
    const { lane, market } = rig();
    const client = connect(lane, [book(3)]);
    market(bookSnapshot(1, [['5', '1']], []));
    await turn();
    market(bookUpdate(3, 4, [['5', '2']], []));
    market(bookUpdate(4, 5, [['5', '3']], []));
    await turn();
    market(bookSnapshot(6, [['5', '4']], []));
    await turn();
    expect(cases(client.events())).toEqual(['bookSnapshot', 'gap', 'bookSnapshot']);
    expect(client.events()[1]?.event).toMatchObject({ value: { reason: GapReason.VENUE_SEQUENCE } });
  });

  test('with a malformed level is a break, not a wrong book', async () => {
    const { lane, market, venue } = rig();
    const client = connect(lane, [book(3)]);
    market(bookSnapshot(1, [['5', '1']], []));
    market(bookUpdate(1, 2, [['NaN', '1']], []));
    await turn();
    expect(cases(client.events())).toEqual(['gap']);
    expect(venue.asked.at(-1)).toBe('resnapshot BOOK 1000');
  });
});

describe('staleness', () => {
  test('is told once after five seconds of silence and taken back by data', async () => {
    const { lane, market, clock } = rig();
    const client = connect(lane, [QUOTES, TRADES]);
    expect(lane.isStale(SYMBOL)).toBe(true);
    market(quote('1'));
    expect(lane.isStale(SYMBOL)).toBe(false);
    for (let second = 0; second < 9; second++) {
      client.send({ $case: 'heartbeat', value: { sentAtUs: 0 } });
      await clock.advanceAsync(1_000);
    }
    expect(lane.isStale(SYMBOL)).toBe(true);
    market(quote('2'));
    await turn();
    expect(
      client.events().map(({ event }) => (event?.$case === 'staleness' ? event.value.stale : event?.$case)),
    ).toEqual(['bestQuote', true, false, 'bestQuote']);
    expect(lane.isStale(SYMBOL)).toBe(false);
  });

  test('follows a venue disconnect at once, with a gap, and books are asked for anew', async () => {
    const { lane, market, venue } = rig();
    const client = connect(lane, [QUOTES, book(3)]);
    market(quote('1'));
    market(bookSnapshot(1, [['5', '1']], []));
    await turn();
    lane.onVenueEvent({ kind: 'status', status: { state: VenueState.DISCONNECTED, message: 'gone' } });
    await turn();
    expect(cases(client.events()).slice(2)).toEqual(['gap', 'staleness', 'gap', 'staleness']);
    expect(client.messages.at(-1)?.venueStatus?.state).toBe(VenueState.DISCONNECTED);
    expect(lane.isStale(SYMBOL)).toBe(true);
    lane.onVenueEvent({ kind: 'status', status: { state: VenueState.READY, message: '' } });
    expect(venue.asked.at(-1)).toBe('resnapshot BOOK 1000');
    market(bookSnapshot(9, [['5', '1']], []));
    await turn();
    expect(cases(client.events()).slice(6)).toEqual(['staleness', 'bookSnapshot']);
    expect(lane.isStale(SYMBOL)).toBe(false);
  });

  test('of a symbol that nobody watches is not known, so it is none', () => {
    expect(rig().lane.isStale(SYMBOL)).toBe(false);
  });
});
