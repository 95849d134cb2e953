/**
 * `bun run generate` writes proto/gen from the .proto files; with `--check` it writes nothing and fails when what is
 * committed differs from what would be generated.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descriptorsModule } from './descriptors.ts';
import { ROOT, runTool } from './run-tool.ts';

const GENERATED = join('proto', 'gen');

const scratch = mkdtempSync(join(tmpdir(), 'trunkline-generate-'));
try {
  process.exitCode = generate(scratch, process.argv.includes('--check')) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function generate(folder: string, check: boolean): boolean {
  if (!runTool(['buf', 'generate', '-o', folder])) return false;
  const descriptors = descriptorsModule();
  if (descriptors === undefined) return false;
  writeFileSync(join(folder, GENERATED, 'descriptors.ts'), descriptors);
  if (check) return sameFiles(join(folder, GENERATED), join(ROOT, GENERATED));
  rmSync(join(ROOT, GENERATED), { recursive: true, force: true });
  cpSync(join(folder, GENERATED), join(ROOT, GENERATED), { recursive: true });
  console.log(`wrote ${listFiles(join(ROOT, GENERATED)).length} files to ${GENERATED}`);
  return true;
}

function sameFiles(fresh: string, committed: string): boolean {
  const names = new Set([...listFiles(fresh), ...listFiles(committed)]);
  const differing = [...names].filter((name) => read(join(fresh, name)) !== read(join(committed, name)));
  for (const name of differing) console.error(`${join(GENERATED, name)} is not what the .proto files generate`);
  if (differing.length > 0) console.error('run `bun run generate` and commit the result');
  return differing.length === 0;
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
