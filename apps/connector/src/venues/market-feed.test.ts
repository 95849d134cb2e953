import { beforeEach, expect, test } from 'bun:test';
import { Channel, GapReason, type MarketEvent, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { DEPTH_RULE } from './binance/depth.ts';
import type { Delta, Snapshot } from './book-sync.ts';
import { MarketFeed } from './market-feed.ts';

const SYMBOL = 'BTC/USDT:USDT';
const BOOK = Topic.fromPartial({ channel: Channel.BOOK, symbol: SYMBOL });
const QUOTES = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: SYMBOL });
const TRADES = Topic.fromPartial({ channel: Channel.TRADES, symbol: SYMBOL });

let clock: VirtualClock;
let events: MarketEvent[];
let opened: { topic: Topic; lose: () => void }[];
let closed: Topic[];
let snapshots: (() => Promise<Snapshot>)[];
let feed: MarketFeed;

beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  opened = [];
  closed = [];
  snapshots = [];
  feed = new MarketFeed({
    clock,
    rng: seededRng(1),
    silenceMs: 10_000,
    emit: (event) => events.push(event),
    dialect: {
      sequenceRule: DEPTH_RULE,
      refuse: (topic) =>
        topic.symbol === SYMBOL ? undefined : { reason: ErrorReason.UNKNOWN_SYMBOL, message: 'not a symbol' },
      open: (topic) => new Promise((_, reject) => opened.push({ topic, lose: () => reject(new Error('lost')) })),
      close: (topic) => closed.push(topic),
      snapshot: () => snapshots.shift()?.() ?? Promise.reject(new Error('no snapshot')),
    },
  });
});

const cases = () => events.map((event) => event.event?.$case);
const quote = (bidPrice: string) =>
  feed.data(
    Channel.BEST_QUOTE,
    SYMBOL,
    { $case: 'bestQuote', value: { bidPrice, bidQuantity: '1', askPrice: '9', askQuantity: '1' } },
    5,
    77,
  );
const trade = (tradeId: string) =>
  feed.data(
    Channel.TRADES,
    SYMBOL,
    { $case: 'trade', value: { tradeId, price: '1', quantity: '1', takerSide: 1 } },
    Number(tradeId),
    1,
  );
const delta = (first: number, last: number, previous: number): Delta => ({
  first,
  last,
  previous,
  bids: [],
  asks: [],
  venueTimeUs: 1,
});
const snapshot = (sequence: number) => async (): Promise<Snapshot> => ({
  sequence,
  bids: [],
  asks: [],
  venueTimeUs: 1,
});

test('a topic is answered at once, opened once, and its data carries sequence and times', () => {
  feed.subscribe(QUOTES);
  feed.subscribe(QUOTES);
  quote('8');
  expect(opened.length).toBe(1);
  expect(cases()).toEqual(['subscription', 'subscription', 'bestQuote']);
  expect(events[2]).toMatchObject({ topic: QUOTES, sequence: 5, venueTimeUs: 77, receivedAtUs: clock.wallUs() });
});

test('a refused topic is answered with the reason and never opened', () => {
  feed.subscribe(Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol: 'X/Y:Y' }));
  expect(events[0]?.event).toMatchObject({ value: { active: false, reason: ErrorReason.UNKNOWN_SYMBOL } });
  expect(opened).toEqual([]);
});

test('a lost subscription is a gap and a stale mark, and is opened again', async () => {
  feed.subscribe(QUOTES);
  quote('8');
  opened[0]?.lose();
  await clock.advanceAsync(0);
  expect(cases().slice(2)).toEqual(['gap', 'staleness']);
  expect(events[2]?.event).toMatchObject({ value: { reason: GapReason.VENUE_DISCONNECT } });
  await clock.advanceAsync(1_000);
  expect(opened.length).toBe(2);
  quote('8');
  expect(cases().at(-1)).toBe('bestQuote');
});

test('silence replaces the socket; what never spoke has no gap to say', async () => {
  feed.subscribe(QUOTES);
  await clock.advanceAsync(9_000);
  quote('8');
  await clock.advanceAsync(9_000);
  expect(closed).toEqual([]);
  await clock.advanceAsync(2_000);
  expect(closed).toEqual([QUOTES]);
  expect(cases()).toEqual(['subscription', 'bestQuote', 'gap', 'staleness']);
});

