/**
 * Bitget's `books` channel: how its sequence runs, and its messages as book-sync's nouns.
 *
 * bitget.com/api-doc, "Depth Channel" and "Order Book Channel": the first push is the whole book (`snapshot`), then come
 * changes (`update`), each with its own `seq` and the `pseq` of the push before. Older deployments send a `checksum`
 * (`checksum.ts`).
 *
 * Q1  `seq` has up to 19 digits: more than a number of the contract holds. Its lowest 53 bits are used. They are the
 *     venue's own number where that is small enough, equal exactly when the venue's are, and grow with it.
 */
import type { Delta, SequenceRule, Snapshot } from '../book-sync.ts';
import { type Json, text, timeUs, Unreadable } from '../fields.ts';
import { readLevels } from '../levels.ts';

/** Levels a side that are promised; the channel pushes all there are. */
export const BOOK_DEPTH = 1_000;

const SEQUENCE_BITS = 53;

const follows: SequenceRule['follows'] = (delta, sequence) => delta.previous === sequence;

export const BOOKS_RULE: SequenceRule = {
  old: (delta, sequence) => delta.last === sequence,
  joins: follows,
  follows,
};

/** `{"asks":[["27000.5","8.760"]],"bids":[],"seq":124,"pseq":123,"ts":"1695716760565"}` */
export function readDelta(book: Json): Delta {
  const last = sequenceOf(book, 'seq');
  return {
    first: last,
    last,
    previous: sequenceOf(book, 'pseq'),
    bids: readLevels(book['bids']),
    asks: readLevels(book['asks']),
    venueTimeUs: timeUs(book, 'ts'),
  };
}

export function readSnapshot(book: Json): Snapshot {
  return {
    sequence: sequenceOf(book, 'seq'),
    bids: readLevels(book['bids']),
    asks: readLevels(book['asks']),
    venueTimeUs: timeUs(book, 'ts'),
  };
}

export function sequenceOf(book: Json, key: string): number {
  const digits = text(book, key);
  if (!/^\d{1,20}$/.test(digits)) throw new Unreadable(`${key} is not a sequence number`);
  return Number(BigInt.asUintN(SEQUENCE_BITS, BigInt(digits)));
}
