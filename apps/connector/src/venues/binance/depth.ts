/**
 * Binance's depth streams: how their sequences run, and their messages as book-sync's nouns.
 *
 * Spot (developers.binance.com, "How to manage a local order book correctly"): drop every event with u <= lastUpdateId;
 * the first one kept has U <= lastUpdateId + 1 <= u; from then on each U is the u before it plus one. There is no `pu`, and
 * the snapshot has no time.
 *
 * USD-M: developers.binance.com, "How to manage a local order book correctly" (USD-M): drop every event with u < lastUpdateId;
 * the first one kept has U <= lastUpdateId and u >= lastUpdateId; from then on each pu equals the u before it.
 */
import type { Delta, SequenceRule, Snapshot } from '../book-sync.ts';
import { type Json, timeUs, whole } from '../fields.ts';
import { readLevels } from '../levels.ts';

export const SPOT_DEPTH_RULE: SequenceRule = {
  old: (delta, sequence) => delta.last <= sequence,
  joins: (delta, sequence) => delta.first <= sequence + 1 && delta.last >= sequence + 1,
  follows: (delta, sequence) => delta.first === sequence + 1,
};

export const DEPTH_RULE: SequenceRule = {
  old: (delta, sequence) => delta.last < sequence,
  // A snapshot may end exactly where a delta ended: then the next one follows it by `pu` instead of overlapping it.
  joins: (delta, sequence) => (delta.first <= sequence && delta.last >= sequence) || delta.previous === sequence,
  follows: (delta, sequence) => delta.previous === sequence,
};

/** `{"e":"depthUpdate","E":..,"T":..,"s":"BTCUSDT","U":157,"u":160,"pu":149,"b":[["0.0024","10"]],"a":[]}` */
export function readDelta(frame: Json): Delta {
  return {
    first: whole(frame, 'U'),
    last: whole(frame, 'u'),
    previous: whole(frame, 'pu'),
    bids: readLevels(frame['b']),
    asks: readLevels(frame['a']),
    venueTimeUs: timeUs(frame, 'T'),
  };
}

/** `{"e":"depthUpdate","E":..,"s":"BTCUSDT","U":157,"u":160,"b":[["0.0024","10"]],"a":[]}` */
export function readSpotDelta(frame: Json): Delta {
  return {
    first: whole(frame, 'U'),
    last: whole(frame, 'u'),
    previous: undefined,
    bids: readLevels(frame['b']),
    asks: readLevels(frame['a']),
    venueTimeUs: timeUs(frame, 'E'),
  };
}

/** `{"lastUpdateId":1027024,"E":..,"T":..,"bids":[["4.0","431.0"]],"asks":[]}` */
export function readSnapshot(body: Json): Snapshot {
  return {
    sequence: whole(body, 'lastUpdateId'),
    bids: readLevels(body['bids']),
    asks: readLevels(body['asks']),
    venueTimeUs: body['T'] === undefined ? 0 : timeUs(body, 'T'),
  };
}
