/** At one and a half times what a venue allows nothing of ours is refused by it, and every cancel passes. */
import { expect, test } from 'bun:test';
import { VENUES } from '../apps/sim/src/venues/registry.ts';
import { ALLOWED, overload } from './support/overload.ts';
import { FRONTS, type FrontName, venueOnSim } from './support/venue-rig.ts';

const FACTOR = 1.5;
const SECONDS = 12;
const fronts = Object.keys(FRONTS).filter((name): name is FrontName => VENUES.some((front) => front === name));

for (const front of fronts) {
  test.concurrent(`${front} at ${FACTOR} times its limits: no 429, and each order that was taken is cancelled`, async () => {
    const rig = await venueOnSim({ front, timings: { requestTimeoutMs: 10_000 } });
    try {
      rig.venue.listen(() => {});
      expect(await rig.venue.start()).toBeUndefined();
      const { orders, questions } = ALLOWED[front];
      const seen = await overload({
        ...{ front, venue: rig.venue, sim: rig.sim, seconds: SECONDS, tag: 'rl_' },
        ...{ ordersPerSecond: orders * FACTOR, questionsPerSecond: questions * FACTOR },
      });
      expect(seen.tooMany).toBe(0);
      expect(seen.orders.other).toBe(0);
      // It was an overload: some were held back here, and still the most of what is allowed went out.
      expect(seen.orders.denied).toBeGreaterThan(0);
      expect(seen.orders.accepted).toBeGreaterThan((orders * SECONDS) / 2);
      const { asked, accepted } = seen.cancels;
      expect([asked, accepted], seen.refusedCancels.join('; ')).toEqual([seen.orders.accepted, seen.orders.accepted]);
      expect(seen.questions.answered).toBeGreaterThan(0);
    } finally {
      await rig.close();
    }
  }, 90_000);
}
