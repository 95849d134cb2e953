/** Counts new orders in the last second. Bounded by the limit itself: a denied order is not counted. */
import type { Clock } from '@trunkline/proto/clock';

const WINDOW_US = 1_000_000;

export class OrderRate {
  readonly #clock: Clock;
  #timesUs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count(): number {
    const startUs = this.#clock.monotonicUs() - WINDOW_US;
    this.#timesUs = this.#timesUs.filter((atUs) => atUs > startUs);
    return this.#timesUs.length;
  }

  add(): void {
    this.#timesUs.push(this.#clock.monotonicUs());
  }
}
