/**
 * Whether an account may trade: `running`, `reducing` (reduce-only orders and cancels) or `halted` (cancels alone), per
 * account and for all (`*`). The stricter of the two holds.
 *
 * Q1  A stricter state acts in memory at once, before it is journaled: stopping never waits for a disk.
 * Q2  A looser state acts only after it is durable: a restart never finds more freedom than was granted.
 * Q3  Every change is journaled with who and why, and restored at the next start.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { HaltRow, Journal } from '../journal/journal.ts';

export type TradingState = HaltRow['state'];

export const ALL_ACCOUNTS = '*';

const STRICTNESS = { running: 0, reducing: 1, halted: 2 } as const;

export type HaltResult = { readonly kind: 'done' } | { readonly kind: 'not_journaled'; readonly message: string };

export class HaltBoard {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #rows = new Map<string, HaltRow>();
  readonly #watchers = new Set<(scope: string) => void>();

  private constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Reads the states of these accounts, and the one for all, from the journal. */
  static async open(options: { journal: Journal; clock: Clock; accounts: readonly string[] }): Promise<HaltBoard> {
    const board = new HaltBoard(options.journal, options.clock);
    for (const scope of [ALL_ACCOUNTS, ...options.accounts]) {
      const { halt } = await options.journal.loadAccount(scope);
      if (halt) board.#rows.set(scope, halt);
    }
    return board;
  }

  /** What holds for an account now, and why. */
  of(account: string): { readonly state: TradingState; readonly reason: string } {
    const [own, all] = [this.#rows.get(account), this.#rows.get(ALL_ACCOUNTS)];
    const strictest = rank(own) >= rank(all) ? own : all;
    return { state: strictest?.state ?? 'running', reason: strictest?.reason ?? '' };
  }

  /** `scope` is an account or `*`. Watchers are told after the change acts. */
  async set(change: { scope: string; state: TradingState; reason: string; by: string }): Promise<HaltResult> {
    const row: HaltRow = { ...change, atUs: this.#clock.wallUs() };
    const before = this.#rows.get(row.scope);
    const stricter = STRICTNESS[row.state] >= rank(before);
    if (stricter) this.#act(row);
    try {
      await this.#journal.setHalt(row);
      const detail = `${row.scope}: ${row.state}: ${row.reason}`;
      await this.#journal.audit({ atUs: row.atUs, who: row.by, action: 'halt', detail });
    } catch (error) {
      // The journal cannot be written: a stricter state holds for this run, a looser one is not granted.
      return { kind: 'not_journaled', message: error instanceof Error ? error.message : String(error) };
    }
    // A halt that came in meanwhile stays.
    if (!stricter && this.#rows.get(row.scope) === before) this.#act(row);
    return { kind: 'done' };
  }

  /** Returns the call that ends the watch. */
  watch(watcher: (scope: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #act(row: HaltRow): void {
    this.#rows.set(row.scope, row);
    for (const watcher of this.#watchers) watcher(row.scope);
  }
}

function rank(row: HaltRow | undefined): number {
  return STRICTNESS[row?.state ?? 'running'];
}
