/**
 * The engine's clock as one stream knows it, so that `valid_until_us` means something here.
 *
 * P1  The answer is the early end of what is possible: a command is dropped too early rather than sent too late.
 * P2  Instants are kept against the monotonic clock: a step of our wall clock after the measurement changes nothing.
 * P3  Before the first heartbeat only a bound is known, from hello: it is late by at most hello's time on the way. The
 *     engine sends a heartbeat ahead of its first command, so for ours the bound is never used.
 */
import type { Clock } from '@trunkline/proto/clock';
import { ClockFilter, clockSample } from '@trunkline/proto/clock-offset';
import type { Heartbeat } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

export class PeerClock {
  readonly #clock: Clock;
  readonly #filter = new ClockFilter();
  /** The engine's clock minus our monotonic one, at the most (P1). */
  #aheadUs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  takeHello(sentAtUs: number): void {
    this.#aheadUs = sentAtUs - this.#clock.monotonicUs();
  }

  takeHeartbeat({ sentAtUs, echo }: Heartbeat): void {
    if (echo === undefined) return;
    const sample = clockSample({
      sentAtUs: echo.peerSentAtUs,
      theirArrivalUs: echo.receivedAtUs,
      theirAnswerUs: sentAtUs,
      arrivedAtUs: this.#clock.wallUs(),
    });
    if (sample === undefined) return;
    const wallAheadUs = this.#clock.wallUs() - this.#clock.monotonicUs();
    this.#filter.add({ ...sample, offsetUs: sample.offsetUs + wallAheadUs });
    const best = this.#filter.best;
    if (best !== undefined) this.#aheadUs = best.offsetUs + best.uncertaintyUs;
  }

  /** The instant of our monotonic clock when the engine's clock shows `theirUs`, or a little before. */
  monotonicOf(theirUs: number): number {
    return theirUs - this.#aheadUs;
  }
}
