import { expect, test } from 'bun:test';
import { Channel, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { DEPTH_RULE } from './binance/depth.ts';
import { COSTS, USUAL_BUDGETS } from './binance/rest.ts';
import type { Snapshot } from './book-sync.ts';
import { MarketFeed } from './market-feed.ts';
import { rateBudget } from './rate-budget.ts';

const SYMBOLS = Array.from({ length: 120 }, (_, index) => `S${index}/USDT:USDT`);
const MINUTE_MS = 60_000;
const SNAPSHOT: Snapshot = { sequence: 1, venueTimeUs: 0, bids: [], asks: [] };

test('books that come back all at once ask for no more snapshots than the budget has, and get theirs later', async () => {
  const clock = new VirtualClock();
  const budgets = rateBudget(USUAL_BUDGETS, () => clock.wallUs());
  /** Snapshots that were sent, by the minute of the venue's clock. */
  const sent = new Map<number, number>();
  const have = new Set<string>();
  const feed = new MarketFeed({
    clock,
    rng: seededRng(1),
    silenceMs: 100 * MINUTE_MS,
    emit: ({ topic, event }) => {
      if (event?.$case === 'bookSnapshot' && topic !== undefined) have.add(topic.symbol);
    },
    dialect: {
      sequenceRule: DEPTH_RULE,
      refuse: () => undefined,
      open: () => new Promise(() => {}),
      close: () => {},
      async snapshot() {
        const spent = budgets.take(COSTS.depth, 'query');
        if (spent !== undefined) throw new Error(spent);
        const minute = Math.floor(clock.wallUs() / (MINUTE_MS * 1_000));
        sent.set(minute, (sent.get(minute) ?? 0) + 1);
        return SNAPSHOT;
      },
    },
  });
  for (const symbol of SYMBOLS) feed.subscribe(Topic.fromPartial({ channel: Channel.BOOK, symbol }));
  for (const symbol of SYMBOLS) feed.bookBegan(symbol);
  await clock.advanceAsync(3 * MINUTE_MS);
  feed.close();
  const [weight] = USUAL_BUDGETS;
  expect(have.size).toBe(SYMBOLS.length);
  expect(Math.max(...sent.values()) * (COSTS.depth.requests ?? 0)).toBeLessThanOrEqual(weight?.limit ?? 0);
  expect(sent.size).toBeGreaterThan(1);
});
