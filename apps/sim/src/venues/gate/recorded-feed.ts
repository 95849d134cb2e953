/**
 * Recorded messages of Gate v4. Futures: `order_book_update` (U, u) with the REST snapshot of `id`, `book_ticker`,
 * `trades`; sizes are contracts, a trade's sign is its taker's side. Spot: `obu` (a full frame, then U and u),
 * `book_ticker`, `trades`.
 */
import { asQuantity, multiply, parseDecimal, type Quantity } from '@trunkline/proto/decimal';
import { type RecordedCall, readerOf } from '../../core/recorded-envelope.ts';
import { allOf, type Fields, fieldsOf, idOf, isText, levelOf, levelsOf } from '../../core/recorded-fields.ts';
import { NOTHING_RECORDED, type ParsedLine, type RecordedMessage, recordedAs } from '../../core/recorded-message.ts';
import type { Level } from '../../core/types.ts';
import { FUTURES_LISTINGS } from './listing.ts';

export const readRecordedFutures = readerOf({
  ...{ venue: 'gate', market: 'perpetual' },
  frame: (frame) => pushOf(frame, FUTURES),
  call: futuresSnapshotOf,
});

export const readRecordedSpot = readerOf({
  ...{ venue: 'gate', market: 'spot' },
  frame: (frame) => pushOf(frame, SPOT),
  // Spot's books begin in the stream.
  call: () => NOTHING_RECORDED,
});

type Reader = (result: unknown) => ParsedLine | undefined;

const FUTURES: ReadonlyMap<unknown, Reader> = new Map<string, Reader>([
  ['futures.order_book_update', futuresDepthOf],
  ['futures.book_ticker', (result) => quoteOf(result, (symbol) => contracts(symbol))],
  ['futures.trades', futuresTradesOf],
]);

const SPOT: ReadonlyMap<unknown, Reader> = new Map<string, Reader>([
  ['spot.obu', spotBookOf],
  ['spot.book_ticker', (result) => quoteOf(result, () => asBase)],
  ['spot.trades', spotTradeOf],
]);

function pushOf(frame: unknown, readers: ReadonlyMap<unknown, Reader>): ParsedLine | undefined {
  const { channel, event, result } = fieldsOf(frame) ?? {};
  const read = readers.get(channel);
  return read === undefined || (event !== 'update' && event !== 'all') ? NOTHING_RECORDED : read(result);
}

type QuantityOf = (value: unknown) => Quantity | undefined;

const asBase: QuantityOf = (value) => {
  const amount = parseDecimal(typeof value === 'number' ? String(value) : value);
  return amount === undefined ? undefined : asQuantity(amount);
};

/** Contracts of the symbol as base asset; undefined for one that is not listed. */
function contracts(symbol: string): QuantityOf {
  const size = FUTURES_LISTINGS.find(({ instrument }) => instrument.symbol === symbol)?.instrument.contractSize;
  return (value) => {
    const count = asBase(value);
    return count === undefined || size === undefined ? undefined : asQuantity(multiply(count, size));
  };
}

function futuresLevels(value: unknown, symbol: string): readonly Level[] | undefined {
  const quantityOf = contracts(symbol);
  return allOf(value, (entry) => {
    const { p, s } = fieldsOf(entry) ?? {};
    return levelOf(p, s, quantityOf);
  });
}

function futuresSnapshotOf({ call, query, body }: RecordedCall): ParsedLine | undefined {
  if (!/^GET \/api\/v4\/futures\/usdt\/order_book$/i.test(call)) return NOTHING_RECORDED;
  const symbol = query.get('contract') ?? '';
  const { id, bids, asks } = fieldsOf(body) ?? {};
  const lastUpdateId = idOf(id);
  const levels = { bids: futuresLevels(bids, symbol), asks: futuresLevels(asks, symbol) };
  if (lastUpdateId === undefined || levels.bids === undefined || levels.asks === undefined) return undefined;
  return recordedAs({ kind: 'snapshot', symbol, lastUpdateId, bids: levels.bids, asks: levels.asks });
}

function futuresDepthOf(result: unknown): ParsedLine | undefined {
  const { s, U, u, b, a } = fieldsOf(result) ?? {};
  if (!isText(s)) return undefined;
  return depthOf(s, { U, u }, futuresLevels(b, s), futuresLevels(a, s));
}

function depthOf(
  symbol: string,
  { U, u }: Fields,
  bids: readonly Level[] | undefined,
  asks: readonly Level[] | undefined,
): ParsedLine | undefined {
  const [first, last] = [idOf(U), idOf(u)];
  if (first === undefined || last === undefined || bids === undefined || asks === undefined) return undefined;
  const ids = { firstUpdateId: first, lastUpdateId: last, previousUpdateId: first - 1 };
  return recordedAs({ kind: 'depth', symbol, ...ids, bids, asks });
}

function quoteOf(result: unknown, quantityIn: (symbol: string) => QuantityOf): ParsedLine | undefined {
  const { s, u, b, B, a, A } = fieldsOf(result) ?? {};
  const updateId = idOf(u);
  if (!isText(s) || updateId === undefined) return undefined;
  const bid = levelOf(b, B, quantityIn(s));
  const ask = levelOf(a, A, quantityIn(s));
  return bid === undefined || ask === undefined
    ? undefined
    : recordedAs({ kind: 'quote', symbol: s, updateId, bid, ask });
}

function futuresTradesOf(result: unknown): ParsedLine | undefined {
  const messages = allOf(result, (entry): RecordedMessage | undefined => {
    const { contract, id, size, price, is_internal } = fieldsOf(entry) ?? {};
    const tradeId = idOf(id);
    const signed = String(size);
    if (!isText(contract) || tradeId === undefined) return undefined;
    // A takeover by the insurance fund or by ADL.
    if (is_internal === true) return { kind: 'off_book', symbol: contract };
    const level = levelOf(price, signed.replace('-', ''), contracts(contract));
    if (level === undefined) return undefined;
    const [at, quantity] = level;
    const ids = { kind: 'trade', symbol: contract, tradeId: String(tradeId) } as const;
    return { ...ids, price: at, quantity, buyerIsMaker: signed.startsWith('-') };
  });
  return messages === undefined ? undefined : { ok: true, messages };
}

function spotBookOf(result: unknown): ParsedLine | undefined {
  const { full, s, U, u, b, a } = fieldsOf(result) ?? {};
  // `ob.BTC_USDT.50`
  const symbol = isText(s) ? s.split('.')[1] : undefined;
  const [bids, asks] = [levelsOf(b ?? []), levelsOf(a ?? [])];
  if (symbol === undefined) return undefined;
  if (full !== true) return depthOf(symbol, { U, u }, bids, asks);
  const lastUpdateId = idOf(u);
  if (lastUpdateId === undefined || bids === undefined || asks === undefined) return undefined;
  return recordedAs({ kind: 'snapshot', symbol, lastUpdateId, bids, asks });
}

function spotTradeOf(result: unknown): ParsedLine | undefined {
  const { id, currency_pair: symbol, side, amount, price } = fieldsOf(result) ?? {};
  const tradeId = idOf(id);
  const level = levelOf(price, amount);
  if (!isText(symbol) || tradeId === undefined || level === undefined) return undefined;
  const [at, quantity] = level;
  const ids = { kind: 'trade', symbol, tradeId: String(tradeId) } as const;
  return recordedAs({ ...ids, price: at, quantity, buyerIsMaker: side === 'sell' });
}
