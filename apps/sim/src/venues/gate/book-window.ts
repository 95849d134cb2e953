/**
 * The best levels of a book, and what changed of them between two looks: so the venue pushes books of limited depth.
 * A level that leaves the window is told with quantity 0, one that enters it with all of its quantity, so that whoever
 * applies each change holds exactly the window.
 *
 * B1  What was touched in between is told even when it ended as it began: whoever took a snapshot meanwhile may hold it.
 */
import { asQuantity, ZERO } from '@trunkline/proto/decimal';
import type { BookSnapshot, Level } from '../../core/types.ts';

export interface WindowChange {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface BookWindow {
  /** Since the last look; `touched` are the levels that deltas named since then. */
  change(now: BookSnapshot, touched: WindowChange): WindowChange;
}

export function createBookWindow(first: BookSnapshot): BookWindow {
  let seen = first;
  return {
    change(now, touched) {
      const change = {
        bids: changed(seen.bids, now.bids, touched.bids),
        asks: changed(seen.asks, now.asks, touched.asks),
      };
      seen = now;
      return change;
    },
  };
}

function changed(before: readonly Level[], after: readonly Level[], touched: readonly Level[]): Level[] {
  const known = new Map(before);
  const told = new Set(touched.map(([price]) => price));
  const changes: Level[] = [];
  for (const level of after) {
    const [price, quantity] = level;
    if (known.get(price) !== quantity || told.has(price)) changes.push(level);
    known.delete(price);
    told.delete(price);
  }
  for (const price of new Set([...known.keys(), ...told])) changes.push([price, asQuantity(ZERO)]);
  return changes;
}
