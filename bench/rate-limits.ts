#!/usr/bin/env bun
/**
 * What a venue layer does at one and a half times its venue's limits, and what that costs a cancel: for each market the
 * same cancels are timed first without load and then with it. Against the sim, which counts as the venues document.
 *
 *   bun bench/rate-limits.ts [--for 60] [--market gate-spot] [--json]
 */
import { parseArgs } from 'node:util';
import { ALLOWED, type Overload, overload } from '../tests/support/overload.ts';
import { FRONTS, type FrontName, venueOnSim } from '../tests/support/venue-rig.ts';

const FACTOR = 1.5;
/** Of the run without load: as many orders as find room in it. */
const CALM = { seconds: 15, ordersPerSecond: 5 } as const;

const { values } = parseArgs({
  options: { for: { type: 'string', default: '60' }, market: { type: 'string' }, json: { type: 'boolean' } },
});
const seconds = Number(values.for);
const fronts = Object.keys(FRONTS).filter((name): name is FrontName => !values.market || name === values.market);
if (!(seconds >= 1 && seconds <= 600) || fronts.length === 0) {
  console.error(`error: --for is 1 to 600 seconds, --market one of: ${Object.keys(FRONTS).join(', ')}`);
  process.exit(2);
}

const rows = [];
for (const front of fronts) rows.push(await measure(front));
if (values.json) console.log(JSON.stringify({ factor: FACTOR, seconds, markets: rows }));
else console.table(rows);

async function measure(front: FrontName) {
  const rig = await venueOnSim({ front, timings: { requestTimeoutMs: 10_000 } });
  try {
    rig.venue.listen(() => {});
    const refusal = await rig.venue.start();
    if (refusal !== undefined) throw new Error(refusal.message);
    const shared = { front, venue: rig.venue, sim: rig.sim };
    const calm = await overload({ ...shared, ...CALM, questionsPerSecond: 0, tag: 'calm_' });
    // The orders of the calm run are in the venue's counts for up to a minute.
    await Bun.sleep(11_000);
    const { orders, questions } = ALLOWED[front];
    const rates = { ordersPerSecond: orders * FACTOR, questionsPerSecond: questions * FACTOR };
    const loaded = await overload({ ...shared, ...rates, seconds, tag: 'load_' });
    return {
      market: front,
      ordersAsked: loaded.orders.asked,
      ordersSent: loaded.orders.accepted + loaded.orders.other,
      ordersHeldBack: loaded.orders.denied,
      questionsAsked: loaded.questions.asked,
      questionsHeldBack: loaded.questions.refusedByUs,
      tooMany: loaded.tooMany,
      cancels: loaded.cancels.accepted,
      cancelsRepeated: loaded.cancels.repeated,
      calmP50Ms: quantile(calm, 0.5),
      calmP99Ms: quantile(calm, 0.99),
      loadedP50Ms: quantile(loaded, 0.5),
      loadedP99Ms: quantile(loaded, 0.99),
    };
  } finally {
    await rig.close();
  }
}

function quantile({ cancels }: Overload, share: number): number {
  const sorted = cancels.latenciesMs.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return Math.round(value * 100) / 100;
}
