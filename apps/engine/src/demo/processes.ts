/** How each program of the demonstration is started: with this Bun, from the sources beside this file. */
import { join } from 'node:path';
import type { ProcessSpec } from './fleet.ts';

const APPS = join(import.meta.dir, '..', '..', '..');

export function programSpec(options: {
  readonly program: 'engine' | 'connector' | 'sim';
  readonly name: string;
  readonly args: readonly string[];
  readonly restarting: boolean;
  readonly logFile: string;
}): ProcessSpec {
  const { program, args, ...rest } = options;
  return { ...rest, command: process.execPath, args: [join(APPS, program, 'src', 'main.ts'), ...args] };
}
