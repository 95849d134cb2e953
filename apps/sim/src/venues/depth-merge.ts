/**
 * Merges the book deltas of one interval into one, as the timed depth streams do.
 *
 * M1  The merged delta runs from the first's `U` and `pu` to the last's `u`, with each price's latest quantity.
 * M2  Deltas are merged only while they follow each other. One that does not follow ends the merge before it, so a gap
 *     stays visible to whoever checks `pu`.
 */
import type { Price, Quantity } from '@trunkline/proto/decimal';
import type { BookDelta } from '../core/events.ts';
import type { Level } from '../core/types.ts';

export interface DepthMerge {
  /** What was merged so far, when `delta` does not follow it (M2). */
  add(delta: BookDelta): BookDelta | undefined;
  /** What was merged since the last call; undefined when nothing came. */
  take(): BookDelta | undefined;
}

interface Pending {
  readonly first: BookDelta;
  last: BookDelta;
  readonly bids: Map<Price, Quantity>;
  readonly asks: Map<Price, Quantity>;
}

export function createDepthMerge(): DepthMerge {
  let pending: Pending | undefined;

  const take = () => {
    const taken = pending;
    pending = undefined;
    return taken === undefined ? undefined : merged(taken);
  };

  return {
    add(delta) {
      const cut = pending !== undefined && pending.last.lastUpdateId !== delta.previousUpdateId ? take() : undefined;
      pending ??= { first: delta, last: delta, bids: new Map(), asks: new Map() };
      pending.last = delta;
      for (const [price, quantity] of delta.bids) pending.bids.set(price, quantity);
      for (const [price, quantity] of delta.asks) pending.asks.set(price, quantity);
      return cut;
    },
    take,
  };
}

function merged(pending: Pending): BookDelta {
  const { first, last } = pending;
  return {
    symbol: last.symbol,
    firstUpdateId: first.firstUpdateId,
    lastUpdateId: last.lastUpdateId,
    previousUpdateId: first.previousUpdateId,
    bids: levels(pending.bids),
    asks: levels(pending.asks),
    timeUs: last.timeUs,
  };
}

function levels(side: ReadonlyMap<Price, Quantity>): Level[] {
  return [...side];
}
