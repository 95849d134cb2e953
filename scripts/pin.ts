/**
 * The Bun version is pinned in one place, `packageManager` of package.json. This finds every other place that names
 * one and disagrees: the type package, commands in documents, the CI script.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-tool.ts';

const NAMED_IN = ['README.md', '.ci/run', 'docs/ARCHITECTURE.md', 'docs/DEPENDENCIES.md', 'infra/Containerfile'];

/** The version in package.json, such as `1.4.5`. Throws when there is none: nothing can run without it. */
export function pinnedBun(): string {
  const version = /"packageManager":\s*"bun@(\d+\.\d+\.\d+)"/.exec(read('package.json'))?.[1];
  if (version === undefined) throw new Error('package.json pins no Bun version in "packageManager"');
  return version;
}

/** One line for each place that names another version. */
export function pinProblems(): string[] {
  const pinned = pinnedBun();
  const problems: string[] = [];
  const types = /"bun-types":\s*"([^"]*)"/.exec(read('package.json'))?.[1];
  if (types !== pinned) problems.push(`package.json: bun-types is ${types ?? 'absent'}, not ${pinned}`);
  for (const file of NAMED_IN) problems.push(...otherVersions(file, read(file), pinned));
  return problems;
}

/** One line for each `bun@VERSION` in `text` that is not the pinned one. */
export function otherVersions(file: string, text: string, pinned: string): string[] {
  const named = [...text.matchAll(/\bbun@(\d[\w.-]*)/g)].map((match) => match[1] ?? '');
  return named.filter((version) => version !== pinned).map((version) => `${file}: names bun@${version}, not ${pinned}`);
}

function read(file: string): string {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
