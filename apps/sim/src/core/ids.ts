/**
 * The venue's counters. Blocks of ids are reserved in the truth before their first id is given out, so that no id
 * that was ever shown comes back after a kill, though most ids are never written down.
 */
export type Counter = 'order' | 'trade' | 'update' | 'funding';

export interface Ids {
  next(counter: Counter): number;
}

/** At a thousand ids a second, one reservation in a quarter of an hour. */
const BLOCK = 1_000_000;

/** `firstUnused` is where each counter goes on; `reserve` must be durable before the transaction is answered. */
export function createIds(
  firstUnused: (counter: Counter) => number,
  reserve: (counter: Counter, below: number) => void,
): Ids {
  const next: Record<Counter, number> = {
    order: firstUnused('order'),
    trade: firstUnused('trade'),
    update: firstUnused('update'),
    funding: firstUnused('funding'),
  };
  const below: Record<Counter, number> = { ...next };
  return {
    next(counter) {
      const id = next[counter];
      if (id >= below[counter]) {
        below[counter] = id + BLOCK;
        reserve(counter, below[counter]);
      }
      next[counter] = id + 1;
      return id;
    },
  };
}
