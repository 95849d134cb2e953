/**
 * Every market of ours passes the conformance suite: real connector processes over both links, real certificates, the
 * emulated venues, and the suite as its users run it. What it measured stands in docs/conformance.json, which
 * `UPDATE_CONFORMANCE=1` writes anew; the page made of it is held against the cards here too.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from '../apps/conformance/src/docs.ts';
import { formatResult, type Summary } from '../apps/conformance/src/report.ts';
import { conformancePage, readMeasurements, writeMeasurements } from './support/conformance-page.ts';
import { type ConformanceRig, LINKS, openConformanceRig } from './support/conformance-rig.ts';

const MARKETS = [
  'binance-spot',
  'binance-usdm',
  'bitget-spot',
  'bitget-usdt-futures',
  'gate-spot',
  'gate-usdt-futures',
] as const;
type Market = (typeof MARKETS)[number];

const ROOT = join(import.meta.dir, '..');
/** All markets side by side on two cores; each of them waits more than it works. */
const LIMIT_MS = 600_000;

let rig: ConformanceRig;
/** Markets side by side, the links of one after each other: a fault at the venue reaches both its connectors. */
const runs = new Map<Market, Promise<Readonly<Record<string, Summary>>>>();

beforeAll(async () => {
  rig = await openConformanceRig(MARKETS);
  for (const market of MARKETS) runs.set(market, runBoth(market));
}, 60_000);

afterAll(async () => {
  await Promise.allSettled(runs.values());
  await rig.close();
}, LIMIT_MS);

async function runBoth(market: Market): Promise<Readonly<Record<string, Summary>>> {
  const summaries: Record<string, Summary> = {};
  for (const link of LINKS) {
    const { stdout, exitCode, log } = await rig.run(market, link);
    if (stdout === '') throw new Error(`the suite said nothing (exit code ${exitCode}): ${log.slice(-3).join('\n')}`);
    const summary: Summary = JSON.parse(stdout);
    expect(exitCode).toBe(summary.failed === 0 ? 0 : 1);
    summaries[link] = summary;
  }
  return summaries;
}

function measuredOf({ passed, cards }: Summary): Measured {
  const skipped = cards.flatMap((card) => (card.outcome === 'skipped' ? [[card.id, card.reason]] : []));
  return { passed, skipped: Object.fromEntries(skipped) };
}

test.each(MARKETS.map((market) => [market]))(
  '%s fails no card over either link, and passes and skips what the page says',
  async (market) => {
    const summaries = (await runs.get(market)) ?? {};
    const failures = Object.entries(summaries).flatMap(([link, { cards }]) =>
      cards.flatMap((card) => (card.outcome === 'failed' ? [`${link}: ${formatResult(card)}`] : [])),
    );
    expect(failures).toEqual([]);
    const measured = Object.fromEntries(Object.entries(summaries).map(([link, each]) => [link, measuredOf(each)]));
    if (process.env['UPDATE_CONFORMANCE'] === '1') writeMeasurements(market, measured);
    else expect(measured).toEqual({ ...readMeasurements()[market] });
  },
  LIMIT_MS,
);

test('docs/CONFORMANCE.md is the page that the cards and the measurements make', () => {
  // Made anew by `bun scripts/conformance-docs.ts`.
  if (process.env['UPDATE_CONFORMANCE'] === '1') return;
  expect(readFileSync(join(ROOT, 'docs/CONFORMANCE.md'), 'utf8')).toBe(conformancePage());
});
