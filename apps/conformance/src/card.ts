/**
 * A card: one promise of the contract, what it needs, what is done, what must follow. Cards are data and code together, so that
 * the documentation and the run cannot say different things.
 *
 * C1  A card stands by itself: it needs no other card, and leaves no order, position or session behind.
 * C2  A card that its target cannot be held to is skipped with the reason; one that throws `Mismatch` fails.
 */
import type { Bench } from './suite/bench.ts';
import type { Target } from './suite/target.ts';

/**
 * beside   reads only: runs beside others of its kind
 * session  takes the account's trading session, of which there is one
 * alone    disturbs the venue, the market data or other callers
 * last     ends the process under test
 */
export type Manner = 'beside' | 'session' | 'alone' | 'last';

/** Something that a card cannot do without. */
export interface Need {
  /** For the documentation, e.g. "Capabilities.post_only". */
  readonly text: string;
  /** Why this target lacks it; undefined if it has it. */
  readonly missing: (target: Target) => string | undefined;
}

export interface Card {
  /** Group and number, e.g. `ORD-04`; never given to another promise. */
  readonly id: string;
  /** The promise, as a sentence. */
  readonly title: string;
  readonly manner: Manner;
  readonly needs: readonly Need[];
  /** What is done, in order. */
  readonly action: string;
  /** What must follow, in order. */
  readonly expected: readonly string[];
  readonly limitMs?: number;
  readonly run: (bench: Bench) => Promise<void>;
}

export interface CardGroup {
  /** The letters of its cards' ids. */
  readonly prefix: string;
  readonly name: string;
  readonly cards: readonly Card[];
}

export const DEFAULT_LIMIT_MS = 20_000;

export function group(prefix: string, name: string, cards: readonly Card[]): CardGroup {
  const strange = cards.find(({ id }, index) => id !== `${prefix}-${String(index + 1).padStart(2, '0')}`);
  if (strange !== undefined) throw new Error(`card ${strange.id} is out of order in ${prefix}`);
  return { prefix, name, cards };
}

/** Why the target cannot be held to the card; undefined if it can. */
export function missingFor(card: Card, target: Target): string | undefined {
  for (const need of card.needs) {
    const reason = need.missing(target);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
