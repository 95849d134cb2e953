/**
 * How a process learns that it should stop: from a signal, or because its parent is gone. Both call back once; what
 * stopping means (draining, cancelling orders) is for the caller.
 */

import { PARENT_PIPE } from './child.ts';
import { EXIT_FAILED } from './operating-error.ts';

/**
 * Calls `onGone` once when the parent that started us through `spawnChild` is gone: our stdin, the pipe it holds,
 * ends. Does nothing when we were started otherwise. Does not keep the process alive.
 */
export function exitWithParent(env: Readonly<Record<string, string | undefined>>, onGone: () => void): void {
  if (env[PARENT_PIPE] !== '1') return;
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    onGone();
  };
  process.stdin.once('end', tell);
  process.stdin.once('close', tell);
  process.stdin.once('error', tell);
  process.stdin.resume();
  process.stdin.unref();
}

/**
 * Aborts on the first SIGINT or SIGTERM, with the signal's name as reason. A second one means that somebody is done
 * waiting: the process exits with 1 at once.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(EXIT_FAILED);
    controller.abort(signal);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
