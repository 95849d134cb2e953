/**
 * The venue's clock, seen from here. Samples are the midpoint of a question and its answer.
 *
 * K1  Between samples the venue's time advances with our monotonic clock: a step of the host's wall clock neither moves
 *     a signature's timestamp nor anybody's deadline.
 * K2  Of recent samples the one with the shortest round trip counts; it is forgotten after `MAX_AGE_US`.
 */
import type { Clock } from '@trunkline/proto/clock';

export interface ClockSample {
  /** What the venue said. */
  readonly venueUs: number;
  /** Our monotonic clock just before the question and just after the answer. */
  readonly askedUs: number;
  readonly answeredUs: number;
}

export interface VenueClock {
  /** Our wall clock until the first sample. */
  nowUs(): number;
  /** Venue minus our wall clock; 0 until the first sample. */
  offsetUs(): number;
  readonly sampled: boolean;
  add(sample: ClockSample): void;
  /** The venue refused a timestamp: the next sample replaces what was believed, however slow it is. */
  distrust(): void;
}

const MAX_AGE_US = 10 * 60 * 1_000_000;

interface Belief {
  /** Venue time minus monotonic time. */
  readonly aheadUs: number;
  readonly roundTripUs: number;
  readonly atUs: number;
}

export function venueClock(clock: Clock): VenueClock {
  let belief: Belief | undefined;
  let trusted = true;
  const nowUs = () => (belief === undefined ? clock.wallUs() : clock.monotonicUs() + belief.aheadUs);
  return {
    nowUs,
    offsetUs: () => nowUs() - clock.wallUs(),
    get sampled() {
      return belief !== undefined;
    },
    add({ venueUs, askedUs, answeredUs }) {
      const roundTripUs = answeredUs - askedUs;
      const older = belief !== undefined && answeredUs - belief.atUs > MAX_AGE_US;
      if (belief !== undefined && trusted && !older && roundTripUs > belief.roundTripUs) return;
      belief = { aheadUs: venueUs - Math.round((askedUs + answeredUs) / 2), roundTripUs, atUs: answeredUs };
      trusted = true;
    },
    distrust() {
      trusted = false;
    },
  };
}
