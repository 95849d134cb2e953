/**
 * When to ask about an order whose fate is unknown, and when to believe that it is not there. Pure.
 *
 * Z1  Two seconds belong to the private stream; then the order is asked for by its id 1, 2, 4, 8 and 16 s later, and
 *     each 16 s for as long as no answer comes.
 * Z2  An absence counts only from a full search that began after the order could no longer appear.
 * Z3  Then a cancel by client id is the last probe. Only after it says "not open" is the order `absent`, or `lost` where
 *     the searches prove nothing.
 * Z4  A lost order is asked for each minute, for ever. Nothing is ever sent again.
 */

/** How long the stream may still answer by itself. */
export const STREAM_WAIT_MS = 2_000;
const ASK_AT_MS = [1_000, 2_000, 4_000, 8_000, 16_000] as const;
const ASK_AGAIN_MS = 16_000;
const PROBE_AGAIN_MS = 2_000;
const WATCH_MS = 60_000;

export interface Inquiry {
  /** Monotonic microseconds. */
  readonly sinceUs: number;
  /** Monotonic: from when on the order cannot appear any more (Z2). */
  readonly settledUs: number;
  readonly asks: number;
  /** Outcome of the last full search after `settledUs`; null while there was none. */
  readonly absence: { readonly proved: boolean; readonly evidence: string } | null;
  /** Cancels by client id whose outcome said nothing. */
  readonly failedProbes: number;
  readonly lost: boolean;
}

export type InquiryStep =
  | { readonly kind: 'ask'; readonly atUs: number; readonly fullSearch: boolean }
  | { readonly kind: 'probe'; readonly atUs: number };

export function beginInquiry(nowUs: number, options: { settleMs: number; lost: boolean }): Inquiry {
  const settledUs = nowUs + options.settleMs * 1_000;
  return { sinceUs: nowUs, settledUs, asks: 0, absence: null, failedProbes: 0, lost: options.lost };
}

export function nextStep(inquiry: Inquiry, nowUs: number): InquiryStep {
  const { absence, asks, failedProbes, lost, sinceUs, settledUs } = inquiry;
  // A proof goes to the probe at once; without one, every ask has its turn first.
  const searched = absence !== null && (absence.proved || asks >= ASK_AT_MS.length);
  if (searched && !(lost && !absence.proved)) {
    return { kind: 'probe', atUs: failedProbes === 0 ? nowUs : nowUs + PROBE_AGAIN_MS * 1_000 };
  }
  if (lost) return { kind: 'ask', atUs: nowUs + WATCH_MS * 1_000, fullSearch: true };
  const offsetMs = ASK_AT_MS[asks];
  const plannedUs =
    offsetMs === undefined ? nowUs + ASK_AGAIN_MS * 1_000 : sinceUs + (STREAM_WAIT_MS + offsetMs) * 1_000;
  const atUs = Math.max(nowUs, plannedUs);
  return { kind: 'ask', atUs, fullSearch: atUs >= settledUs };
}

/** After a search that did not find the order. */
export function notFound(
  inquiry: Inquiry,
  search: { startedUs: number; fullSearch: boolean; proved: boolean; evidence: string },
): Inquiry {
  const counts = search.fullSearch && search.startedUs >= inquiry.settledUs;
  const absence = counts ? { proved: search.proved, evidence: search.evidence } : inquiry.absence;
  return { ...inquiry, asks: inquiry.asks + 1, absence };
}

/** After a question that the venue did not answer. */
export function notAnswered(inquiry: Inquiry): Inquiry {
  return { ...inquiry, asks: inquiry.asks + 1 };
}

export function probeFailed(inquiry: Inquiry): Inquiry {
  return { ...inquiry, failedProbes: inquiry.failedProbes + 1 };
}

/** After the last probe: what the order is, and on what grounds. */
export function conclude(inquiry: Inquiry, probe: string): { kind: 'absent' | 'lost'; evidence: string } {
  const kind = inquiry.absence?.proved ? 'absent' : 'lost';
  return { kind, evidence: `${inquiry.asks} questions; ${inquiry.absence?.evidence ?? 'no search'}; cancel: ${probe}` };
}

export function watched(inquiry: Inquiry): Inquiry {
  return { ...inquiry, lost: true, absence: null, failedProbes: 0 };
}
