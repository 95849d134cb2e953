/** The newest durations of one hop, for its quantiles. Bounded: older samples are overwritten. */
const CAPACITY = 4_096;

export class LatencySamples {
  readonly #samples = new Float64Array(CAPACITY);
  #added = 0;

  /** Microseconds. Clock offsets are estimates, so a short hop may measure below zero: it is kept as it is. */
  add(us: number): void {
    this.#samples[this.#added % CAPACITY] = us;
    this.#added += 1;
  }

  get count(): number {
    return this.#added;
  }

  /** The nearest-rank quantile of what is held, 0 < q <= 1; undefined without samples. */
  quantile(q: number): number | undefined {
    const held = this.#samples.slice(0, Math.min(this.#added, CAPACITY)).sort();
    return held[Math.max(0, Math.ceil(q * held.length) - 1)];
  }
}
