/**
 * The checksum of a `books` channel, where the venue sends one: the CRC-32, signed, of the best 25 levels a side, bid and
 * ask in turn, as `price:size` with the venue's own digits (bitget.com/api-doc, "Depth Channel"; ccxt computes the same).
 *
 * X1  It is made of the text of the levels ("21040.60"), which canonical decimals have lost: so the text is kept here,
 *     apart from the book.
 * X2  0 and nothing are no checksum: newer deployments send either and rely on `seq` and `pseq`.
 */
import { compare, type Decimal } from '@trunkline/proto/decimal';
import { exact, type Json, list, optionalText, Unreadable } from '../fields.ts';

const LEVELS = 25;

type Side = Map<Decimal, string>;

export class BookChecksum {
  readonly #bids: Side = new Map();
  readonly #asks: Side = new Map();

  /** Takes a push in; whether the book that results is the venue's, as far as the push tells. */
  agrees(book: Json, kind: 'snapshot' | 'update'): boolean {
    if (kind === 'snapshot') {
      this.#bids.clear();
      this.#asks.clear();
    }
    take(this.#bids, book['bids']);
    take(this.#asks, book['asks']);
    const stated = optionalText(book, 'checksum');
    return stated === undefined || stated === '' || stated === '0' || Number(stated) === this.#value();
  }

  #value(): number {
    const bids = best(this.#bids, (a, b) => compare(b, a));
    const asks = best(this.#asks, compare);
    const parts: string[] = [];
    for (let level = 0; level < LEVELS; level++) {
      for (const side of [bids, asks]) {
        const words = side[level];
        if (words !== undefined) parts.push(words);
      }
    }
    return Bun.hash.crc32(parts.join(':')) | 0;
  }
}

function best(side: Side, order: (a: Decimal, b: Decimal) => number): string[] {
  const prices = [...side.keys()].sort(order).slice(0, LEVELS);
  return prices.flatMap((price) => side.get(price) ?? []);
}

function take(side: Side, levels: unknown): void {
  for (const entry of list(levels, 'levels')) {
    const [price, size] = list(entry, 'level');
    const at = exact(price);
    const amount = exact(size);
    if (at === undefined || amount === undefined) throw new Unreadable('a level is not two decimals');
    if (amount === '0') side.delete(at);
    else side.set(at, `${price}:${size}`);
  }
}
