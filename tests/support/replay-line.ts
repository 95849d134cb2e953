/**
 * The whole line in one process over a recording: sim, venue layer, core, a TLS link, the engine's feed; and the sim's
 * own word on books and fills, from its control API.
 */
import { z } from 'zod';
import { MarketFeed } from '../../apps/engine/src/exchange/market-feed.ts';
import type { Quote } from '../../apps/engine/src/exchange/market-value.ts';
import { Channel, type GapReason, Topic } from '../../proto/gen/trunkline/exchange/v1/market_data.ts';
import { decimal, parseDecimal } from '../../proto/src/decimal.ts';
import type { Exchange } from '../../proto/src/exchange.ts';
import { clock, engine } from '../../proto/src/link/testing/rig.ts';
import type { BookLevel, BookView } from '../../proto/src/order-book.ts';
import { seededRng } from '../../proto/src/rng.ts';
import { coreOver } from './core.ts';
import { type Recording, readLines, recordingFile } from './recordings.ts';
import { SYMBOL, VENUE_SYMBOL, venueOnSim } from './venue-rig.ts';
import { openWay } from './ways.ts';

/** Of a side: less than the 1,000 that a snapshot brings, so that none is compared that the engine cannot know. */
const COMPARED_LEVELS = 500;
const BOOKS_KEPT = 50;

const level = z
  .tuple([z.string(), z.string()])
  .transform(([price, quantity]) => `${decimal(price)} ${decimal(quantity)}`);
const bookSchema = z.object({ lastUpdateId: z.number(), bids: z.array(level), asks: z.array(level) });
const decimalText = z
  .string()
  .refine((text) => parseDecimal(text) !== undefined)
  .transform(decimal);
const causeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('recorded_trade'), tradeId: z.string() }),
  z.object({ kind: z.literal('recorded_level'), price: z.string(), updateId: z.number() }),
]);
const fillsSchema = z.object({
  items: z.array(
    z.object({
      side: z.enum(['buy', 'sell']),
      price: decimalText,
      quantity: decimalText,
      maker: z.boolean(),
      cause: causeSchema,
    }),
  ),
  next: z.null(),
});
export type TruthFill = z.infer<typeof fillsSchema>['items'][number];

/** Levels of both sides as `price quantity`, best first. */
export interface Levels {
  readonly bids: readonly string[];
  readonly asks: readonly string[];
}

export interface ReplayLine {
  readonly exchange: Exchange;
  readonly feed: MarketFeed;
  readonly recording: Recording;
  /** Every quote that the engine was given, in order. */
  readonly quotes: readonly Quote[];
  /** Ids of the public trades that the engine was given, in order. */
  readonly tradeIds: readonly string[];
  /** The sequences at which a book was handed on, in order. */
  readonly sequences: readonly number[];
  readonly gaps: readonly GapReason[];
  /** Asks the sim for its book; both books at one update id of late, undefined while none coincided. */
  booksAtOneId(): Promise<{ readonly ours: Levels; readonly theirs: Levels } | undefined>;
  fills(): Promise<readonly TruthFill[]>;
  fault(body: object): Promise<void>;
  close(): Promise<void>;
}

export async function replayLine(lines: readonly string[], speed: number): Promise<ReplayLine> {
  const file = recordingFile(lines);
  const venueSide = await venueOnSim({ sim: { replay: { path: file.path, speed } } });
  const core = await coreOver(venueSide.venue, [SYMBOL], 'tool');
  const way = await openWay('dial', core, core.methods);
  const quotes: Quote[] = [];
  const tradeIds: string[] = [];
  const sequences: number[] = [];
  const gaps: GapReason[] = [];
  const views = new Map<number, BookView>();
  const answers = new Map<number, Levels>();
  const feed = new MarketFeed({
    exchange: way.exchange,
    caller: engine,
    clientId: 'e1',
    topics: [Channel.BOOK, Channel.BEST_QUOTE, Channel.TRADES].map((channel) =>
      Topic.fromPartial({ channel, symbol: SYMBOL }),
    ),
    clock,
    rng: seededRng('jitter'),
    clockOffsetUs: () => undefined,
    onUpdate: (update) => {
      if (update.kind === 'value' && update.value.kind === 'quote') quotes.push(update.value);
      if (update.kind === 'value' && update.value.kind === 'trade') tradeIds.push(update.value.tradeId);
      if (update.kind === 'gap') gaps.push(update.reason);
      if (update.kind !== 'book' || update.book.sequence === undefined) return;
      sequences.push(update.book.sequence);
      keep(views, update.book.sequence, update.book.view(COMPARED_LEVELS));
    },
  });
  const ask = async (path: string): Promise<unknown> => (await fetch(`${venueSide.sim.urls.control}${path}`)).json();
  return {
    exchange: way.exchange,
    feed,
    recording: readLines(lines),
    quotes,
    tradeIds,
    sequences,
    gaps,
    async booksAtOneId() {
      const { lastUpdateId, ...asked } = bookSchema.parse(
        await ask(`/book?symbol=${VENUE_SYMBOL}&limit=${COMPARED_LEVELS}`),
      );
      keep(answers, lastUpdateId, asked);
      // The engine may come to an answer's update id only after the answer.
      for (const [id, theirs] of answers) {
        const view = views.get(id);
        if (view !== undefined) return { ours: { bids: view.bids.map(written), asks: view.asks.map(written) }, theirs };
      }
      return undefined;
    },
    fills: async () => fillsSchema.parse(await ask('/truth/fills?limit=10000')).items,
    fault: venueSide.fault,
    async close() {
      feed.close();
      await way.close();
      await core.close();
      await venueSide.close();
      file.remove();
    },
  };
}

function written({ price, quantity }: BookLevel): string {
  return `${price} ${quantity}`;
}

function keep<T>(books: Map<number, T>, id: number, book: T): void {
  books.set(id, book);
  const [oldest] = books.keys();
  if (books.size > BOOKS_KEPT && oldest !== undefined) books.delete(oldest);
}
