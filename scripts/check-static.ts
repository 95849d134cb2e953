/**
 * Every check that runs no product code: format, lint, types, contract, generated code, version pins, Terraform.
 * All of them run; the summary counts what failed and names what was skipped.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pinProblems } from './pin.ts';
import { ROOT, runTool } from './run-tool.ts';

type Result = 'passed' | 'failed' | { readonly skipped: string };

interface Check {
  readonly name: string;
  readonly run: () => Result;
}

const CHECKS: readonly Check[] = [
  tool('format and lint', ['biome', 'ci']),
  tool('types', ['tsc', '--noEmit', '-p', '.']),
  tool('contract: lint', ['buf', 'lint']),
  { name: 'contract: no breaking change', run: breaking },
  tool('contract: generated code', [process.execPath, 'scripts/generate.ts', '--check']),
  { name: 'Bun version pins', run: pins },
  { name: 'Terraform', run: terraform },
];

const results = CHECKS.map((check) => {
  const result = check.run();
  if (typeof result === 'string') console.log(`${result === 'passed' ? 'ok     ' : 'FAILED '} ${check.name}`);
  else console.log(`SKIPPED ${check.name}: ${result.skipped}`);
  return result;
});
const failed = results.filter((result) => result === 'failed').length;
const skipped = results.filter((result) => typeof result !== 'string').length;
console.log(`static checks: ${results.length - failed - skipped} ok, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function tool(name: string, command: readonly string[]): Check {
  return { name, run: () => verdict(runTool(command)) };
}

function breaking(): Result {
  const baseline = join('proto', 'baseline.binpb');
  if (!existsSync(join(ROOT, baseline))) {
    console.error(`${baseline} is missing; run \`bun run baseline\` and commit it`);
    return 'failed';
  }
  return verdict(runTool(['buf', 'breaking', 'proto', '--against', baseline]));
}

function pins(): Result {
  const problems = pinProblems();
  for (const problem of problems) console.error(problem);
  return verdict(problems.length === 0);
}

function terraform(): Result {
  const infra = join(ROOT, 'infra');
  const files = existsSync(infra) ? readdirSync(infra, { recursive: true, encoding: 'utf8' }) : [];
  const folders = new Set(files.filter((file) => file.endsWith('.tf')).map((file) => join(infra, dirname(file))));
  if (folders.size === 0) return { skipped: 'there is no infra/*.tf' };
  if (Bun.which('terraform') === null) return { skipped: 'terraform is not installed' };
  const commands = [...folders].flatMap((folder) => [
    ['terraform', `-chdir=${folder}`, 'init', '-backend=false', '-input=false'],
    ['terraform', `-chdir=${folder}`, 'validate'],
  ]);
  return verdict([['terraform', 'fmt', '-check', '-recursive', infra], ...commands].every(runTool));
}

function verdict(passed: boolean): Result {
  return passed ? 'passed' : 'failed';
}
