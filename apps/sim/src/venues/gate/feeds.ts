/**
 * One feed per subscribed topic: turns the core's public events into that channel's messages, at the channel's pace.
 *
 * F1  A paced feed pushes nothing while nothing changed, and at most one message an interval (a gap in the deltas pushes
 *     one more: see depth-merge.ts).
 * F2  A change of a book begins where the one before ended (`U` is the last `u` + 1), unless a delta was lost.
 * F3  `close` cancels its timer; a closed feed pushes nothing.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { BookDelta } from '../../core/events.ts';
import type { Instrument } from '../../core/types.ts';
import { milliseconds } from '../decimal-text.ts';
import { createDepthMerge } from '../depth-merge.ts';
import { direct, type Feed, paced } from '../feed.ts';
import { createBookWindow, type WindowChange } from './book-window.ts';
import { obuFrame, pushFrame } from './frames.ts';
import type { MarketFrames } from './market-frames.ts';
import type { Topic } from './topics.ts';

const TICKER_PACE_MS = 1_000;
const CANDLE_PACE_MS = 2_000;

export interface FeedContext {
  readonly core: Core;
  readonly clock: Clock;
  readonly frames: MarketFrames;
  readonly instrument: Instrument;
  readonly emit: (frame: object) => void;
}

type TopicOf<K extends Topic['kind']> = Extract<Topic, { readonly kind: K }>;

export function openFeed(topic: Topic, context: FeedContext): Feed {
  const { core, clock, frames, instrument, emit } = context;
  const push = (result: unknown, event: 'update' | 'all' = 'update') =>
    emit(pushFrame(topic.channel, event, result, clock.wallUs()));
  switch (topic.kind) {
    case 'ticker':
      return paced(clock, TICKER_PACE_MS, ['trade', 'mark_price'], () =>
        push(frames.ticker(core, instrument, clock.wallUs())),
      );
    case 'trade':
      return direct((event) => {
        if (event.kind === 'trade') push(frames.trade(event.trade, instrument));
      });
    case 'book_ticker':
      return direct((event) => {
        if (event.kind === 'best_quote') push(frames.bookTicker(event.quote, instrument));
      });
    case 'candle':
      return candleFeed(topic, context, push);
    case 'book':
      return paced(clock, topic.intervalMs, ['book_delta'], () => {
        const book = core.book(instrument.symbol, topic.levels);
        if (book !== undefined) push(frames.book(book, instrument, topic.levels), frames.bookEvent);
      });
    case 'book_update':
      return bookFeed(topic, context, (delta, { bids, asks }) => {
        const change = { ...bounds(delta), bids, asks, timeUs: delta.timeUs };
        push(frames.bookUpdate(change, instrument, topic.levels));
      });
    case 'obu':
      return obuFeed(topic, context);
    default:
      return assertNever(topic);
  }
}

/** F2. */
function bounds(delta: BookDelta): { readonly first: number; readonly last: number } {
  return { first: delta.previousUpdateId + 1, last: delta.lastUpdateId };
}

function bookFeed(
  topic: { readonly intervalMs: number; readonly levels: number | undefined },
  { core, clock, instrument }: FeedContext,
  tell: (delta: BookDelta, change: WindowChange) => void,
): Feed {
  const { levels, intervalMs } = topic;
  const merge = createDepthMerge();
  const look = () => (levels === undefined ? undefined : core.book(instrument.symbol, levels));
  const first = look();
  const window = first === undefined ? undefined : createBookWindow(first);
  const send = (delta: BookDelta) => {
    const book = look();
    tell(delta, window === undefined || book === undefined ? delta : window.change(book, delta));
  };
  const pace = paced(clock, intervalMs, ['book_delta'], () => {
    const delta = merge.take();
    if (delta !== undefined) send(delta);
  });
  return {
    on(event) {
      if (event.kind !== 'book_delta') return;
      const cut = merge.add(event.delta);
      if (cut !== undefined) send(cut);
      pace.on(event);
    },
    close: pace.close,
  };
}

/** The first message is the whole window. */
function obuFeed(topic: TopicOf<'obu'>, context: FeedContext): Feed {
  const { core, clock, frames, instrument, emit } = context;
  const { channel, name, levels } = topic;
  const levelsOf = (change: WindowChange) => ({
    b: change.bids.map((entry) => frames.obuLevel(entry, instrument)),
    a: change.asks.map((entry) => frames.obuLevel(entry, instrument)),
  });
  const push = (result: object) => emit(obuFrame(channel, result, clock.wallUs()));
  const first = core.book(instrument.symbol, levels);
  if (first !== undefined)
    push({ t: milliseconds(first.timeUs), full: true, s: name, u: first.lastUpdateId, ...levelsOf(first) });
  return bookFeed(topic, context, (delta, change) => {
    const { first: U, last: u } = bounds(delta);
    push({ t: milliseconds(delta.timeUs), s: name, U, u, ...levelsOf(change) });
  });
}

/** A candle is pushed while it grows and once more, closed, when its time is over. */
function candleFeed(
  topic: TopicOf<'candle'>,
  { core, clock, frames, instrument }: FeedContext,
  push: (result: unknown) => void,
): Feed {
  let openUs: number | undefined;
  let closing: Timer | undefined;
  const send = (closed: boolean) => {
    const nowUs = clock.wallUs();
    for (const candle of core.candles(instrument.symbol, topic.intervalMs, { limit: 2 })) {
      if (closed ? candle.openUs !== openUs : candle.closeUs <= nowUs) continue;
      push(frames.candle(candle, topic.name, closed, instrument));
      if (closed || candle.openUs === openUs) continue;
      openUs = candle.openUs;
      closing?.cancel();
      closing = clock.schedule((candle.closeUs - nowUs) / 1_000, () => send(true));
    }
  };
  const pace = paced(clock, CANDLE_PACE_MS, ['trade'], () => send(false));
  return {
    on: pace.on,
    close() {
      pace.close();
      closing?.cancel();
    },
  };
}
