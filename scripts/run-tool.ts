/**
 * Runs the tools of the repository (buf, biome, tsc, git) from its root, with `node_modules/.bin` first on the path.
 */
import { join } from 'node:path';

export const ROOT = join(import.meta.dir, '..');

/** Runs `command` with its output shown; true when it exited 0. */
export function runTool(command: readonly string[]): boolean {
  return spawn(command, 'inherit').exitCode === 0;
}

/** Runs `command` and returns its standard output, or undefined when it failed (its errors are shown). */
export function captureTool(command: readonly string[]): Uint8Array | undefined {
  const result = spawn(command, 'pipe');
  return result.exitCode === 0 && result.stdout ? result.stdout : undefined;
}

function spawn(command: readonly string[], stdout: 'inherit' | 'pipe') {
  const path = `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  return Bun.spawnSync([...command], { cwd: ROOT, env: { ...process.env, PATH: path }, stdout, stderr: 'inherit' });
}
