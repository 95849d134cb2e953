import { describe, expect, test } from 'bun:test';
import type { StreamReceiver } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { MarketDataResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import {
  Channel,
  GapReason,
  type MarketDataRequestFrame,
  type MarketEvent,
  Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { MarketFeed, type MarketUpdate } from './market-feed.ts';

const SYMBOL = 'BTC/USDT:USDT';
const QUOTES = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: SYMBOL });
const BOOK = Topic.fromPartial({ channel: Channel.BOOK, symbol: SYMBOL, depth: 20 });
const TRADES = Topic.fromPartial({ channel: Channel.TRADES, symbol: SYMBOL });

type Frame = NonNullable<MarketDataRequestFrame['frame']>;

interface Stream {
  readonly receiver: StreamReceiver<MarketDataResponse>;
  readonly frames: Frame[];
  cancelled: boolean;
}

function rig(clockOffsetUs: number | undefined = 0) {
  const clock = new VirtualClock();
  const streams: Stream[] = [];
  const updates: MarketUpdate[] = [];
  const feed = new MarketFeed({
    exchange: {
      marketData(_context, receiver) {
        const stream: Stream = { receiver, frames: [], cancelled: false };
        streams.push(stream);
        return {
          send: ({ frames }) => stream.frames.push(...frames.flatMap(({ frame }) => (frame ? [frame] : []))),
          end: () => {},
          cancel: () => {
            stream.cancelled = true;
          },
        };
      },
    },
    caller: { role: 'engine', name: 'main' },
    clientId: 'e1',
    topics: [QUOTES, BOOK, TRADES],
    clock,
    rng: seededRng(1),
    clockOffsetUs: () => clockOffsetUs,
    onUpdate: (update) => void updates.push(update),
  });
  const latest = () => {
    const stream = streams.at(-1);
    if (!stream) throw new Error('no stream was opened');
    return stream;
  };
  const send = (message: Parameters<typeof MarketDataResponse.fromPartial>[0]) =>
    latest().receiver.message(MarketDataResponse.fromPartial(message));
  return { clock, streams, updates, feed, latest, send };
}

const quote = (bidPrice: string): MarketEvent['event'] => ({
  $case: 'bestQuote',
  value: { bidPrice, bidQuantity: '1', askPrice: '101', askQuantity: '2' },
});
const snapshot = (...prices: string[]): MarketEvent['event'] => ({
  $case: 'bookSnapshot',
  value: { bids: prices.map((price) => ({ price, quantity: '1' })), asks: [] },
});
const update = (previousSequence: number, price: string, quantity: string): MarketEvent['event'] => ({
  $case: 'bookUpdate',
  value: { bids: [{ price, quantity }], asks: [], previousSequence },
});