test('trades say after a loss which ids were missed, and nothing when none were', async () => {
  feed.subscribe(TRADES);
  trade('10');
  opened[0]?.lose();
  await clock.advanceAsync(1_000);
  trade('15');
  expect(cases()).toEqual(['subscription', 'trade', 'staleness', 'gap', 'trade']);
  expect(events[3]?.event).toMatchObject({ value: { lastId: '10', nextId: '15', missed: 4 } });
  opened[1]?.lose();
  await clock.advanceAsync(2_000);
  trade('16');
  expect(cases().slice(5)).toEqual(['staleness', 'trade']);
});

test('a book asks for its snapshot when its stream began, and again when that failed', async () => {
  snapshots = [() => Promise.reject(new Error('busy')), snapshot(100)];
  feed.subscribe(BOOK);
  expect(snapshots.length).toBe(2);
  feed.bookBegan(SYMBOL);
  feed.delta(SYMBOL, delta(99, 101, 98));
  await clock.advanceAsync(2_000);
  expect(cases()).toEqual(['subscription', 'bookSnapshot', 'bookUpdate']);
  expect(events[2]).toMatchObject({ sequence: 101, event: { value: { previousSequence: 100 } } });
});

test('a quiet book is believed after a second', async () => {
  snapshots = [snapshot(100)];
  feed.subscribe(BOOK);
  feed.bookBegan(SYMBOL);
  await clock.advanceAsync(500);
  expect(cases()).toEqual(['subscription']);
  await clock.advanceAsync(1_000);
  expect(cases()).toEqual(['subscription', 'bookSnapshot']);
});

test('an unreadable delta is a gap like a skipped one, then a snapshot', async () => {
  snapshots = [snapshot(100), snapshot(110)];
  feed.subscribe(BOOK);
  feed.bookBegan(SYMBOL);
  feed.delta(SYMBOL, delta(99, 101, 98));
  await clock.advanceAsync(0);
  feed.delta(SYMBOL, undefined);
  feed.delta(SYMBOL, delta(109, 112, 108));
  await clock.advanceAsync(0);
  expect(cases()).toEqual(['subscription', 'bookSnapshot', 'bookUpdate', 'gap', 'bookSnapshot', 'bookUpdate']);
});

test('a resnapshot is the book as it stands, without a gap', async () => {
  snapshots = [snapshot(100)];
  feed.subscribe(BOOK);
  feed.bookBegan(SYMBOL);
  feed.delta(SYMBOL, delta(99, 101, 98));
  await clock.advanceAsync(0);
  feed.resnapshot(BOOK);
  expect(events.at(-1)).toMatchObject({ sequence: 101, event: { $case: 'bookSnapshot' } });
});

test('an ended topic is closed, silent, and leaves no timer', async () => {
  feed.subscribe(QUOTES);
  feed.unsubscribe(QUOTES);
  quote('8');
  opened[0]?.lose();
  await clock.advanceAsync(60_000);
  expect(cases()).toEqual(['subscription']);
  expect(opened.length).toBe(1);
  expect(clock.pending).toBe(0);
});

test('a broken book whose snapshots come on its stream is one gap, and its stream is opened anew', async () => {
  const streamed = new MarketFeed({
    clock,
    rng: seededRng(1),
    silenceMs: 10_000,
    emit: (event) => events.push(event),
    dialect: {
      sequenceRule: DEPTH_RULE,
      refuse: () => undefined,
      open: (topic) => new Promise((_, reject) => opened.push({ topic, lose: () => reject(new Error('lost')) })),
      close: (topic) => closed.push(topic),
    },
  });
  const whole = (sequence: number): Snapshot => ({ sequence, bids: [], asks: [], venueTimeUs: 1 });
  streamed.subscribe(BOOK);
  streamed.snapshot(SYMBOL, whole(100));
  streamed.delta(SYMBOL, delta(101, 103, 100));
  streamed.delta(SYMBOL, delta(120, 121, 119));
  expect(cases()).toEqual(['subscription', 'bookSnapshot', 'bookUpdate', 'gap', 'staleness']);
  expect(events[3]?.event).toMatchObject({ value: { reason: GapReason.VENUE_SEQUENCE, lastId: '103', nextId: '120' } });
  expect(closed).toEqual([BOOK]);
  clock.advance(30_000);
  expect(opened.length).toBeGreaterThanOrEqual(2);
  streamed.snapshot(SYMBOL, whole(200));
  expect(cases().at(-1)).toBe('bookSnapshot');
  streamed.close();
});
