/**
 * What an error answer of a venue proves. Every venue brings its codes as data; the rules that hold everywhere are here.
 *
 * P1  *Rejected* needs proof: a code that the venue documents as refused before or by its matching engine.
 * P2  Whatever the table does not know is unknown. ccxt's error classes are never looked at: they do not tell an
 *     order's fate (a connection lost, a 502 and "status unknown" look like refusals there).
 */
import { type RejectReason, UnknownCause } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { BudgetKind } from './rate-budget.ts';

/** What else a code tells, besides the fate. */
export type Effect = 'resync_clock' | 'bad_credentials';

export type Verdict =
  | { readonly kind: 'rejected'; readonly reason: RejectReason; readonly effect?: Effect }
  | { readonly kind: 'unknown'; readonly cause: UnknownCause }
  /** Refused before processing; `what` budget is spent. */
  | { readonly kind: 'rate_limited'; readonly what: BudgetKind };

export interface ErrorTable {
  /** By the venue's own code. */
  readonly codes: ReadonlyMap<string, Verdict>;
  /** For codes that mean several things: by how the venue's text begins, asked before `codes`. */
  readonly texts?: readonly { readonly code: string; readonly begins: string; readonly verdict: Verdict }[];
}

export function rejected(reason: RejectReason, effect?: Effect): Verdict {
  return effect === undefined ? { kind: 'rejected', reason } : { kind: 'rejected', reason, effect };
}

export const STATUS_UNKNOWN: Verdict = { kind: 'unknown', cause: UnknownCause.VENUE_ERROR };

/** The verdict on an answer that is not a success. `code` is empty where the body had none. */
export function classify(table: ErrorTable, status: number, code: string, message: string): Verdict {
  const told = table.texts?.find((text) => text.code === code && message.startsWith(text.begins));
  const known = told?.verdict ?? table.codes.get(code);
  if (known?.kind === 'rate_limited') return known;
  if (status === 429 || status === 418) return { kind: 'rate_limited', what: 'requests' };
  // A 5xx says nothing of the order, whatever code comes with it.
  if (status >= 500) return STATUS_UNKNOWN;
  return known ?? STATUS_UNKNOWN;
}
