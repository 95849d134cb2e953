/**
 * Books of every market against the sim's own, level by level: thousands of random updates, with deltas lost and sockets
 * dropped on the way. The sim's time is virtual and stands still while books are compared.
 */
import { expect, test } from 'bun:test';
import type { VenueEvent } from '../apps/connector/src/venues/venue.ts';
import type { Sim } from '../apps/sim/src/sim.ts';
import { VENUES } from '../apps/sim/src/venues/registry.ts';
import { Channel, type MarketEvent, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { compare } from '../proto/src/decimal.ts';
import { OrderBook } from '../proto/src/order-book.ts';
import { seededRng } from '../proto/src/rng.ts';
import { VirtualClock } from '../proto/src/virtual-clock.ts';
import { FRONTS, type FrontName, type VenueOnSim, venueOnSim } from './support/venue-rig.ts';

const UPDATES = 50_000;
const ACTIONS_PER_SECOND = 1_000;
/** What the venues' streams merge over: in each step of this length every stream sends its book's state of one moment. */
const STEP_MS = 100;
const STEPS_A_ROUND = 20;
/** In each third round a delta is lost, in each fifth the sockets. */
const LOSES_DELTA = 3;
const LOSES_SOCKETS = 5;
/** How long a book may take to be the venue's again, and how long one look at it waits. */
const RECOVERY_MS = 15_000;
const LOOK_MS = 250;
const SEED = process.env['SEED'] ?? 'books';

/** A consumer of the venue's events who trusts nothing that it was not told. */
function follower(topic: Topic) {
  const book = new OrderBook();
  const seen = { gaps: 0, snapshots: 0, updates: 0, stale: 0 };
  const faults: string[] = [];
  const take = ({ event, sequence }: MarketEvent) => {
    switch (event?.$case) {
      case 'bookSnapshot':
        seen.snapshots += 1;
        if (book.applySnapshot(event.value, sequence) !== 'applied') faults.push(`snapshot ${sequence}`);
        break;
      case 'bookUpdate':
        seen.updates += 1;
        if (book.applyUpdate(event.value, sequence) !== 'applied') faults.push(`update ${sequence} does not fit`);
        break;
      case 'gap':
        seen.gaps += 1;
        book.invalidate();
        break;
      case 'staleness':
        if (event.value.stale) seen.stale += 1;
        break;
    }
    const { bestBid, bestAsk } = book;
    if (bestBid && bestAsk && compare(bestBid.price, bestAsk.price) >= 0) faults.push(`crossed at ${sequence}`);
  };
  return {
    ...{ seen, faults, book },
    listen: (event: VenueEvent) => {
      if (event.kind === 'market' && event.event.topic?.channel === topic.channel) take(event.event);
    },
  };
}

/** The sim's own book as text, `levels` a side. */
function truth(sim: Sim, symbol: string, levels: number): string {
  const book = sim.core.book(symbol, levels);
  const side = (all: readonly (readonly [string, string])[]) => all.map(([price, quantity]) => `${price}x${quantity}`);
  return JSON.stringify([side(book?.bids ?? []), side(book?.asks ?? [])]);
}

function held(book: OrderBook, levels: number): string {
  const { bids, asks } = book.view(levels);
  const side = (all: typeof bids) => all.map(({ price, quantity }) => `${price}x${quantity}`);
  return JSON.stringify([side(bids), side(asks)]);
}

async function within(limitMs: number, holds: () => boolean): Promise<boolean> {
  for (const untilMs = performance.now() + limitMs; performance.now() < untilMs; await Bun.sleep(2)) {
    if (holds()) return true;
  }
  return holds();
}

const served = Object.keys(FRONTS).filter((name): name is FrontName => VENUES.some((front) => front === name));

// Side by side: most of the time each waits for a socket to come back.
for (const front of served) {
  test.concurrent(`the book of ${front} is the venue's own at every quiet point of ${UPDATES} updates`, async () => {
    const clock = new VirtualClock({ startUs: Date.now() * 1_000 });
    const rig = await venueOnSim({ front, sim: { clock, actionsPerSecond: ACTIONS_PER_SECOND } });
    try {
      await follow(front, rig, clock);
    } finally {
      await rig.close();
    }
  }, 180_000);
}

async function follow(front: FrontName, rig: VenueOnSim, clock: VirtualClock): Promise<void> {
  const { symbol, venueSymbol } = FRONTS[front];
  const rng = seededRng(`${SEED} ${front}`);
  const topic = Topic.fromPartial({ channel: Channel.BOOK, symbol });
  const mirror = follower(topic);
  rig.venue.listen(mirror.listen);
  expect(await rig.venue.start()).toBeUndefined();
  rig.venue.subscribe(topic);
  const levels = Math.min(50, rig.venue.profile.capabilities.bookDepths.at(-1) ?? 0);

  /** Every state that the sim's book has in one step. */
  const statesOfStep = () => {
    const states = new Set<string>();
    const unsubscribe = rig.sim.core.subscribe(({ kind }) => {
      if (kind === 'book_delta') states.add(truth(rig.sim, venueSymbol, levels));
    });
    clock.advance(STEP_MS);
    unsubscribe();
    return states;
  };
  /** Time goes on in steps, as streams need it, until the book is one that the sim had in the last of them. */
  const agree = async () => {
    for (const untilMs = performance.now() + RECOVERY_MS; performance.now() < untilMs; ) {
      const states = statesOfStep();
      if (await within(LOOK_MS, () => states.has(held(mirror.book, levels)))) return;
    }
    expect(held(mirror.book, levels), `SEED=${SEED}`).toBe(truth(rig.sim, venueSymbol, levels));
  };

  await agree();
  const lastId = () => rig.sim.core.book(venueSymbol, 1)?.lastUpdateId ?? 0;
  const endId = lastId() + UPDATES;
  let [lostDeltas, lostSockets] = [0, 0];
  for (let round = 1; lastId() < endId; round++) {
    if (round % LOSES_DELTA === 0) {
      rig.sim.core.dropDelta(venueSymbol, 1 + rng.integer(50));
      lostDeltas += 1;
    }
    for (let step = 0; step < STEPS_A_ROUND; step++) {
      clock.advance(STEP_MS);
      // Frames leave in the turn after.
      await Bun.sleep(0);
    }
    if (round % LOSES_SOCKETS === 0) {
      await rig.fault({ kind: 'close_sockets', sockets: 'market' });
      lostSockets += 1;
    }
    await agree();
  }
  expect(mirror.faults).toEqual([]);
  expect([lostDeltas > 2, lostSockets > 1]).toEqual([true, true]);
  expect(mirror.seen.gaps, 'no loss goes unsaid').toBeGreaterThanOrEqual(lostSockets);
  expect(mirror.seen.stale).toBeGreaterThanOrEqual(lostSockets);
}
