/**
 * Recorded messages of Binance: depthUpdate, bookTicker, trade, and the depth snapshot of REST. Spot's are told from
 * USD-M's by what they lack: `pu` in a depth update, `T` in a book ticker (developers.binance.com, web socket streams).
 */
import { parsePrice, parseQuantity } from '@trunkline/proto/decimal';
import { readerOf } from '../../core/recorded-envelope.ts';
import { type Fields, fieldsOf, idOf, isText, levelOf, levelsOf } from '../../core/recorded-fields.ts';
import { NOTHING_RECORDED, type ParsedLine, recordedAs } from '../../core/recorded-message.ts';

/** Bare lines are those of the public collections of USD-M feeds: `{"stream":..,"data":..}` and bare snapshots. */
export const readRecordedUsdm = readerOf({
  ...{ venue: 'binance', market: 'perpetual' },
  frame: (frame) => messageOf(frame, 'usdm'),
  call: ({ call, query, body }) =>
    call === 'GET /fapi/v1/depth' ? snapshotOf(body, query.get('symbol') ?? undefined) : NOTHING_RECORDED,
  bare(message) {
    if (!('stream' in message)) return snapshotOf(message, undefined);
    const read = messageOf(message['data'], 'usdm');
    // A collection of one feed has nothing else in it: another kind of message is another kind of file.
    return read === NOTHING_RECORDED ? undefined : read;
  },
});

export const readRecordedSpot = readerOf({
  ...{ venue: 'binance', market: 'spot' },
  frame: (frame) => messageOf(frame, 'spot'),
  call: ({ call, query, body }) =>
    call === 'GET /api/v3/depth' ? snapshotOf(body, query.get('symbol') ?? undefined) : NOTHING_RECORDED,
});

function messageOf(frame: unknown, market: 'usdm' | 'spot'): ParsedLine | undefined {
  const data = fieldsOf(frame);
  switch (data?.['e']) {
    case 'depthUpdate':
      return depthOf(data, market);
    case 'trade':
      return tradeOf(data);
    case 'bookTicker':
      return isId(data['T']) ? quoteOf(data) : undefined;
    default:
      // Spot's book ticker has no event name.
      return data !== undefined && market === 'spot' && 'B' in data && 'A' in data && 'u' in data
        ? quoteOf(data)
        : NOTHING_RECORDED;
  }
}

function snapshotOf(body: unknown, symbol: string | undefined): ParsedLine | undefined {
  const { lastUpdateId, bids, asks } = fieldsOf(body) ?? {};
  const parsed = { bids: levelsOf(bids), asks: levelsOf(asks) };
  const id = idOf(lastUpdateId);
  if (id === undefined || parsed.bids === undefined || parsed.asks === undefined) return undefined;
  const named = symbol === undefined ? {} : { symbol };
  return recordedAs({ kind: 'snapshot', ...named, lastUpdateId: id, bids: parsed.bids, asks: parsed.asks });
}

function depthOf(data: Fields, market: 'usdm' | 'spot'): ParsedLine | undefined {
  const { s, U, u, pu, b, a } = data;
  const [first, last] = [idOf(U), idOf(u)];
  const [bids, asks] = [levelsOf(b), levelsOf(a)];
  if (!isText(s) || first === undefined || last === undefined || bids === undefined || asks === undefined)
    return undefined;
  const previous = market === 'spot' ? first - 1 : idOf(pu);
  if (previous === undefined) return undefined;
  const ids = { firstUpdateId: first, lastUpdateId: last, previousUpdateId: previous };
  return recordedAs({ kind: 'depth', symbol: s, ...ids, bids, asks });
}

function quoteOf({ s, u, b, B, a, A }: Fields): ParsedLine | undefined {
  const bid = levelOf(b, B);
  const ask = levelOf(a, A);
  const updateId = idOf(u);
  if (!isText(s) || updateId === undefined || bid === undefined || ask === undefined) return undefined;
  return recordedAs({ kind: 'quote', symbol: s, updateId, bid, ask });
}

function tradeOf({ s, t, p, q, m, X = 'MARKET' }: Fields): ParsedLine | undefined {
  if (isText(s) && isText(X) && X !== 'MARKET') return recordedAs({ kind: 'off_book', symbol: s });
  const price = parsePrice(p);
  const quantity = parseQuantity(q);
  if (!isText(s) || !isId(t) || price === undefined || quantity === undefined || typeof m !== 'boolean')
    return undefined;
  return recordedAs({ kind: 'trade', symbol: s, tradeId: String(t), price, quantity, buyerIsMaker: m });
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
