/**
 * A book kept from a snapshot and a stream of deltas, with every step of the sequence checked. The snapshot is asked for
 * apart from the stream, or comes on the stream itself at its beginning (`SnapshotSource`).
 *
 * B1  Out come a snapshot, then updates that chain: each names the sequence of the one before it.
 * B2  A delta that does not fit gives exactly one gap; until the next snapshot fits the stream, nothing else comes out.
 * B3  A snapshot is believed only when the stream proves that it continues it, or when the stream is quiet (`settle`):
 *     venues serve snapshots from caches that may be older than the first delta that we hold.
 * B4  Levels are the venue's own numbers as canonical decimals. No float, no rounding.
 * B5  While a snapshot is awaited at most `MAX_BUFFERED` deltas are kept; past it the oldest go, and the snapshot that
 *     comes then must be newer.
 * B6  A book is never crossed: a delta or snapshot after which the best bid is not below the best ask is a gap, however
 *     well its numbers fit.
 * B7  A snapshot on the stream is believed as it comes, at any time: there is nothing between it and the next delta.
 *
 * What "fits" means is the venue's (`SequenceRule`).
 */
import { compare } from '@trunkline/proto/decimal';
import { BookUpdate, type Level } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderBook } from '@trunkline/proto/order-book';

export type Levels = readonly Level[];

export interface Delta {
  readonly first: number;
  readonly last: number;
  /** The `last` of the delta before; absent where the venue does not say. */
  readonly previous: number | undefined;
  readonly bids: Levels;
  readonly asks: Levels;
  readonly venueTimeUs: number;
}

export interface Snapshot {
  readonly sequence: number;
  readonly bids: Levels;
  readonly asks: Levels;
  readonly venueTimeUs: number;
}

export interface SequenceRule {
  /** Whether everything in the delta is already in a snapshot of `sequence`. */
  readonly old: (delta: Delta, sequence: number) => boolean;
  /** Whether the delta is the first one after a snapshot of `sequence`. */
  readonly joins: (delta: Delta, sequence: number) => boolean;
  /** Whether the delta follows the one that ended at `sequence`. */
  readonly follows: (delta: Delta, sequence: number) => boolean;
}

/** `asked`: by a request of ours. `streamed`: the stream begins with it, and only opening it anew brings another. */
export type SnapshotSource = 'asked' | 'streamed';

export type BookOutput =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'update'; readonly delta: Delta; readonly previousSequence: number }
  | { readonly kind: 'gap'; readonly lastSequence: number; readonly nextSequence: number }
  /** Fetch a snapshot; `retry` says that the last one was too old. */
  | { readonly kind: 'need_snapshot'; readonly retry: boolean }
  /** Open the stream anew: it alone brings a snapshot. */
  | { readonly kind: 'reopen' }
  /** Nothing proves the snapshot yet: call `settle` when the stream stays quiet. */
  | { readonly kind: 'hold' };

export const MAX_BUFFERED = 4_000;

interface Held {
  readonly book: OrderBook;
  sequence: number;
  venueTimeUs: number;
}

type Phase =
  | { readonly kind: 'waiting'; readonly buffer: Delta[] }
  | { readonly kind: 'holding'; readonly snapshot: Snapshot }
  /** `joined`: a delta has been applied, so the next must follow it. */
  | { readonly kind: 'synced'; readonly held: Held; joined: boolean };

export class BookSync {
  readonly #rule: SequenceRule;
  readonly #source: SnapshotSource;
  #phase: Phase = { kind: 'waiting', buffer: [] };

  constructor(rule: SequenceRule, source: SnapshotSource) {
    this.#rule = rule;
    this.#source = source;
  }

  /** The stream is up: a snapshot taken from now on can fit it. */
  begin(): BookOutput[] {
    this.#phase = { kind: 'waiting', buffer: this.#phase.kind === 'waiting' ? this.#phase.buffer : [] };
    return this.#source === 'asked' ? [{ kind: 'need_snapshot', retry: false }] : [];
  }

  /** The stream is down. A gap, if there was a book to have one. */
  lost(): BookOutput[] {
    const phase = this.#phase;
    this.#phase = { kind: 'waiting', buffer: [] };
    return phase.kind === 'synced' ? [{ kind: 'gap', lastSequence: phase.held.sequence, nextSequence: 0 }] : [];
  }

