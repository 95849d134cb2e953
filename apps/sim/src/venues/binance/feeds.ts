/**
 * One feed per subscribed stream: turns the core's public events into that stream's frames, at the stream's pace.
 *
 * F1  A paced feed sends nothing while nothing changed, and at most one frame an interval (a gap in the deltas sends
 *     one more: see depth-merge.ts).
 * F2  `close` cancels its timer; a closed feed emits nothing.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { BookDelta, CoreEvent } from '../../core/events.ts';
import type { Instrument } from '../../core/types.ts';
import { dayStatistics } from '../day-ticker.ts';
import { milliseconds } from '../decimal-text.ts';
import { createDepthMerge } from '../depth-merge.ts';
import type { Stream } from './stream-name.ts';
import {
  aggTradeFrame,
  bookTickerFrame,
  depthFrame,
  klineFrame,
  markPriceFrame,
  miniTickerFrame,
  tickerFrame,
  tradeFrame,
} from './usdm/market-frames.ts';

const KLINE_PACE_MS = 250;
const MINI_TICKER_PACE_MS = 500;
const TICKER_PACE_MS = 1_000;

export interface Feed {
  on(event: CoreEvent): void;
  close(): void;
}

export interface FeedContext {
  readonly core: Core;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly emit: (frame: unknown) => void;
}

export function openFeed(stream: Stream, context: FeedContext): Feed {
  const { core, clock, instrument, emit } = context;
  const nowMs = () => milliseconds(clock.wallUs());
  switch (stream.kind) {
    case 'book_ticker':
      return direct((event) => {
        if (event.kind === 'best_quote') emit(bookTickerFrame(event.quote, instrument, nowMs()));
      });
    case 'trade':
      return direct((event) => {
        if (event.kind === 'trade') emit(tradeFrame(event.trade, instrument, nowMs()));
      });
    case 'agg_trade':
      return direct((event) => {
        if (event.kind === 'trade') emit(aggTradeFrame(event.trade, instrument, nowMs()));
      });
    case 'depth':
      return depthFeed(stream.intervalMs, context, (delta) => depthFrame(delta, instrument, nowMs()));
    case 'partial_depth':
      return depthFeed(stream.intervalMs, context, (delta) => {
        const book = core.book(instrument.symbol, stream.levels);
        return depthFrame({ ...delta, bids: book?.bids ?? [], asks: book?.asks ?? [] }, instrument, nowMs());
      });
    case 'kline':
      return klineFeed(stream, context);
    case 'mark_price':
      return paced(clock, stream.intervalMs, 'mark_price', () => {
        const mark = core.markPrice(instrument.symbol);
        if (mark !== undefined) emit(markPriceFrame(mark, nowMs()));
      });
    case 'mini_ticker':
      return paced(clock, MINI_TICKER_PACE_MS, 'trade', () => {
        const day = dayStatistics(core, instrument.symbol, clock.wallUs());
        if (day !== undefined) emit(miniTickerFrame(day, instrument, nowMs()));
      });
    case 'ticker':
      return paced(clock, TICKER_PACE_MS, 'trade', () => {
        const day = dayStatistics(core, instrument.symbol, clock.wallUs());
        if (day !== undefined) emit(tickerFrame(day, instrument, nowMs()));
      });
    default:
      return assertNever(stream);
  }
}

function direct(on: (event: CoreEvent) => void): Feed {
  return { on, close: () => undefined };
}

/** The first event of the kind after a flush begins the interval that ends with the next. */
function paced(clock: Clock, intervalMs: number, kind: CoreEvent['kind'], flush: () => void): Feed {
  let timer: Timer | undefined;
  return {
    on(event) {
      if (event.kind !== kind) return;
      timer ??= clock.schedule(intervalMs, () => {
        timer = undefined;
        flush();
      });
    },
    close: () => timer?.cancel(),
  };
}

function depthFeed(intervalMs: number, { clock, emit }: FeedContext, frame: (delta: BookDelta) => unknown): Feed {
  if (intervalMs === 0) {
    return direct((event) => {
      if (event.kind === 'book_delta') emit(frame(event.delta));
    });
  }
  const merge = createDepthMerge();
  const pace = paced(clock, intervalMs, 'book_delta', () => {
    const delta = merge.take();
    if (delta !== undefined) emit(frame(delta));
  });
  return {
    on(event) {
      if (event.kind !== 'book_delta') return;
      const cut = merge.add(event.delta);
      if (cut !== undefined) emit(frame(cut));
      pace.on(event);
    },
    close: pace.close,
  };
}

/** A candle is sent while it grows and once more, closed, when its time is over. */
function klineFeed(
  stream: { readonly interval: string; readonly intervalMs: number },
  { core, clock, instrument, emit }: FeedContext,
): Feed {
  const { symbol } = instrument;
  let openUs: number | undefined;
  let closing: Timer | undefined;

  const send = (closed: boolean) => {
    const nowUs = clock.wallUs();
    for (const candle of core.candles(symbol, stream.intervalMs, { limit: 2 })) {
      if (closed ? candle.openUs !== openUs : candle.closeUs <= nowUs) continue;
      emit(klineFrame(candle, stream.interval, closed, instrument, milliseconds(nowUs)));
      if (closed || candle.openUs === openUs) continue;
      openUs = candle.openUs;
      closing?.cancel();
      closing = clock.schedule((candle.closeUs - nowUs) / 1_000, () => send(true));
    }
  };
  const pace = paced(clock, KLINE_PACE_MS, 'trade', () => send(false));
  return {
    on: pace.on,
    close() {
      pace.close();
      closing?.cancel();
    },
  };
}
