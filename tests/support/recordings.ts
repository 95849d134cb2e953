/**
 * Recorded feeds for tests of a replay, and what they hold, so that a fill's cause can be looked up.
 *
 * R1  The real recording is no part of the repository: where it is absent `realLines` is undefined.
 * R2  The synthetic one is the same text for every run: a book of twenty levels whose centre wanders, trades at the
 *     touch, and ids that skip, so that one made up is not found.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Quote } from '../../apps/engine/src/exchange/market-value.ts';
import type { RecordedMessage } from '../../apps/sim/src/core/recorded-message.ts';
import type { Level, Side } from '../../apps/sim/src/core/types.ts';
import { readRecordedUsdm } from '../../apps/sim/src/venues/binance/recorded-feed.ts';
import type { Quantity } from '../../proto/src/decimal.ts';
import { type Rng, seededRng } from '../../proto/src/rng.ts';

export const REAL_RECORDING = join(import.meta.dir, '../../../shared/data/binance-usdm-btcusdt-20240808.jsonl.gz');

/** The first `count` lines of the real recording. */
export function realLines(count: number): readonly string[] | undefined {
  if (!existsSync(REAL_RECORDING)) return undefined;
  return gunzipSync(readFileSync(REAL_RECORDING)).toString().split('\n', count);
}

const START_MS = 1_700_000_000_000;
const STEP_MS = 20;
/** Of a tick, 0.1. */
const CENTRE_TICKS = 600_000;
const LEVELS = 10;

/** One delta, one quote and one trade each 20 ms. */
export function syntheticLines(seconds: number): readonly string[] {
  const rng = seededRng('recording');
  const lines: string[] = [];
  const write = (atMs: number, message: object) =>
    void lines.push(`${START_MS + atMs}000000 ${JSON.stringify(message)}`);
  const stream = (atMs: number, data: object) =>
    write(atMs, { stream: 'btcusdt@x', data: { s: 'BTCUSDT', T: START_MS + atMs, E: START_MS + atMs, ...data } });
  let book = syntheticBook(CENTRE_TICKS, rng);
  let last = 1_000;
  write(0, { lastUpdateId: last, bids: [...book.bids], asks: [...book.asks] });
  for (let step = 1; step * STEP_MS <= seconds * 1_000; step++) {
    const atMs = step * STEP_MS;
    const centre = CENTRE_TICKS + Math.round(12 * Math.sin(step / 20)) + rng.integer(3);
    const next = syntheticBook(centre, rng);
    // The id between is the quote's.
    const first = last + 2;
    const u = first + rng.integer(6);
    stream(atMs, {
      e: 'depthUpdate',
      U: first,
      u,
      pu: last,
      b: changed(book.bids, next.bids),
      a: changed(book.asks, next.asks),
    });
    last = u + 1;
    stream(atMs, { e: 'bookTicker', u: last, ...touch(next) });
    const buyerIsMaker = rng.next() < 0.5;
    const [p] = (buyerIsMaker ? next.bids : next.asks).keys();
    stream(atMs, { e: 'trade', t: 7 * step, p, q: '0.5', X: 'MARKET', m: buyerIsMaker });
    book = next;
    last = u;
  }
  return lines;
}

interface SyntheticBook {
  /** Price to quantity, best first. */
  readonly bids: ReadonlyMap<string, string>;
  readonly asks: ReadonlyMap<string, string>;
}

function syntheticBook(centre: number, rng: Rng): SyntheticBook {
  const side = (direction: 1 | -1) =>
    new Map(
      Array.from({ length: LEVELS }, (_, level) => [
        ((centre + direction * (level + 1)) / 10).toFixed(1),
        `0.${rng.integer(900) + 100}`,
      ]),
    );
  return { bids: side(-1), asks: side(1) };
}

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): [string, string][] {
  const gone = [...before.keys()].filter((at) => !after.has(at));
  return [
    ...gone.map((at): [string, string] => [at, '0']),
    ...[...after].filter(([at, amount]) => before.get(at) !== amount),
  ];
}

function touch({ bids, asks }: SyntheticBook) {
  const [[b, B] = ['', '']] = bids;
  const [[a, A] = ['', '']] = asks;
  return { b, B, a, A };
}

export interface Recording {
  /** Updates at which a book can stand: of deltas and snapshots. */
  readonly bookIds: ReadonlySet<number>;
  /** Best quotes as `quoteKey` writes them. */
  readonly quotes: ReadonlySet<string>;
  readonly trades: ReadonlyMap<string, Extract<RecordedMessage, { kind: 'trade' }>>;
  /** What an update set a level to. */
  level(updateId: number, side: Side, price: string): Quantity | undefined;
}

export function quoteKey({ bid, bidQuantity, ask, askQuantity }: Omit<Quote, 'kind'>): string {
  return `${bid} ${bidQuantity} ${ask} ${askQuantity}`;
}

export function readLines(lines: readonly string[]): Recording {
  const bookIds = new Set<number>();
  const quotes = new Set<string>();
  const trades = new Map<string, Extract<RecordedMessage, { kind: 'trade' }>>();
  const levels = new Map<string, Quantity>();
  const setLevels = (updateId: number, side: Side, changes: readonly Level[]) => {
    for (const [price, quantity] of changes) levels.set(`${updateId} ${side} ${price}`, quantity);
  };
  const note = (message: RecordedMessage) => {
    if (message.kind === 'depth' || message.kind === 'snapshot') {
      bookIds.add(message.lastUpdateId);
      setLevels(message.lastUpdateId, 'buy', message.bids);
      setLevels(message.lastUpdateId, 'sell', message.asks);
    } else if (message.kind === 'quote') {
      const [bid, bidQuantity] = message.bid;
      const [ask, askQuantity] = message.ask;
      quotes.add(quoteKey({ bid, bidQuantity, ask, askQuantity }));
      setLevels(message.updateId, 'buy', [message.bid]);
      setLevels(message.updateId, 'sell', [message.ask]);
    } else if (message.kind === 'trade') trades.set(message.tradeId, message);
  };
  for (const line of lines) {
    const parsed = readRecordedUsdm(line.slice(line.indexOf(' ') + 1));
    if (!parsed.ok) throw new Error(`a line of the recording ${parsed.problem}`);
    for (const message of parsed.messages) note(message);
  }
  return {
    bookIds,
    quotes,
    trades,
    level: (updateId, side, price) => levels.get(`${updateId} ${side} ${price}`),
  };
}

/** Writes the lines as a recording of its own folder. */
export function recordingFile(lines: readonly string[]): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  const path = join(folder, 'feed.jsonl.gz');
  writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
