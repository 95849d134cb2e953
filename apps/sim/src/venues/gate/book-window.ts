/**
 * The best levels of a book, and what changed of them between two looks: so the venue pushes books of limited depth.
 * A level that leaves the window is told with quantity 0, one that enters it with all of its quantity, so that whoever
 * applies each change holds exactly the window.
 */
import { asQuantity, ZERO } from '@trunkline/proto/decimal';
import type { BookSnapshot, Level } from '../../core/types.ts';

export interface WindowChange {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface BookWindow {
  /** Since the last look. */
  change(now: BookSnapshot): WindowChange;
}

export function createBookWindow(first: BookSnapshot): BookWindow {
  let seen = first;
  return {
    change(now) {
      const change = { bids: changed(seen.bids, now.bids), asks: changed(seen.asks, now.asks) };
      seen = now;
      return change;
    },
  };
}

function changed(before: readonly Level[], after: readonly Level[]): Level[] {
  const known = new Map(before);
  const changes: Level[] = [];
  for (const level of after) {
    const [price, quantity] = level;
    if (known.get(price) !== quantity) changes.push(level);
    known.delete(price);
  }
  for (const price of known.keys()) changes.push([price, asQuantity(ZERO)]);
  return changes;
}
