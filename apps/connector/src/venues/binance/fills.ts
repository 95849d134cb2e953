/**
 * The account's trade list, page by page, oldest first (GET /fapi/v1/userTrades, /api/v3/myTrades).
 *
 * Binance's rules: a time window has a longest span (7 days, spot 24 hours); `fromId` excludes times; an `orderId` stands
 * alone with its symbol. So a list begins by time and, where a page is full, goes on by trade id.
 *
 * L1  Pages overlap rather than leave anything out: two fills of one millisecond may come twice. Fills are unique by
 *     (symbol, trade id, venue order id).
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Json, list, record } from '../fields.ts';

/** Asks userTrades with these parameters; the body. */
export type AskTrades = (parameters: Record<string, string | number>) => Promise<unknown>;

export interface FillsPage {
  readonly fills: Fill[];
  readonly nextPageToken: string;
}

export const MAX_PAGE = 1_000;
const USUAL_PAGE = 500;

type Cursor = { readonly kind: 'time'; readonly startMs: number } | { readonly kind: 'id'; readonly fromId: string };

export interface FillsOptions {
  readonly ask: AskTrades;
  /** An entry as a fill; throws `Unreadable`. */
  readonly read: (entry: Json) => Fill;
  /** The longest window that the venue takes. */
  readonly windowMs: number;
  /** The venue's clock. */
  readonly nowMs: number;
}

export async function listFills(request: ListFillsRequest, options: FillsOptions): Promise<FillsPage> {
  const { ask, nowMs, windowMs } = options;
  const read = (body: unknown) => list(body, 'trades').map((entry) => options.read(record(entry, 'trade')));
  const limit = Math.min(request.pageSize === 0 ? USUAL_PAGE : request.pageSize, MAX_PAGE);
  if (request.venueOrderId !== '') {
    const fills = read(await ask({ orderId: request.venueOrderId, limit: MAX_PAGE }));
    return { fills: fills.filter((fill) => fill.venueTimeUs >= request.sinceUs), nextPageToken: '' };
  }
  const cursor = request.pageToken === '' ? firstCursor(request.sinceUs) : parseCursor(request.pageToken);
  if (cursor.kind === 'id') {
    const fills = read(await ask({ fromId: cursor.fromId, limit }));
    const last = fills.at(-1);
    return { fills, nextPageToken: fills.length < limit || last === undefined ? '' : after(last) };
  }
  const endMs = Math.min(cursor.startMs + windowMs, Math.max(nowMs, cursor.startMs));
  const fills = read(await ask({ startTime: cursor.startMs, endTime: endMs, limit }));
  const last = fills.at(-1);
  if (fills.length >= limit && last !== undefined) return { fills, nextPageToken: after(last) };
  return { fills, nextPageToken: endMs < nowMs ? `t${endMs + 1}` : '' };
}

function firstCursor(sinceUs: number): Cursor {
  return sinceUs <= 0 ? { kind: 'id', fromId: '0' } : { kind: 'time', startMs: Math.floor(sinceUs / 1_000) };
}

function after(last: Fill): string {
  return `i${BigInt(last.tradeId) + 1n}`;
}

function parseCursor(token: string): Cursor {
  const [, kind, digits] = /^([ti])(\d{1,20})$/.exec(token) ?? [];
  if (digits === undefined)
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  return kind === 't' ? { kind: 'time', startMs: Number(digits) } : { kind: 'id', fromId: digits };
}
