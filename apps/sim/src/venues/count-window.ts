/**
 * Counters that fall to zero when the next window of the wall clock begins, as venues count requests and orders, and
 * the bounded memory of whom they count.
 */
export interface CountWindow {
  readonly lengthMs: number;
  startMs: number;
  used: number;
  /** Calls that were refused in this window. */
  refused: number;
}

/** Addresses and accounts that are remembered at most; the oldest is forgotten first. */
const MAX_REMEMBERED = 10_000;

export function countWindow(lengthMs: number): CountWindow {
  return { lengthMs, startMs: 0, used: 0, refused: 0 };
}

/** The window that `nowMs` falls in, emptied when it is a new one. */
export function currentWindow(window: CountWindow, nowMs: number): CountWindow {
  const startMs = nowMs - (nowMs % window.lengthMs);
  if (window.startMs !== startMs) {
    window.startMs = startMs;
    window.used = 0;
    window.refused = 0;
  }
  return window;
}

export function windowLeftMs(window: CountWindow, nowMs: number): number {
  return window.startMs + window.lengthMs - nowMs;
}

export function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MAX_REMEMBERED) {
    const oldest = known.keys().next();
    if (!oldest.done) known.delete(oldest.value);
  }
  const made = make();
  known.set(key, made);
  return made;
}
