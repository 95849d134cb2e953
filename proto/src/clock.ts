/**
 * Time as a parameter. Only `main.ts` files construct `systemClock()`; everything else is handed a `Clock`,
 * so tests and the simulation move time and never sleep.
 *
 * C1  `wallUs` is for stamps that leave the process; it may step. `monotonicUs` never goes back and is the only
 *     one that deadlines and intervals may use.
 */

/** A scheduled call. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Microseconds since the Unix epoch. */
  wallUs(): number;
  /** Microseconds since an arbitrary start; never decreases. */
  monotonicUs(): number;
  /** Runs `run` once, `delayMs` from now (0 means the next turn). */
  schedule(delayMs: number, run: () => void): Timer;
}

const MAX_DRIFT_US = 2_000;

/** The machine's clock. Wall time has microsecond resolution and follows the system clock within 2 ms. */
export function systemClock(): Clock {
  const monotonicUs = () => Math.floor(Bun.nanoseconds() / 1_000);
  let offsetUs = Date.now() * 1_000 - monotonicUs();
  return {
    monotonicUs,
    wallUs() {
      const systemUs = Date.now() * 1_000;
      const ours = monotonicUs() + offsetUs;
      // Date.now() counts whole milliseconds: `ours` may run up to one ahead of it without being wrong.
      if (Math.abs(ours - systemUs) <= MAX_DRIFT_US) return ours;
      offsetUs = systemUs - monotonicUs();
      return systemUs;
    },
    schedule(delayMs, run) {
      const handle = setTimeout(run, delayMs);
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/** Resolves after `delayMs` of the given clock, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.schedule(delayMs, finish);
    signal?.addEventListener('abort', finish);
  });
}
