/**
 * Keeps the suite's own traffic well below any venue's rate limits: the cards are about the service, and a command that
 * is denied for the venue's budget proves nothing of it.
 *
 * P1  Of one kind (orders, cancels, one query) no more than its limit leave within a second.
 */
import { type Clock, sleep } from '@trunkline/proto/clock';

/** The tightest limits met are ten orders a second, some of them kept for cancels, and five of one query. */
const PER_SECOND: Readonly<Record<string, number>> = { orders: 6, cancels: 6 };
const QUERIES_PER_SECOND = 4;
const WINDOW_US = 1_100_000;

export class Pacer {
  readonly #clock: Clock;
  readonly #sentAtUs = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `count` more of the kind may leave. */
  async turn(kind: string, count = 1): Promise<void> {
    for (;;) {
      const nowUs = this.#clock.monotonicUs();
      const recent = (this.#sentAtUs.get(kind) ?? []).filter((atUs) => atUs > nowUs - WINDOW_US);
      const [oldest] = recent;
      if (oldest === undefined || recent.length + count <= (PER_SECOND[kind] ?? QUERIES_PER_SECOND)) {
        for (let index = 0; index < count; index++) recent.push(nowUs);
        this.#sentAtUs.set(kind, recent);
        return;
      }
      await sleep(this.#clock, (oldest + WINDOW_US - nowUs) / 1_000);
    }
  }
}
