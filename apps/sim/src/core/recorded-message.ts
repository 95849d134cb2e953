/**
 * One message of a recorded Binance USD-M feed, checked. Messages of Binance spot are told apart by what they lack:
 * `pu` in a depth update, `T` in a book ticker (developers.binance.com, USD-M websocket market streams).
 */
import { isNegative, isPositive, type Price, parsePrice, parseQuantity, type Quantity } from '@trunkline/proto/decimal';
import type { Level } from './types.ts';

export type RecordedMessage =
  | {
      readonly kind: 'depth';
      readonly symbol: string;
      readonly firstUpdateId: number;
      readonly lastUpdateId: number;
      readonly previousUpdateId: number;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    }
  | {
      readonly kind: 'quote';
      readonly symbol: string;
      readonly updateId: number;
      readonly bid: Level;
      readonly ask: Level;
    }
  | {
      readonly kind: 'trade';
      readonly symbol: string;
      readonly tradeId: string;
      readonly price: Price;
      readonly quantity: Quantity;
      readonly buyerIsMaker: boolean;
    }
  /** Not of the book: a trade of the insurance fund or by ADL (`X` other than MARKET). */
  | { readonly kind: 'off_book'; readonly symbol: string }
  | {
      readonly kind: 'snapshot';
      readonly lastUpdateId: number;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    };

export type ParsedMessage =
  | { readonly ok: true; readonly value: RecordedMessage }
  | { readonly ok: false; readonly problem: string };

export function parseRecordedMessage(json: string): ParsedMessage {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Not JSON: a torn or foreign line.
    return { ok: false, problem: 'is not JSON' };
  }
  const outer = fieldsOf(value);
  if (outer === undefined) return NOT_OURS;
  if (!('stream' in outer)) return snapshotOf(outer) ?? NOT_OURS;
  const data = fieldsOf(outer['data']);
  if (data === undefined) return NOT_OURS;
  if (data['e'] === 'depthUpdate') return depthOf(data) ?? NOT_OURS;
  if (data['e'] === 'bookTicker') return quoteOf(data) ?? NOT_OURS;
  if (data['e'] === 'trade') return tradeOf(data) ?? NOT_OURS;
  return NOT_OURS;
}

type Fields = Record<string, unknown>;

const NOT_OURS: ParsedMessage = { ok: false, problem: 'is not a Binance USD-M depth, book ticker or trade message' };

function snapshotOf({ lastUpdateId, bids, asks }: Fields): ParsedMessage | undefined {
  const parsed = { bids: levelsOf(bids), asks: levelsOf(asks) };
  if (!isId(lastUpdateId) || parsed.bids === undefined || parsed.asks === undefined) return undefined;
  return { ok: true, value: { kind: 'snapshot', lastUpdateId, bids: parsed.bids, asks: parsed.asks } };
}

function depthOf({ s, U, u, pu, b, a }: Fields): ParsedMessage | undefined {
  const bids = levelsOf(b);
  const asks = levelsOf(a);
  if (!isText(s) || !isId(U) || !isId(u) || !isId(pu) || bids === undefined || asks === undefined) return undefined;
  return {
    ok: true,
    value: { kind: 'depth', symbol: s, firstUpdateId: U, lastUpdateId: u, previousUpdateId: pu, bids, asks },
  };
}

function quoteOf({ s, u, b, B, a, A, T }: Fields): ParsedMessage | undefined {
  const bid = levelOf([b, B]);
  const ask = levelOf([a, A]);
  if (!isText(s) || !isId(u) || !isId(T) || bid === undefined || ask === undefined) return undefined;
  return { ok: true, value: { kind: 'quote', symbol: s, updateId: u, bid, ask } };
}

function tradeOf({ s, t, p, q, m, X = 'MARKET' }: Fields): ParsedMessage | undefined {
  if (isText(s) && isText(X) && X !== 'MARKET') return { ok: true, value: { kind: 'off_book', symbol: s } };
  const price = parsePrice(p);
  const quantity = parseQuantity(q);
  if (!isText(s) || !isId(t) || price === undefined || quantity === undefined || typeof m !== 'boolean')
    return undefined;
  return { ok: true, value: { kind: 'trade', symbol: s, tradeId: String(t), price, quantity, buyerIsMaker: m } };
}

function levelsOf(value: unknown): readonly Level[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const levels: Level[] = [];
  for (const entry of value) {
    const level = levelOf(entry);
    if (level === undefined) return undefined;
    levels.push(level);
  }
  return levels;
}

function levelOf(value: unknown): Level | undefined {
  if (!Array.isArray(value)) return undefined;
  const price = parsePrice(value[0]);
  const quantity = parseQuantity(value[1]);
  if (price === undefined || quantity === undefined || !isPositive(price) || isNegative(quantity)) return undefined;
  return [price, quantity];
}

function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
