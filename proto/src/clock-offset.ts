/**
 * How far a peer's clock is from ours, out of four timestamps (RFC 5905, section 8).
 *
 * K1  The offset is theirs minus ours and is true within +-`uncertaintyUs`, half the round trip: the two ways may
 *     differ by no more than that.
 * K2  Of the last `WINDOW` samples the one with the shortest round trip counts: queues only ever lengthen a way.
 */
export interface ClockSample {
  readonly roundTripUs: number;
  /** Theirs minus ours. */
  readonly offsetUs: number;
  readonly uncertaintyUs: number;
}

export interface FourTimestamps {
  /** Ours when we sent, theirs when it arrived, theirs when they answered, ours when the answer arrived. */
  readonly sentAtUs: number;
  readonly theirArrivalUs: number;
  readonly theirAnswerUs: number;
  readonly arrivedAtUs: number;
}

/** Undefined where a clock was stepped between the stamps, so that they make no sense. */
export function clockSample(stamps: FourTimestamps): ClockSample | undefined {
  const heldUs = stamps.theirAnswerUs - stamps.theirArrivalUs;
  const roundTripUs = stamps.arrivedAtUs - stamps.sentAtUs - heldUs;
  if (heldUs < 0 || roundTripUs < 0) return undefined;
  const offsetUs = (stamps.theirArrivalUs - stamps.sentAtUs + stamps.theirAnswerUs - stamps.arrivedAtUs) / 2;
  return { roundTripUs, offsetUs: Math.round(offsetUs), uncertaintyUs: Math.ceil(roundTripUs / 2) };
}

/** 16 s of heartbeats. */
const WINDOW = 8;

export class ClockFilter {
  #samples: ClockSample[] = [];

  add(sample: ClockSample): void {
    this.#samples.push(sample);
    if (this.#samples.length > WINDOW) this.#samples.shift();
  }

  get best(): ClockSample | undefined {
    let best: ClockSample | undefined;
    for (const sample of this.#samples) if (best === undefined || sample.roundTripUs <= best.roundTripUs) best = sample;
    return best;
  }
}
