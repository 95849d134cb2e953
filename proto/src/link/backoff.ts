/**
 * How long to wait before the next attempt to connect: 0.5 s, growing by 1.6 to 30 s, with full jitter, so that a
 * fleet that lost its peer at one instant does not return at one instant.
 *
 * B1  Pure: the caller holds the count of failures and the randomness.
 * B2  Only a connection that stayed up for 5 s clears the count. One that is refused right after its handshake (TLS 1.3 lets a
 *     client finish before the server has judged it) is a failure, however well it began.
 */
import type { Rng } from '../rng.ts';

export const FIRST_DELAY_MS = 500;
export const GROWTH = 1.6;
export const MAX_DELAY_MS = 30_000;
export const STEADY_AFTER_MS = 5_000;

/** The wait after `failures` failures in a row (1 or more), in milliseconds: uniform in [0, ceiling). */
export function backoffDelayMs(failures: number, rng: Rng): number {
  return rng.next() * backoffCeilingMs(failures);
}

export function backoffCeilingMs(failures: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * GROWTH ** (Math.max(1, failures) - 1));
}

/** The count of failures after a connection that lasted `uptimeMs` (0 for one that never stood) was lost. */
export function failuresAfter(failures: number, uptimeMs: number): number {
  return uptimeMs >= STEADY_AFTER_MS ? 1 : failures + 1;
}
