/**
 * A clock that only moves when told to. Timers run in order of their due time, then of their creation, each at
 * its own instant, so a run is a function of its inputs.
 */
import type { Clock, Timer } from './clock.ts';

/** 2026-01-01T00:00:00Z: any fixed start will do, a plausible one reads better in failures. */
const START_US = 1_767_225_600_000_000;

interface Entry {
  readonly dueUs: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualClock implements Clock {
  #nowUs = 0;
  #order = 0;
  #wallOffsetUs: number;
  #entries: Entry[] = [];

  constructor(options: { startUs?: number } = {}) {
    this.#wallOffsetUs = options.startUs ?? START_US;
  }

  wallUs(): number {
    return this.#nowUs + this.#wallOffsetUs;
  }

  monotonicUs(): number {
    return this.#nowUs;
  }

  schedule(delayMs: number, run: () => void): Timer {
    const entry: Entry = { dueUs: this.#nowUs + Math.max(0, Math.round(delayMs * 1_000)), order: this.#order++, run };
    this.#entries.push(entry);
    return {
      cancel: () => {
        const index = this.#entries.indexOf(entry);
        if (index >= 0) this.#entries.splice(index, 1);
      },
    };
  }

  /** Steps the wall clock only, as an operator or NTP would. */
  stepWall(byUs: number): void {
    this.#wallOffsetUs += byUs;
  }

  /** Moves time forward, running every timer that falls due on the way, including those that timers add. */
  advance(byMs: number): void {
    const targetUs = this.#nowUs + Math.round(byMs * 1_000);
    for (let next = this.#takeDue(targetUs); next !== undefined; next = this.#takeDue(targetUs)) {
      this.#nowUs = next.dueUs;
      next.run();
    }
    this.#nowUs = targetUs;
  }

  /** As `advance`, and lets promise continuations run between timers. */
  async advanceAsync(byMs: number): Promise<void> {
    const targetUs = this.#nowUs + Math.round(byMs * 1_000);
    await settle();
    for (let next = this.#takeDue(targetUs); next !== undefined; next = this.#takeDue(targetUs)) {
      this.#nowUs = next.dueUs;
      next.run();
      await settle();
    }
    this.#nowUs = targetUs;
    await settle();
  }

  /** How many timers wait; a finished unit leaves none. */
  get pending(): number {
    return this.#entries.length;
  }

  #takeDue(targetUs: number): Entry | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.dueUs > targetUs) continue;
      if (!best || entry.dueUs < best.dueUs || (entry.dueUs === best.dueUs && entry.order < best.order)) best = entry;
    }
    if (best) this.#entries.splice(this.#entries.indexOf(best), 1);
    return best;
  }
}

/** Long enough for chains of already-resolved promises; no timer and no I/O is waited for. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
