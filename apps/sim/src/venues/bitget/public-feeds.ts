/**
 * One feed per subscription of a public channel: turns the core's public events into that channel's data, at its pace.
 *
 * F1  A paced feed sends nothing while nothing changed, and at most once an interval (a gap in the book's deltas sends
 *     once more: see depth-merge.ts).
 * F2  `books` begins with a snapshot (`pseq` 0), and the first update's `pseq` is that snapshot's `seq`.
 * F3  `close` cancels its timer; a closed feed sends nothing.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { Instrument } from '../../core/types.ts';
import { createDepthMerge } from '../depth-merge.ts';
import { direct, type Feed, paced } from '../feed.ts';
import type { PublicChannel } from './channel.ts';
import type { Product } from './product.ts';
import { bookUpdate, candleRow, fullBook, tickerFrame, tradeFrame } from './public-frames.ts';
import type { Emit } from './stream-socket.ts';

/** "Up to 500 levels a side" on the live socket. */
const BOOK_LEVELS = 500;
const RECENT_TRADES = 50;
const RECENT_CANDLES = 500;
const CANDLE_PACE_MS = 1_000;

export interface FeedContext {
  readonly core: Core;
  readonly clock: Clock;
  readonly product: Product;
  readonly instrument: Instrument;
  /** Whether updates of `books` carry the CRC32 of the book's best 25 levels. */
  readonly checksums: boolean;
  readonly emit: Emit;
}

/** Sends what the channel sends at once, and returns the feed of what follows. */
export function openFeed(channel: PublicChannel, context: FeedContext): Feed {
  const { core, product, instrument, emit } = context;
  const { symbol } = instrument;
  switch (channel.kind) {
    case 'ticker': {
      const send = () => {
        const frame = tickerFrame(context);
        if (frame !== undefined) emit('snapshot', [frame]);
      };
      send();
      return paced(context.clock, product.tickerPaceMs, ['best_quote', 'trade', 'mark_price'], send);
    }
    case 'trade': {
      const recent = core.trades(symbol, RECENT_TRADES);
      if (recent.length > 0) emit('snapshot', recent.map((trade) => tradeFrame(trade, instrument)).reverse());
      return direct((event) => {
        if (event.kind === 'trade') emit('update', [tradeFrame(event.trade, instrument)]);
      });
    }
    case 'books':
      return booksFeed(context);
    case 'top_books': {
      const paceMs = channel.levels === 1 ? product.books1PaceMs : product.booksPaceMs;
      let previous = 0;
      const send = () => {
        const book = core.book(symbol, channel.levels);
        if (book === undefined) return;
        emit('snapshot', [fullBook(book, instrument, previous)]);
        previous = book.lastUpdateId;
      };
      send();
      return paced(context.clock, paceMs, ['book_delta'], send);
    }
    case 'candle': {
      const rows = (limit: number) =>
        core.candles(symbol, channel.intervalMs, { limit }).map((candle) => candleRow(candle, instrument));
      const recent = rows(RECENT_CANDLES);
      if (recent.length > 0) emit('snapshot', recent);
      return paced(context.clock, CANDLE_PACE_MS, ['trade'], () => emit('update', rows(1)));
    }
    default:
      return assertNever(channel);
  }
}

function booksFeed(context: FeedContext): Feed {
  const { core, clock, product, instrument, checksums, emit } = context;
  const { symbol } = instrument;
  const merge = createDepthMerge();
  const send = (delta: ReturnType<typeof merge.take>) => {
    if (delta === undefined) return;
    emit('update', [bookUpdate(delta, instrument, checksums ? core.book(symbol, BOOK_LEVELS) : undefined)]);
  };
  const begin = () => {
    const book = core.book(symbol, BOOK_LEVELS);
    if (book !== undefined) emit('snapshot', [fullBook(book, instrument, 0)]);
    return book !== undefined;
  };
  let hasBegun = begin();
  const pace = paced(clock, product.booksPaceMs, ['book_delta'], () => send(merge.take()));
  return {
    on(event) {
      if (event.kind !== 'book_delta') return;
      if (!hasBegun) {
        // The market had no book yet when the channel was opened: its first delta is inside this snapshot.
        hasBegun = begin();
        return;
      }
      send(merge.add(event.delta));
      pace.on(event);
    },
    close: pace.close,
  };
}
