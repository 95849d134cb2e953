/**
 * One feed per subscribed stream: turns the core's public events into that stream's frames, at the stream's pace. The
 * openers here are the kinds of feed there are; a market's dialect says which topic is which, with which frames.
 *
 * F1  A paced feed sends nothing while nothing changed, and at most one frame an interval (a gap in the deltas sends
 *     one more: see depth-merge.ts).
 * F2  `close` cancels its timer; a closed feed emits nothing.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { BookDelta } from '../../core/events.ts';
import type { BestQuote, BookSnapshot, Candle, Instrument, MarkPrice, PublicTrade } from '../../core/types.ts';
import { type DayStatistics, dayStatistics } from '../day-ticker.ts';
import { milliseconds } from '../decimal-text.ts';
import { createDepthMerge } from '../depth-merge.ts';
import { direct, type Feed, paced } from '../feed.ts';

export interface FeedContext {
  readonly core: Core;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly emit: (frame: object) => void;
}

export type OpenFeed = (context: FeedContext) => Feed;

/** Makes a frame of what happened; `nowMs` is when the frame is made. */
type Frame<T> = (happened: T, instrument: Instrument, nowMs: number) => object;

/** Each change of the best quote. */
export function quoteFeed(frame: Frame<BestQuote>): OpenFeed {
  return ({ clock, instrument, emit }) =>
    direct((event) => {
      if (event.kind === 'best_quote') emit(frame(event.quote, instrument, nowMs(clock)));
    });
}

/** Each trade. */
export function tradeFeed(frame: Frame<PublicTrade>): OpenFeed {
  return ({ clock, instrument, emit }) =>
    direct((event) => {
      if (event.kind === 'trade') emit(frame(event.trade, instrument, nowMs(clock)));
    });
}

/** All changes of the book, merged over `intervalMs`; 0 sends each as it happens. */
export function depthFeed(intervalMs: number, frame: Frame<BookDelta>): OpenFeed {
  return (context) => {
    const { clock, instrument, emit } = context;
    return mergedDepth(intervalMs, context, (delta) => emit(frame(delta, instrument, nowMs(clock))));
  };
}

/** The best `levels` of each side, when the book changed. */
export function partialDepthFeed(
  levels: number,
  intervalMs: number,
  frame: Frame<{ readonly book: BookSnapshot; readonly delta: BookDelta }>,
): OpenFeed {
  return (context) => {
    const { core, clock, instrument, emit } = context;
    return mergedDepth(intervalMs, context, (delta) => {
      const book = core.book(instrument.symbol, levels);
      if (book !== undefined) emit(frame({ book, delta }, instrument, nowMs(clock)));
    });
  };
}

export function markPriceFeed(intervalMs: number, frame: Frame<MarkPrice>): OpenFeed {
  return ({ core, clock, instrument, emit }) =>
    paced(clock, intervalMs, ['mark_price'], () => {
      const mark = core.markPrice(instrument.symbol);
      if (mark !== undefined) emit(frame(mark, instrument, nowMs(clock)));
    });
}

/** Statistics of 24 hours, when something traded. */
export function dayFeed(
  intervalMs: number,
  frame: (day: DayStatistics, context: FeedContext, nowMs: number) => object,
): OpenFeed {
  return (context) => {
    const { core, clock, instrument, emit } = context;
    return paced(clock, intervalMs, ['trade'], () => {
      const day = dayStatistics(core, instrument.symbol, clock.wallUs());
      if (day !== undefined) emit(frame(day, context, nowMs(clock)));
    });
  };
}

/** A candle is sent while it grows and once more, closed, when its time is over. */
export function klineFeed(
  intervalMs: number,
  paceMs: number,
  frame: Frame<{ readonly candle: Candle; readonly closed: boolean }>,
): OpenFeed {
  return ({ core, clock, instrument, emit }) => {
    let openUs: number | undefined;
    let closing: Timer | undefined;

    const send = (closed: boolean) => {
      const nowUs = clock.wallUs();
      for (const candle of core.candles(instrument.symbol, intervalMs, { limit: 2 })) {
        if (closed ? candle.openUs !== openUs : candle.closeUs <= nowUs) continue;
        emit(frame({ candle, closed }, instrument, milliseconds(nowUs)));
        if (closed || candle.openUs === openUs) continue;
        openUs = candle.openUs;
        closing?.cancel();
        closing = clock.schedule((candle.closeUs - nowUs) / 1_000, () => send(true));
      }
    };
    const pace = paced(clock, paceMs, ['trade'], () => send(false));
    return {
      on: pace.on,
      close() {
        pace.close();
        closing?.cancel();
      },
    };
  };
}

function mergedDepth(intervalMs: number, { clock }: FeedContext, flush: (delta: BookDelta) => void): Feed {
  if (intervalMs === 0) {
    return direct((event) => {
      if (event.kind === 'book_delta') flush(event.delta);
    });
  }
  const merge = createDepthMerge();
  const pace = paced(clock, intervalMs, ['book_delta'], () => {
    const delta = merge.take();
    if (delta !== undefined) flush(delta);
  });
  return {
    on(event) {
      if (event.kind !== 'book_delta') return;
      const cut = merge.add(event.delta);
      if (cut !== undefined) flush(cut);
      pace.on(event);
    },
    close: pace.close,
  };
}

function nowMs(clock: Clock): number {
  return milliseconds(clock.wallUs());
}
