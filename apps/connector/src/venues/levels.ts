/** Levels of a book as venues write them: `[["27000.5","8.760"]]`. */
import type { Levels } from './book-sync.ts';
import { exact, list, Unreadable } from './fields.ts';

/** Throws `Unreadable` for anything else. */
export function readLevels(value: unknown): Levels {
  return list(value, 'levels').map((entry) => {
    const [price, quantity] = list(entry, 'level');
    const at = exact(price);
    const amount = exact(quantity);
    if (at === undefined || amount === undefined) throw new Unreadable('a level is not two decimals');
    return { price: at, quantity: amount };
  });
}
