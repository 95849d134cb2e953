/**
 * Dead-man countdowns, one an account and symbol and one for all symbols of an account. They live in memory only: a restarted venue has none armed.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';

export interface Countdowns {
  /** Replaces the running countdown; 0 only disarms it. */
  arm(accountId: string, symbol: string | undefined, countdownMs: number): void;
  close(): void;
}

export function createCountdowns(
  clock: Clock,
  fire: (accountId: string, symbol: string | undefined) => void,
): Countdowns {
  const timers = new Map<string, Timer>();
  return {
    arm(accountId, symbol, countdownMs) {
      const key = JSON.stringify([accountId, symbol ?? null]);
      timers.get(key)?.cancel();
      timers.delete(key);
      if (countdownMs <= 0) return;
      const run = () => {
        timers.delete(key);
        fire(accountId, symbol);
      };
      timers.set(key, clock.schedule(countdownMs, run));
    },
    close() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
