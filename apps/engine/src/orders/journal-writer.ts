/**
 * Writes what was learnt, in order, and says when it is durable.
 *
 * W1  One append at a time; whatever is learnt meanwhile goes out together in the next (group commit). Appends never
 *     overtake each other, so a projection never goes back.
 * W2  A failed append is tried again, with all that came since, until it works: nothing learnt is forgotten, and nothing
 *     is acknowledged before it is durable. The queue is bounded by the connector's event window, for that reason.
 * W3  `committed` is called once per append, in order, after it is durable.
 */
import { type Clock, sleep, type Timer } from '@trunkline/proto/clock';
import type { AppendResult, CursorRow, FillRow, Journal, LeaseClaim, NewEvent } from '../journal/journal.ts';
import { type Position, positionRow } from '../positions/position.ts';
import { orderRow } from './order-rows.ts';
import type { Order } from './order-state.ts';

/** How long a failed append waits before it is tried again. */
const RETRY_MS = 500;
/** How long a close waits for a journal that cannot be written. */
const CLOSE_WAIT_MS = 2_000;

/** One thing learnt: its event, and what it changed. */
export interface Entry {
  readonly event: NewEvent;
  readonly order?: Order;
  readonly position?: Position;
  readonly fill?: FillRow;
}

export type JournalTrouble = Exclude<AppendResult, { kind: 'committed' }>;

export interface JournalWriterOptions {
  readonly journal: Journal;
  readonly account: string;
  readonly clock: Clock;
  readonly claim: LeaseClaim;
  readonly failpoint: (name: string) => void;
  readonly committed: (entries: readonly Entry[], cursor: CursorRow | undefined) => void;
  /** Called when an append is refused or fails for the first time, and with undefined when one works again. */
  readonly trouble: (trouble: JournalTrouble | undefined) => void;
  /** A bug or an armed failpoint: ends the process. */
  readonly crash: (error: unknown) => void;
}

export class JournalWriter {
  readonly #options: JournalWriterOptions;
  #entries: Entry[] = [];
  #cursor: CursorRow | undefined;
  #writing = false;
  #trouble: JournalTrouble | undefined;
  #retry: Timer | undefined;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: JournalWriterOptions) {
    this.#options = options;
  }

  get working(): boolean {
    return this.#trouble === undefined && !this.#closed;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#wake();
  }

  /** The session's events up to here are in what was pushed. */
  reach(cursor: CursorRow): void {
    this.#cursor = cursor;
    this.#wake();
  }

  /** An append of somebody else failed: nothing may be decided until one works again. */
  report(trouble: JournalTrouble): void {
    if (this.#closed) return;
    const first = this.#trouble === undefined;
    this.#trouble = trouble;
    if (first) {
      const { account, clock } = this.#options;
      const event = { account, subjectId: account, kind: 'journal_trouble', payload: '{}', atUs: clock.wallUs() };
      this.#entries.push({ event: { ...event, subject: 'account' } });
      this.#options.trouble(trouble);
    }
    // A lost lease does not come back to this engine.
    if (trouble.kind === 'refused') this.#closed = true;
    else this.#retryLater();
  }

  /** Resolves when all that was pushed is durable, or never will be. */
  drained(): Promise<void> {
    if (this.#closed || (!this.#writing && this.#entries.length === 0 && this.#cursor === undefined))
      return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Gives what was learnt a last while to become durable; what does not was not acknowledged, and comes again. */
  async close(): Promise<void> {
    const drained = new AbortController();
    await Promise.race([this.drained(), sleep(this.#options.clock, CLOSE_WAIT_MS, drained.signal)]);
    drained.abort();
    this.#closed = true;
    this.#retry?.cancel();
    this.#settleIdle();
  }

  #wake(): void {
    if (this.#writing || this.#closed || this.#retry) return;
    this.#writing = true;
    // One microtask later, so that everything learnt from one message is one append.
    queueMicrotask(() => {
      this.#write().catch(this.#options.crash);
    });
  }

  async #write(): Promise<void> {
    while (!this.#closed && !this.#retry && (this.#entries.length > 0 || this.#cursor !== undefined)) {
      const { journal, clock, claim, failpoint } = this.#options;
      const [entries, cursor] = [this.#entries, this.#cursor];
      this.#entries = [];
      this.#cursor = undefined;
      failpoint('engine.beforeAnswerCommit');
      const result = await journal.append({
        events: entries.map(({ event }) => event),
        fills: entries.flatMap(({ fill }) => fill ?? []),
        orders: newest(
          entries.flatMap(({ order }) => order ?? []),
          ({ clientOrderId }) => clientOrderId,
        ).map(orderRow),
        positions: newest(
          entries.flatMap(({ position }) => position ?? []),
          ({ symbol, side }) => `${symbol} ${side}`,
        ).map(positionRow),
        ...(cursor && { cursor }),
        lease: claim,
        nowUs: clock.wallUs(),
      });
      if (result.kind === 'committed') this.#done(entries, cursor);
      else {
        this.#entries = [...entries, ...this.#entries];
        this.#cursor ??= cursor;
        this.report(result);
      }
    }
    this.#writing = false;
    if (this.#closed || !this.#retry) this.#settleIdle();
  }

  #done(entries: readonly Entry[], cursor: CursorRow | undefined): void {
    if (this.#trouble) {
      this.#trouble = undefined;
      this.#options.trouble(undefined);
    }
    this.#options.committed(entries, cursor);
  }

  #retryLater(): void {
    this.#retry ??= this.#options.clock.schedule(RETRY_MS, () => {
      this.#retry = undefined;
      this.#wake();
    });
  }

  #settleIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** The last value of each key. */
function newest<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}
