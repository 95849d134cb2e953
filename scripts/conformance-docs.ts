/** Writes docs/CONFORMANCE.md; with `--check` it only says whether the page is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformancePage } from '../tests/support/conformance-page.ts';
import { ROOT } from './run-tool.ts';

const path = join(ROOT, 'docs', 'CONFORMANCE.md');
const page = conformancePage();
if (!process.argv.includes('--check')) writeFileSync(path, page);
else if (readFileSync(path, 'utf8') !== page) {
  console.error('docs/CONFORMANCE.md is out of date; run `bun scripts/conformance-docs.ts` and commit it');
  process.exitCode = 1;
}
