/**
 * How a process learns that it should stop: from a signal, or because its parent is gone. Both call back once; what
 * stopping means (draining, cancelling orders) is for the caller.
 */

import { PARENT_PIPE } from './child.ts';
import { EXIT_FAILED } from './operating-error.ts';

/**
 * Calls `onGone` once when the parent that started us through `spawnChild` is gone: our stdin, the pipe it holds,
 * ends. Does nothing when we were started otherwise. Does not keep the process alive; one that is still there `limitMs`
 * after is ended, whatever it waits for.
 */
export function exitWithParent(
  env: Readonly<Record<string, string | undefined>>,
  onGone: () => void,
  limitMs = ORPHAN_LIMIT_MS,
): void {
  if (env[PARENT_PIPE] !== '1') return;
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    setTimeout(() => process.exit(EXIT_FAILED), limitMs).unref();
    onGone();
  };
  process.stdin.once('end', tell);
  process.stdin.once('close', tell);
  process.stdin.once('error', tell);
  process.stdin.resume();
  process.stdin.unref();
}

/** What a process gives itself to stop in once its parent is gone: nobody will start again what it depends on. */
export const ORPHAN_GRACE_MS = 3_000;
/** Well above the grace and what closing takes: only what hangs meets it. */
const ORPHAN_LIMIT_MS = 10_000;
/** The reason with which an orphan stops. */
export const PARENT_GONE = 'the parent process is gone';

/**
 * Signals so soon after the first are the same one: a Ctrl-C on a terminal reaches us directly, and once more through
 * a package runner that passes on what it got.
 */
const SAME_SIGNAL_MS = 500;

/**
 * Aborts on the first SIGINT or SIGTERM, with the signal's name as reason. A later one means that somebody is done
 * waiting: the process exits with 1 at once.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = 0;
  const stop = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (!controller.signal.aborted) {
      firstAtMs = nowMs;
      controller.abort(signal);
    } else if (nowMs - firstAtMs > SAME_SIGNAL_MS) process.exit(EXIT_FAILED);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
