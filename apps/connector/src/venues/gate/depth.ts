/**
 * Gate's book streams and snapshots as book-sync's nouns.
 *
 * Futures (documents, "how to maintain local order book"): `futures.order_book_update` names the first (`U`) and last
 * (`u`) update since the one before; the first to apply has `U <= base + 1 <= u`, those with `u < base + 1` are dropped,
 * one with `U > base + 1` is a gap. Spot: `spot.obu` begins with the whole book (`full`), then the same numbers; the
 * server may send the whole book again at any time.
 */
import type { Decimal } from '@trunkline/proto/decimal';
import type { Delta, Levels, SequenceRule, Snapshot } from '../book-sync.ts';
import { type Json, list, record, Unreadable, whole } from '../fields.ts';
import { toBase } from './contracts.ts';
import { decimalAt, timeAt } from './numbers.ts';

export const DEPTH_RULE: SequenceRule = {
  old: (delta, sequence) => delta.last <= sequence,
  joins: (delta, sequence) => delta.first <= sequence + 1 && delta.last > sequence,
  follows: (delta, sequence) => delta.first === sequence + 1,
};

export type BookFrame =
  | { readonly kind: 'delta'; readonly delta: Delta }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot };

/** The `result` of a book frame of either market. */
export function readBookFrame(result: Json, contractSize: Decimal): BookFrame {
  const levels = {
    bids: readLevels(result['b'] ?? [], contractSize),
    asks: readLevels(result['a'] ?? [], contractSize),
    venueTimeUs: timeAt(result, 't'),
  };
  const last = whole(result, 'u');
  if (result['full'] === true) return { kind: 'snapshot', snapshot: { ...levels, sequence: last } };
  return { kind: 'delta', delta: { ...levels, first: whole(result, 'U'), last, previous: undefined } };
}

/** GET /futures/usdt/order_book with `with_id`: `update` is when the book changed, `current` when it was asked. */
export function readBookSnapshot(body: Json, contractSize: Decimal): Snapshot {
  return {
    sequence: whole(body, 'id'),
    bids: readLevels(body['bids'], contractSize),
    asks: readLevels(body['asks'], contractSize),
    venueTimeUs: timeAt(body, 'update', 'current'),
  };
}

/** `["price","amount"]` for spot, `{"p":"price","s":contracts}` for futures. */
function readLevels(value: unknown, contractSize: Decimal): Levels {
  return list(value, 'levels').map((entry) => {
    const level = Array.isArray(entry) ? { p: entry[0], s: entry[1] } : record(entry, 'level');
    if (typeof level['p'] !== 'string') throw new Unreadable('a level has no price');
    return { price: decimalAt(level, 'p'), quantity: toBase(decimalAt(level, 's'), contractSize) };
  });
}
