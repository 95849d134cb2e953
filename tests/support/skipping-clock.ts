/** The machine's clock, on which a long wait can be made to end: what a day does to a connection, in no time. */
import { type Clock, systemClock, type Timer } from '../../proto/src/clock.ts';

/** Shorter waits are no one's to skip. */
const LONG_MS = 60_000;

export interface SkippingClock {
  readonly clock: Clock;
  /** Ends every wait of exactly this length that is under way. */
  skip(delayMs: number): void;
}

export function skippingClock(): SkippingClock {
  const inner = systemClock();
  const waits = new Set<{ readonly delayMs: number; readonly end: () => void }>();
  return {
    clock: {
      wallUs: inner.wallUs,
      monotonicUs: inner.monotonicUs,
      schedule(delayMs, run): Timer {
        if (delayMs < LONG_MS) return inner.schedule(delayMs, run);
        const end = () => {
          timer.cancel();
          waits.delete(wait);
          run();
        };
        const wait = { delayMs, end };
        const timer = inner.schedule(delayMs, end);
        waits.add(wait);
        return {
          cancel() {
            timer.cancel();
            waits.delete(wait);
          },
        };
      },
    },
    skip(delayMs) {
      for (const wait of [...waits]) if (wait.delayMs === delayMs) wait.end();
    },
  };
}
