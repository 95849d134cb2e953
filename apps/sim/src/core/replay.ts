/**
 * A recorded market: the recording's book is the market, and our orders stay out of it.
 *
 * Y1  Messages are published at their recorded distance from the snapshot over `speed`, stamped with the present time,
 *     with the recording's own update and trade ids. Late ones (a busy process) follow at once, in order.
 * Y2  Takers consume recorded levels (recorded-book.ts), resting orders fill by recorded trades (replay-queue.ts); each
 *     fill cites the level or trade. Orders of ours never meet each other, and our fills are not public trades.
 * Y3  Snapshots after the first are not needed, trades off the book fill nobody: both are skipped. With the last line the market ends.
 */

import { assertNever } from '@trunkline/proto/assert';
import type { Timer } from '@trunkline/proto/clock';
import { min, type Price, type Quantity } from '@trunkline/proto/decimal';
import type { MarketEnd } from './events.ts';
import { isWithinLimit, opposite } from './ladder.ts';
import { firstOf, type Market, type MarketHost, type Match, type Taker } from './market.ts';
import type { RecordedMessage } from './recorded-message.ts';
import type { RecordedLine } from './recording.ts';
import { createReplayQueue } from './replay-queue.ts';
import type { ReplaySource } from './replay-source.ts';
import type { Instrument, Level, Side } from './types.ts';

export interface ReplayOptions {
  readonly instrument: Instrument;
  readonly source: ReplaySource;
  readonly speed: number;
}

export function createReplayMarket({ instrument, source, speed }: ReplayOptions, host: MarketHost): Market {
  const { symbol } = instrument;
  const { book } = source;
  const queue = createReplayQueue();
  let timer: Timer | undefined;
  let state: 'waiting' | 'running' | 'ended' = 'waiting';
  let startedUs = 0;
  let lines: readonly RecordedLine[] = [];
  let position = 0;

  function take(taker: Taker, upTo: Quantity): Match | undefined {
    const side = opposite(taker.side);
    const [level] = book.reachable(side);
    if (level === undefined || !isWithinLimit(taker.side, taker.limit, level.price)) return undefined;
    const quantity = min(upTo, level.quantity);
    book.consume(side, level.price, quantity);
    const { price, updateId } = level;
    return { tradeId: nextTradeId(), price, quantity, cause: { kind: 'recorded_level', price, updateId } };
  }

  const nextTradeId = () => String(host.ids.next('trade'));

  function* reachableLevels(side: Side): IterableIterator<Level> {
    for (const { price, quantity } of book.reachable(side)) yield [price, quantity];
  }

  function bestPrice(side: Side): Price | undefined {
    const [level] = book.reachable(side);
    return level?.price;
  }

  function apply(message: RecordedMessage): void {
    const timeUs = host.nowUs();
    switch (message.kind) {
      case 'depth': {
        if (message.lastUpdateId <= book.lastUpdateId()) break;
        book.apply(message);
        queue.levelsChanged(book.recordedQuantity);
        const { kind: _, ...delta } = message;
        host.publish({ kind: 'book_delta', delta: { ...delta, timeUs } });
        break;
      }
      case 'quote': {
        book.quote(message);
        queue.levelsChanged(book.recordedQuantity);
        const { kind: _, ...quote } = message;
        host.publish({ kind: 'best_quote', quote: { ...quote, timeUs } });
        break;
      }
      case 'trade': {
        const { kind: _, ...trade } = message;
        const cause = { kind: 'recorded_trade', tradeId: trade.tradeId } as const;
        queue.trade(message, ({ order: { venueOrderId, price }, quantity }) =>
          host.fillMaker({ tradeId: nextTradeId(), venueOrderId, price, quantity, cause }),
        );
        host.publish({ kind: 'trade', trade: { ...trade, timeUs } });
        break;
      }
      case 'snapshot':
      case 'off_book':
        break;
      default:
        assertNever(message);
    }
  }

  /** Plays what is due, and comes back when the next line is, or when the next lines are read. */
  function play(): void {
    const elapsedUs = (host.clock.monotonicUs() - startedUs) * speed;
    for (let line = lines[position]; state === 'running'; line = lines[++position]) {
      if (line === undefined) {
        readOn();
        return;
      }
      const waitUs = line.localUs - source.startUs - elapsedUs;
      if (waitUs > 0) {
        timer = host.clock.schedule(waitUs / speed / 1_000, play);
        return;
      }
      const { message } = line;
      host.transact(() => apply(message));
    }
  }

  function readOn(): void {
    const ended = (error: unknown) => end({ kind: 'recording_failed', detail: `${source.path}: ${String(error)}` });
    source.next().then((chunk) => {
      if (chunk === undefined) return end({ kind: 'recording_finished' });
      if (chunk.kind === 'failed') return end({ kind: 'recording_failed', detail: chunk.detail });
      lines = chunk.lines;
      position = 0;
      play();
    }, ended);
  }

  function end(how: MarketEnd): void {
    if (state !== 'running') return;
    state = 'ended';
    host.transact(() => host.publish({ kind: 'market_ended', symbol, end: how, timeUs: host.nowUs() }));
  }

  return {
    instrument,
    take,
    bestPrice,
    isOpen: () => state === 'running',
    start() {
      state = 'running';
      startedUs = host.clock.monotonicUs();
      const { quote } = source;
      if (quote !== undefined) host.transact(() => apply(quote));
      readOn();
    },
    close() {
      state = 'ended';
      timer?.cancel();
      void source.close();
    },
    levels: reachableLevels,
    nextOwned: () => undefined,
    rest: (order) => queue.rest(order, book.recordedQuantity(order.side, order.price)),
    shrink: (venueOrderId, quantity) => queue.shrink(venueOrderId, quantity),
    remove: (venueOrderId) => queue.remove(venueOrderId),
    snapshot: (depth) => ({
      symbol,
      lastUpdateId: book.lastUpdateId(),
      bids: firstOf(book.published('buy'), depth),
      asks: firstOf(book.published('sell'), depth),
      timeUs: host.nowUs(),
    }),
    // What the recording says is published as it is applied; nothing of ours ever is.
    flush() {},
  };
}
