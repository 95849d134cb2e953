/**
 * Recorded messages of Bitget v2's public stream: channel `books` (a snapshot, then updates that chain by `pseq`),
 * `books1` for the best quote, `trade`. The snapshot of `trade` is history from before the subscription, and no news.
 */
import { readerOf } from '../../core/recorded-envelope.ts';
import { allOf, type Fields, fieldsOf, isText, levelOf, levelsOf } from '../../core/recorded-fields.ts';
import {
  NOTHING_RECORDED,
  type OpenRecorded,
  type ParsedLine,
  type RecordedMessage,
} from '../../core/recorded-message.ts';

type Read = (push: Push, entry: Fields, idOf: IdOf) => RecordedMessage | undefined;
type IdOf = (value: unknown) => number | undefined;

const READERS: ReadonlyMap<unknown, Read> = new Map([
  ['books', bookOf],
  ['books1', quoteOf],
  ['trade', tradeOf],
]);

export const openRecordedFutures = opener('perpetual');
export const openRecordedSpot = opener('spot');

interface Push {
  readonly symbol: string;
  readonly isSnapshot: boolean;
}

function opener(market: 'perpetual' | 'spot'): OpenRecorded {
  return () => {
    const idOf = countedFromFirst();
    const frame = (message: unknown) => frameOf(message, idOf);
    return readerOf({ venue: 'bitget', market, frame, call: () => NOTHING_RECORDED });
  };
}

/**
 * Sequences are numbers of 19 digits, beyond what a double holds exactly: they are counted from the first that the
 * recording has, which keeps their order and their distances.
 */
function countedFromFirst(): IdOf {
  let base: bigint | undefined;
  return (value) => {
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (!isText(text) || !/^\d{1,19}$/.test(text)) return undefined;
    base ??= BigInt(text) - FIRST_ID;
    const id = Number(BigInt(text) - base);
    return Number.isSafeInteger(id) ? id : undefined;
  };
}

/** Above the distance by which an update may lie before the first one that was read. */
const FIRST_ID = 1n << 40n;

function frameOf(frame: unknown, idOf: IdOf): ParsedLine | undefined {
  const { arg, action, data } = fieldsOf(frame) ?? {};
  const { channel, instId } = fieldsOf(arg) ?? {};
  const read = READERS.get(channel);
  const push = { symbol: isText(instId) ? instId : '', isSnapshot: action === 'snapshot' };
  if (read === undefined || data === undefined || (channel === 'trade' && push.isSnapshot)) return NOTHING_RECORDED;
  const messages = allOf(data, (entry) => read(push, fieldsOf(entry) ?? {}, idOf));
  return messages === undefined || push.symbol === '' ? undefined : { ok: true, messages };
}

function bookOf(
  { symbol, isSnapshot }: Push,
  { bids, asks, seq, pseq }: Fields,
  idOf: IdOf,
): RecordedMessage | undefined {
  const last = idOf(seq);
  const levels = { bids: levelsOf(bids), asks: levelsOf(asks) };
  if (last === undefined || levels.bids === undefined || levels.asks === undefined) return undefined;
  const book = { symbol, lastUpdateId: last, bids: levels.bids, asks: levels.asks };
  if (isSnapshot) return { kind: 'snapshot', ...book };
  const previous = idOf(pseq);
  if (previous === undefined) return undefined;
  return { kind: 'depth', ...book, firstUpdateId: previous + 1, previousUpdateId: previous };
}

function quoteOf({ symbol }: Push, { bids, asks, seq }: Fields, idOf: IdOf): RecordedMessage | undefined {
  const updateId = idOf(seq);
  const [bid] = levelsOf(bids) ?? [];
  const [ask] = levelsOf(asks) ?? [];
  if (updateId === undefined || bid === undefined || ask === undefined) return undefined;
  return { kind: 'quote', symbol, updateId, bid, ask };
}

function tradeOf({ symbol }: Push, { tradeId, price, size, side }: Fields): RecordedMessage | undefined {
  const level = levelOf(price, size);
  if (!isText(tradeId) || level === undefined || (side !== 'buy' && side !== 'sell')) return undefined;
  const [at, quantity] = level;
  return { kind: 'trade', symbol, tradeId, price: at, quantity, buyerIsMaker: side === 'sell' };
}
