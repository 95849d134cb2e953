/**
 * A recorded market through the whole line: sim, ccxt, connector, TLS link, the engine's feed. What the engine sees and
 * what its orders meet is what was recorded; a delta that is lost is noticed, once, and mended.
 */
import { afterEach, describe, expect, test } from 'bun:test';
import { GapReason } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderType, PlaceOrder, Side, TimeInForce } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { sleep } from '../proto/src/clock.ts';
import { compare, sum } from '../proto/src/decimal.ts';
import { clientOrderIdMint, literal, parseOrderTag } from '../proto/src/ids.ts';
import { clock, engine, until } from '../proto/src/link/testing/rig.ts';
import { seededRng } from '../proto/src/rng.ts';
import { quoteKey, REAL_RECORDING, type Recording, realLines, syntheticLines } from './support/recordings.ts';
import { type Levels, type ReplayLine, replayLine, type TruthFill } from './support/replay-line.ts';
import { SYMBOL, VENUE_SYMBOL } from './support/venue-rig.ts';

/** Generous: the recording plays in real time, and other work may hold the machine. */
const LIMIT_MS = 10_000;
const TEST_TIMEOUT_MS = 30_000;
const ASK_AGAIN_MS = 10;
const context = { caller: engine };
const mint = clientOrderIdMint({ tag: literal(parseOrderTag, 'bin'), epoch: 1, rng: seededRng('replay') });

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(lines: readonly string[], speed: number): Promise<ReplayLine> {
  const line = await replayLine(lines, speed);
  closing.push(() => line.close());
  await until(() => line.sequences.length > 0 && line.feed.counters.quotes > 0, 'the first book and quote', LIMIT_MS);
  return line;
}

// 100 s of the real recording's 345: more than a test needs.
const real = realLines(24_000);
if (real === undefined) console.warn(`SKIPPED: the replay of the real recording; there is no ${REAL_RECORDING}`);

describe.skipIf(real === undefined)('the real recording, five times as fast', () => recorded(() => real ?? [], 5));
describe('a synthetic recording', () => recorded(() => syntheticLines(60), 2));

function recorded(lines: () => readonly string[], speed: number): void {
  const each = (name: string, run: () => Promise<void>) => test(name, run, TEST_TIMEOUT_MS);

  each(
    'comes to the engine as it was recorded, without a gap, and each fill cites the line that caused it',
    async () => {
      const line = await open(lines(), speed);
      await trade(line, ({ cause }) => cause.kind === 'recorded_trade');
      await trade(line, ({ cause }) => cause.kind === 'recorded_level');
      await until(() => line.sequences.length >= 20, 'twenty books', LIMIT_MS);
      const { ours, theirs } = await equalBooks(line);
      expect(ours).toEqual(theirs);
      expect(line.gaps).toEqual([]);
      expect(line.feed.counters).toMatchObject({ gaps: 0, malformed: 0, streams: 1 });
      expectRecorded(line);
      const fills = await line.fills();
      for (const fill of fills) expect(citation(fill, fills, line.recording), JSON.stringify(fill)).toBe('holds');
    },
  );

  each('with one delta lost has exactly one gap, and then the books are equal again, level by level', async () => {
    const line = await open(lines(), speed);
    await until(() => line.sequences.length >= 3, 'a chain of updates', LIMIT_MS);
    await line.fault({ kind: 'drop_book_delta', symbol: VENUE_SYMBOL, nth: 3 });
    await until(() => line.gaps.length > 0, 'the gap', LIMIT_MS);
    const mended = line.sequences.length;
    await until(() => line.sequences.length >= mended + 10, 'ten books after the gap', LIMIT_MS);
    const { ours, theirs } = await equalBooks(line);
    expect(ours).toEqual(theirs);
    expect(line.gaps).toEqual([GapReason.VENUE_SEQUENCE]);
    expect(line.feed.counters).toMatchObject({ gaps: 1, malformed: 0, streams: 1 });
  });
}

