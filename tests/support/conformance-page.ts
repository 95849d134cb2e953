/** docs/CONFORMANCE.md and the measurements that it is made of. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CARD_GROUPS } from '../../apps/conformance/src/cards/groups.ts';
import { conformanceDocs, type Measured, type Measurements } from '../../apps/conformance/src/docs.ts';

const FILE = join(import.meta.dir, '../../docs/conformance.json');

export function readMeasurements(): Measurements {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
}

/** Puts one market's runs in the place of what was measured before; markets stand in the order of their names. */
export function writeMeasurements(market: string, links: Readonly<Record<string, Measured>>): void {
  const all = { ...readMeasurements(), [market]: links };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

export function conformancePage(): string {
  return conformanceDocs(CARD_GROUPS, readMeasurements());
}