  /** Something on the stream could not be read: what it said is missing. */
  broken(): BookOutput[] {
    return [...this.lost(), this.#again(false)];
  }

  delta(delta: Delta): BookOutput[] {
    const phase = this.#phase;
    if (phase.kind === 'waiting') {
      // Before its snapshot a stream that brings one says nothing of use.
      if (this.#source === 'streamed') return [];
      phase.buffer.push(delta);
      if (phase.buffer.length > MAX_BUFFERED) phase.buffer.shift();
      return [];
    }
    if (phase.kind === 'holding') return this.#join(phase.snapshot, [delta]);
    const { held } = phase;
    if (!phase.joined && this.#rule.old(delta, held.sequence)) return [];
    const fits = phase.joined ? this.#rule.follows(delta, held.sequence) : this.#rule.joins(delta, held.sequence);
    const previousSequence = held.sequence;
    if (!fits || !apply(held, delta)) {
      this.#phase = { kind: 'waiting', buffer: [delta] };
      const gap = { kind: 'gap', lastSequence: previousSequence, nextSequence: delta.first } as const;
      return [gap, this.#again(false)];
    }
    phase.joined = true;
    return [{ kind: 'update', delta, previousSequence }];
  }

  /** The stream brought a whole book. */
  streamed(snapshot: Snapshot): BookOutput[] {
    const held = hold(snapshot);
    if (held === undefined) return [...this.lost(), this.#again(true)];
    this.#phase = { kind: 'synced', held, joined: false };
    return [{ kind: 'snapshot', snapshot }];
  }

  /** The answer to `need_snapshot`. Ignored when none is awaited any more. */
  snapshot(snapshot: Snapshot): BookOutput[] {
    if (this.#phase.kind !== 'waiting') return [];
    return this.#join(snapshot, this.#phase.buffer);
  }

  /** The stream stayed quiet: the held snapshot is the book. */
  settle(): BookOutput[] {
    if (this.#phase.kind !== 'holding') return [];
    return this.#adopt(this.#phase.snapshot, []);
  }

  /** The book as it stands, sorted; undefined while there is none. */
  current(): Snapshot | undefined {
    if (this.#phase.kind !== 'synced') return undefined;
    const { held } = this.#phase;
    return { ...held.book.view(), sequence: held.sequence, venueTimeUs: held.venueTimeUs };
  }

  #join(snapshot: Snapshot, buffer: readonly Delta[]): BookOutput[] {
    const rest = buffer.filter((delta) => !this.#rule.old(delta, snapshot.sequence));
    const [first] = rest;
    if (first === undefined) {
      this.#phase = { kind: 'holding', snapshot };
      return [{ kind: 'hold' }];
    }
    if (!this.#rule.joins(first, snapshot.sequence)) {
      this.#phase = { kind: 'waiting', buffer: [...rest] };
      return [{ kind: 'need_snapshot', retry: true }];
    }
    return this.#adopt(snapshot, rest);
  }

  #adopt(snapshot: Snapshot, rest: readonly Delta[]): BookOutput[] {
    const held = hold(snapshot);
    if (held === undefined) {
      this.#phase = { kind: 'waiting', buffer: [...rest] };
      return [this.#again(true)];
    }
    this.#phase = { kind: 'synced', held, joined: false };
    return [{ kind: 'snapshot', snapshot }, ...rest.flatMap((delta) => this.delta(delta))];
  }

  #again(retry: boolean): BookOutput {
    return this.#source === 'asked' ? { kind: 'need_snapshot', retry } : { kind: 'reopen' };
  }
}

/** Undefined when it is no book: a level is no level, or bids and asks cross. */
function hold({ bids, asks, sequence, venueTimeUs }: Snapshot): Held | undefined {
  const book = new OrderBook();
  if (book.applySnapshot({ bids: [...bids], asks: [...asks] }, sequence) !== 'applied' || isCrossed(book))
    return undefined;
  return { book, sequence, venueTimeUs };
}

function isCrossed({ bestBid, bestAsk }: OrderBook): boolean {
  return bestBid !== undefined && bestAsk !== undefined && compare(bestBid.price, bestAsk.price) >= 0;
}

/** False when a level is no level or the book crosses: then the delta is as good as lost. */
function apply(held: Held, delta: Delta): boolean {
  const update = BookUpdate.fromPartial({
    bids: [...delta.bids],
    asks: [...delta.asks],
    previousSequence: held.sequence,
  });
  if (held.book.applyUpdate(update, delta.last) !== 'applied' || isCrossed(held.book)) return false;
  held.sequence = delta.last;
  held.venueTimeUs = delta.venueTimeUs;
  return true;
}
