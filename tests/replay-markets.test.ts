/**
 * Every market recorded and played back: what `connector record` writes of one sim is the market of another, and a
 * connector sees the same books and trades there.
 */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { record } from '../apps/connector/src/record/record.ts';
import { needsPassphrase } from '../apps/connector/src/venues/venue-config.ts';
import type { RecordedMessage } from '../apps/sim/src/core/recorded-message.ts';
import { frontOf, VENUES, type VenueName } from '../apps/sim/src/venues/registry.ts';
import { silentLogger } from '../packages/kit/src/log.ts';
import { Secret } from '../packages/kit/src/secret.ts';
import { Channel, type MarketEvent, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { systemClock } from '../proto/src/clock.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import { seededRng } from '../proto/src/rng.ts';
import { API_KEY, API_PASSPHRASE, API_SECRET, FRONTS, venueOnSim } from './support/venue-rig.ts';

const RECORDED_MS = 10_000;
const LIMIT_MS = 30_000;
/** What must be seen: less than a tenth of what ten seconds of a synthetic market bring. */
const LEAST_TRADES = 20;
const LEAST_UPDATES = 10;
const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const front of VENUES) {
  test.concurrent(`${front} plays back what was recorded of it`, async () => {
    const path = join(folder, `${front}.jsonl.gz`);
    await recordFront(front, path);
    const recorded = messagesOf(front, path);
    const trades = recorded.flatMap((message) => (message.kind === 'trade' ? message.tradeId : []));
    expect(trades.length).toBeGreaterThan(LEAST_TRADES);
    const seen = await play(front, path);
    expect(seen.faults).toEqual([]);
    // On a busy machine the recorder itself may have lost its socket; what it missed is missing in the recording.
    expect(seen.gaps).toBeLessThanOrEqual(breaksOf(recorded));
    // A stretch of the recorded ones: in their order, none left out.
    expect(` ${trades.join(' ')} `).toContain(` ${seen.trades.join(' ')} `);
  }, 120_000);
}

async function recordFront(front: VenueName, path: string): Promise<void> {
  const { venue, market, symbol } = FRONTS[front];
  const source = await venueOnSim({ front });
  const code = await record({
    venue: {
      ...{ venue, market, symbols: [symbol], venueUrl: source.sim.venue(front).url },
      ...{ apiKey: new Secret(API_KEY), secret: new Secret(API_SECRET) },
      ...(needsPassphrase(venue) ? { passphrase: new Secret(API_PASSPHRASE) } : {}),
    },
    surroundings: { clock: systemClock(), rng: seededRng(front), logger: silentLogger() },
    path,
    forMs: RECORDED_MS,
    stop: new AbortController().signal,
  });
  await source.close();
  expect(code).toBe(0);
}

/** What the recording says of the market, from its first snapshot on. */
function messagesOf(front: VenueName, path: string): readonly RecordedMessage[] {
  const read = frontOf(front).openRecorded();
  const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  const messages = lines.flatMap((line) => {
    const parsed = read(line.slice(line.indexOf(' ') + 1));
    if (!parsed.ok) throw new Error(`a line ${parsed.problem}: ${line.slice(0, 200)}`);
    return parsed.messages;
  });
  return messages.slice(messages.findIndex(({ kind }) => kind === 'snapshot'));
}

/** Where a delta does not follow the one before it. */
function breaksOf(messages: readonly RecordedMessage[]): number {
  const deltas = messages.filter((message) => message.kind === 'depth');
  return deltas.filter(({ previousUpdateId }, index) => {
    const before = deltas[index - 1];
    return before !== undefined && before.lastUpdateId !== previousUpdateId;
  }).length;
}

interface Seen {
  readonly trades: string[];
  readonly faults: string[];
  updates: number;
  gaps: number;
}

/** Until enough of the recording was seen; the sim starts to play when it is up. */
async function play(front: VenueName, path: string): Promise<Seen> {
  const { symbol } = FRONTS[front];
  const rig = await venueOnSim({ front, sim: { replay: { path, speed: 1 } } });
  const book = new OrderBook();
  const seen: Seen = { trades: [], faults: [], updates: 0, gaps: 0 };
  rig.venue.listen((event) => {
    if (event.kind === 'market') take(event.event, book, seen);
  });
  try {
    expect(await rig.venue.start()).toBeUndefined();
    for (const channel of [Channel.BOOK, Channel.TRADES]) rig.venue.subscribe(Topic.fromPartial({ channel, symbol }));
    await until(
      () => seen.trades.length >= LEAST_TRADES && seen.updates >= LEAST_UPDATES,
      () => JSON.stringify(seen),
    );
  } finally {
    await rig.close();
  }
  return seen;
}

function take({ event, sequence }: MarketEvent, book: OrderBook, seen: Seen): void {
  if (event?.$case === 'trade') seen.trades.push(event.value.tradeId);
  else if (event?.$case === 'gap') seen.gaps += 1;
  else if (event?.$case === 'bookSnapshot') book.applySnapshot(event.value, sequence);
  else if (event?.$case === 'bookUpdate') {
    seen.updates += 1;
    if (book.applyUpdate(event.value, sequence) !== 'applied') seen.faults.push(`update ${sequence} does not fit`);
  }
}

async function until(holds: () => boolean, state: () => string): Promise<void> {
  for (const endMs = performance.now() + LIMIT_MS; performance.now() < endMs; await Bun.sleep(10)) if (holds()) return;
  throw new Error(`not enough of the recording came: ${state()}`);
}
