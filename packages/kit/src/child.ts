/**
 * Child processes that cannot outlive us.
 *
 * P1  A child leads its own process group, so that a signal to it reaches whatever it started, and a Ctrl-C on our
 *     terminal reaches us alone: we decide in which order children stop.
 * P2  Its stdin is a pipe that we hold and never write: when we die, however we die, the pipe closes and
 *     `exitWithParent` in the child notices. The child is told by `TRUNKLINE_PARENT_PIPE=1`.
 * P3  `exited` always resolves, once, also for a command that could not be started.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '@trunkline/proto/clock';
import { fromSystemError, OperatingError } from './operating-error.ts';

export const PARENT_PIPE = 'TRUNKLINE_PARENT_PIPE';

export type ChildExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: string }
  | { readonly kind: 'failed'; readonly error: OperatingError };

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child; `TRUNKLINE_PARENT_PIPE` is added. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Working folder; ours when absent. */
  readonly cwd?: string;
  /** Each line of its stdout, without the line break, cut at 64 KiB. */
  readonly onLine: (line: string) => void;
  /** Each line of its stderr; without it the child writes to our stderr. */
  readonly onErrorLine?: (line: string) => void;
}

export interface Child {
  /** Undefined when the command could not be started. */
  readonly pid: number | undefined;
  readonly exited: Promise<ChildExit>;
  /** Sends a signal to the whole group; nothing happens once the group is gone. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM to the group, SIGKILL to what is left of it after `graceMs`; resolves when the child has exited. */
  terminate(graceMs: number): Promise<ChildExit>;
}

const MAX_LINE = 64 * 1024;

export function spawnChild(options: ChildOptions): Child {
  const child = spawn(options.command, [...options.args], {
    env: { ...options.env, [PARENT_PIPE]: '1' },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: true,
    stdio: ['pipe', 'pipe', options.onErrorLine ? 'pipe' : 'inherit'],
  });
  // A child that closes its end first breaks the pipe; its exit is what tells us.
  child.stdin?.on('error', () => {});
  if (child.stdout) readLines(child.stdout, options.onLine);
  if (child.stderr && options.onErrorLine) readLines(child.stderr, options.onErrorLine);

  const exited = new Promise<ChildExit>((resolve) => {
    child.once('error', (error) => {
      const failure =
        fromSystemError(error, options.command) ?? new OperatingError(`${options.command}: ${error.message}`);
      resolve({ kind: 'failed', error: failure });
    });
    child.once('close', (code, signal) => {
      resolve(signal ? { kind: 'signaled', signal } : { kind: 'exited', code: code ?? 0 });
    });
  });
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined) killGroup(child.pid, signal);
  };
  return {
    pid: child.pid,
    exited,
    kill,
    async terminate(graceMs) {
      kill('SIGTERM');
      const timer = options.clock.schedule(graceMs, () => kill('SIGKILL'));
      const exit = await exited;
      timer.cancel();
      // The leader is gone; what it started and left behind goes with it.
      kill('SIGKILL');
      return exit;
    },
  };
}

function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: the whole group is gone already, which is what a signal is for.
    if (fromSystemError(error) === undefined) throw error;
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) onLine(line.slice(0, MAX_LINE));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
  stream.on('error', () => {});
}
