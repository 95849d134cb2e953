/**
 * Every call that reached a venue's door, also those that never reached the core: refused for their signature, their
 * age, the budget, or by a scripted fault. The newest `MAX_KEPT` are kept, in memory only; what became of orders is in
 * the core's durable truth.
 */
const MAX_KEPT = 100_000;

export interface VenueCall {
  readonly timeUs: number;
  /** Whose key the call carried; absent for public calls and unknown keys. */
  readonly account?: string;
  readonly method: string;
  readonly path: string;
  readonly symbol?: string;
  readonly clientOrderId?: string;
  readonly status: number;
  /** The venue's error code or label. */
  readonly code?: number | string;
}

export type LoggedCall = VenueCall & {
  /** From 0, without holes; the oldest may be gone. */
  readonly seq: number;
};

export interface CallLog {
  add(call: VenueCall): void;
  /** From `fromSeq` on, oldest first, at most `limit`. */
  list(fromSeq: number, limit: number): readonly LoggedCall[];
}

export function createCallLog(): CallLog {
  const ring: LoggedCall[] = [];
  let next = 0;
  return {
    add(call) {
      ring[next % MAX_KEPT] = { seq: next, ...call };
      next += 1;
    },
    list(fromSeq, limit) {
      const first = Math.max(fromSeq, next - MAX_KEPT, 0);
      const calls: LoggedCall[] = [];
      for (let seq = first; seq < next && calls.length < limit; seq++) {
        const call = ring[seq % MAX_KEPT];
        if (call !== undefined) calls.push(call);
      }
      return calls;
    },
  };
}