describe('a market feed', () => {
  test('says hello, subscribes, and hands on typed values with their times', () => {
    const { latest, send, updates, clock, feed } = rig(500);
    expect(latest().frames.map(({ $case }) => $case)).toEqual(['hello', 'subscribe']);
    const sentAtUs = clock.wallUs() + 200;
    send({
      sentAtUs,
      events: [{ topic: QUOTES, venueTimeUs: 10, receivedAtUs: 40, conflated: 3, event: quote('100.10') }],
    });
    expect(updates).toMatchObject([
      {
        kind: 'value',
        value: { kind: 'quote', bid: '100.1', ask: '101' },
        times: { venueTimeUs: 10, receivedAtUs: 40, sentAtUs },
      },
    ]);
    expect(feed.counters).toMatchObject({ quotes: 1, conflated: 3, malformed: 0 });
    expect(feed.venueToConnector.quantile(0.5)).toBe(30);
    // Ours plus the connector's lead of 500, minus when it was sent by the connector's clock.
    expect(feed.connectorToEngine.quantile(0.5)).toBe(300);
  });

  test('counts and drops what does not read, and goes on', () => {
    const { send, updates, feed } = rig();
    const bad = ['', 'NaN', '1e3', '-1', '0', '9'.repeat(100)];
    send({ events: bad.map((price) => ({ topic: QUOTES, event: quote(price) })) });
    send({
      events: [
        { event: quote('1') },
        { topic: Topic.fromPartial({ symbol: 'X/Y' }), event: quote('1') },
        { topic: QUOTES },
      ],
    });
    expect(updates).toEqual([]);
    expect(feed.counters.malformed).toBe(bad.length + 3);
    send({ events: [{ topic: QUOTES, event: quote('1') }] });
    expect(updates).toHaveLength(1);
  });

  test('grants credit back at half of the window, for messages with data alone', () => {
    const { send, latest } = rig();
    const grants = () => latest().frames.flatMap((frame) => (frame.$case === 'credit' ? [frame.value.messages] : []));
    for (let count = 0; count < 127; count++) send({ events: [{ topic: QUOTES, event: quote('1') }] });
    for (let count = 0; count < 500; count++) {
      send({ heartbeat: { sentAtUs: 1 } });
      send({ events: [{ topic: QUOTES, event: { $case: 'subscription', value: { active: true } } }] });
    }
    expect(grants()).toEqual([]);
    send({ events: [{ topic: QUOTES, event: quote('1') }] });
    expect(grants()).toEqual([128]);
  });

  test('keeps the book of a topic and hands it on with each change', () => {
    const { send, updates, feed } = rig();
    send({ events: [{ topic: BOOK, sequence: 5, event: snapshot('100', '99') }] });
    send({ events: [{ topic: BOOK, sequence: 9, event: update(5, '101', '3') }] });
    const last = updates.at(-1);
    expect(last?.kind === 'book' ? last.book.view().bids.map(({ price }) => String(price)) : []).toEqual([
      '101',
      '100',
      '99',
    ]);
    expect(feed.counters.books).toBe(2);
  });

  test('answers an update that does not chain with one gap and a new subscription, and trusts no book meanwhile', () => {
    const { send, updates, latest, feed } = rig();
    send({ events: [{ topic: BOOK, sequence: 5, event: snapshot('100') }] });
    send({
      events: [
        { topic: BOOK, sequence: 9, event: update(7, '101', '3') },
        { topic: BOOK, sequence: 10, event: update(9, '102', '3') },
      ],
    });
    expect(updates.map(({ kind }) => kind)).toEqual(['book', 'gap']);
    expect(
      latest()
        .frames.map(({ $case }) => $case)
        .slice(2),
    ).toEqual(['unsubscribe', 'subscribe']);
    send({ events: [{ topic: BOOK, sequence: 11, event: snapshot('98') }] });
    const last = updates.at(-1);
    expect(last?.kind === 'book' ? String(last.book.bestBid?.price) : '').toBe('98');
    expect(feed.counters.gaps).toBe(1);
  });

  test('hands on gaps, staleness and refusals', () => {
    const { send, updates } = rig();
    send({
      events: [
        { topic: TRADES, event: { $case: 'gap', value: { reason: GapReason.CONSUMER_SLOW, missed: 4 } } },
        { topic: QUOTES, event: { $case: 'staleness', value: { stale: true } } },
        { topic: BOOK, event: { $case: 'subscription', value: { active: false, reason: ErrorReason.UNSUPPORTED } } },
      ],
    });
    expect(updates).toMatchObject([
      { kind: 'gap', reason: GapReason.CONSUMER_SLOW, missed: 4 },
      { kind: 'stale', stale: true },
      { kind: 'refused', reason: ErrorReason.UNSUPPORTED },
    ]);
  });

  test('opens a new stream after a loss, with growing waits, and hears the old one no more', () => {
    const { streams, clock, updates } = rig();
    const lose = (index: number) =>
      streams[index]?.receiver.closed({ kind: 'failed', error: new ExchangeError(ErrorReason.UNREACHABLE, 'gone') });
    lose(0);
    lose(0);
    expect(updates).toMatchObject([{ kind: 'lost', reason: 'UNREACHABLE: gone' }]);
    clock.advance(500);
    expect(streams).toHaveLength(2);
    expect(streams[1]?.frames.map(({ $case }) => $case)).toEqual(['hello', 'subscribe']);
    streams[0]?.receiver.message(MarketDataResponse.fromPartial({ events: [{ topic: QUOTES, event: quote('1') }] }));
    expect(updates).toHaveLength(1);
    for (let index = 1; index < 40; index++) {
      lose(index);
      clock.advance(30_000);
    }
    expect(streams.length).toBeGreaterThan(30);
  });

  test('gives up a stream that is silent for six seconds', () => {
    const { streams, clock } = rig();
    clock.advance(5_900);
    expect(streams[0]?.frames.filter(({ $case }) => $case === 'heartbeat')).toHaveLength(2);
    expect(streams[0]?.cancelled).toBe(false);
    clock.advance(200);
    expect(streams[0]?.cancelled).toBe(true);
  });

  test('need not wait when the lane comes up, and leaves no timer when closed', () => {
    const { streams, clock, feed } = rig();
    streams[0]?.receiver.closed({ kind: 'ended' });
    feed.retryNow();
    expect(streams).toHaveLength(2);
    feed.retryNow();
    expect(streams).toHaveLength(2);
    feed.close();
    expect(clock.pending).toBe(0);
    streams[1]?.receiver.closed({ kind: 'ended' });
    expect(clock.pending).toBe(0);
  });
});