/** Quotes the touch from both sides, and takes a little of it, until a fill is as wanted. */
async function trade(line: ReplayLine, isWanted: (fill: TruthFill) => boolean): Promise<void> {
  const endUs = clock.monotonicUs() + LIMIT_MS * 1_000;
  for (let round = 0; !(await line.fills()).some(isWanted); round++) {
    if (clock.monotonicUs() > endUs) throw new Error(`no such fill within ${LIMIT_MS} ms`);
    const quote = line.quotes.at(-1);
    const resting = { type: OrderType.LIMIT, timeInForce: TimeInForce.GTC, postOnly: true };
    await Promise.all([
      place(line, { ...resting, side: Side.BUY, price: quote?.bid ?? '' }),
      place(line, { ...resting, side: Side.SELL, price: quote?.ask ?? '' }),
      place(line, { type: OrderType.MARKET, side: round % 2 === 0 ? Side.BUY : Side.SELL }),
    ]);
    const seen = line.sequences.length;
    await until(() => line.sequences.length >= seen + 3, 'the market to go on', LIMIT_MS);
    await line.exchange.cancelAllOrders({ cancelAll: { symbol: SYMBOL }, validUntilUs: 0 }, context);
  }
}

async function place({ exchange }: ReplayLine, fields: Partial<PlaceOrder>): Promise<void> {
  const order = PlaceOrder.fromPartial({ ...fields, clientOrderId: mint(), symbol: SYMBOL, quantity: '0.01' });
  const { outcome } = await exchange.placeOrder({ order, validUntilUs: 0 }, context);
  // The touch moves: a post-only order may come late, which the venue refuses.
  expect(outcome?.fate?.$case).toBeOneOf(['accepted', 'rejected']);
}

/** Asked again until the engine's book stood at the update id of an answer. */
async function equalBooks(line: ReplayLine): Promise<{ readonly ours: Levels; readonly theirs: Levels }> {
  const endUs = clock.monotonicUs() + LIMIT_MS * 1_000;
  for (;;) {
    const books = await line.booksAtOneId();
    if (books !== undefined) {
      expect(books.theirs.bids.length + books.theirs.asks.length).toBeGreaterThanOrEqual(20);
      return books;
    }
    if (clock.monotonicUs() > endUs) throw new Error('the books never stood at one update id');
    await sleep(clock, ASK_AGAIN_MS);
  }
}

/** All that the engine was told is in the recording, and nothing came twice or in another order. */
function expectRecorded({ recording, sequences, quotes, tradeIds }: ReplayLine): void {
  expect(sequences.filter((id) => !recording.bookIds.has(id))).toEqual([]);
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  expect(quotes.filter((quote) => !recording.quotes.has(quoteKey(quote)))).toEqual([]);
  expect(tradeIds.length).toBeGreaterThan(0);
  expect(tradeIds.filter((id) => !recording.trades.has(id))).toEqual([]);
  expect(tradeIds).toEqual([...new Set(tradeIds)].sort((a, b) => Number(a) - Number(b)));
}

/** Whether the recording bears out what a fill says of its cause. */
function citation(fill: TruthFill, fills: readonly TruthFill[], recording: Recording): string {
  const { cause, side, price, quantity } = fill;
  if (cause.kind === 'recorded_level') {
    const found = recording.level(cause.updateId, side === 'buy' ? 'sell' : 'buy', cause.price);
    if (found === undefined) return 'no such level';
    return cause.price === price && compare(quantity, found) <= 0 && !fill.maker ? 'holds' : 'another level';
  }
  const cited = recording.trades.get(cause.tradeId);
  if (cited === undefined) return 'no such trade';
  const reached = compare(cited.price, price);
  const isThere = side === 'buy' ? cited.buyerIsMaker && reached <= 0 : !cited.buyerIsMaker && reached >= 0;
  const same = fills.filter((other) => other.cause.kind === cause.kind && other.cause.tradeId === cause.tradeId);
  const total = sum(same.map((other) => other.quantity));
  return isThere && fill.maker && compare(total, cited.quantity) <= 0 ? 'holds' : 'another trade';
}
