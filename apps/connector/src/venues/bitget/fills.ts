/**
 * The account's trade list, page by page, oldest first (GET /api/v2/mix/order/fills, GET /api/v2/spot/trade/fills).
 *
 * The venue's lists come newest first and go back from there. So a list is read window by window, each walked back whole
 * and turned around. The first window is all that is asked for; it shrinks when it holds more than one walk may read, and
 * grows again while it is empty.
 *
 * L1  A page ends between two fills: the next one begins after (time, trade id) of the last.
 * L2  Nothing older than the venue keeps is asked for.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { HISTORY_KEPT_MS } from './capabilities.ts';
import type { Parameters } from './endpoints.ts';

/** Fills of a window, newest first; `complete` is false when it holds more than were read. */
export type AskFills = (
  parameters: Parameters,
) => Promise<{ readonly fills: readonly Fill[]; readonly complete: boolean }>;

export interface FillsPage {
  readonly fills: Fill[];
  readonly nextPageToken: string;
}

export interface FillsOptions {
  readonly ask: AskFills;
  /** The venue's clock. */
  readonly nowMs: number;
}

const USUAL_PAGE = 500;
const MIN_SPAN_MS = 1_000;

interface Cursor {
  readonly startMs: number;
  readonly spanMs: number;
  /** Trade id of the last fill that was handed out, at `startMs`; 0 for none. */
  readonly afterId: bigint;
}

export async function listFills(request: ListFillsRequest, { ask, nowMs }: FillsOptions): Promise<FillsPage> {
  const limit = request.pageSize === 0 ? USUAL_PAGE : request.pageSize;
  const cursor = request.pageToken === '' ? firstCursor(request.sinceUs, nowMs) : parseCursor(request.pageToken);
  const order = request.venueOrderId === '' ? {} : { orderId: request.venueOrderId };
  let { startMs, spanMs } = cursor;
  for (;;) {
    const endMs = Math.min(startMs + spanMs, Math.max(nowMs, startMs));
    const { fills: found, complete } = await ask({ startTime: String(startMs), endTime: String(endMs), ...order });
    if (!complete) {
      // Too many for one walk within the shortest window: better none than some of them.
      if (spanMs <= MIN_SPAN_MS)
        throw new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'more trades in a second than can be read');
      spanMs = Math.max(MIN_SPAN_MS, Math.floor((endMs - startMs) / 8));
      continue;
    }
    const fills = found
      .filter((fill) => isAfter(fill, cursor) && fill.venueTimeUs >= request.sinceUs)
      .toSorted((a, b) => a.venueTimeUs - b.venueTimeUs || (BigInt(a.tradeId) < BigInt(b.tradeId) ? -1 : 1));
    const page = fills.slice(0, limit);
    const last = page.at(-1);
    if (page.length < fills.length && last !== undefined) {
      return { fills: page, nextPageToken: tokenOf({ startMs: msOf(last), spanMs, afterId: BigInt(last.tradeId) }) };
    }
    if (endMs >= nowMs) return { fills: page, nextPageToken: '' };
    if (page.length > 0) return { fills: page, nextPageToken: tokenOf({ startMs: endMs + 1, spanMs, afterId: 0n }) };
    startMs = endMs + 1;
    spanMs = Math.min(HISTORY_KEPT_MS, spanMs * 4);
  }
}

function firstCursor(sinceUs: number, nowMs: number): Cursor {
  const startMs = Math.max(Math.floor(sinceUs / 1_000), nowMs - HISTORY_KEPT_MS);
  return { startMs, spanMs: HISTORY_KEPT_MS, afterId: 0n };
}

function isAfter(fill: Fill, { startMs, afterId }: Cursor): boolean {
  return msOf(fill) > startMs || BigInt(fill.tradeId) > afterId;
}

function msOf(fill: Fill): number {
  return Math.floor(fill.venueTimeUs / 1_000);
}

function tokenOf({ startMs, spanMs, afterId }: Cursor): string {
  return `${startMs}.${spanMs}.${afterId}`;
}

function parseCursor(token: string): Cursor {
  const [, startMs, spanMs, afterId] = /^(\d{1,15})\.(\d{1,12})\.(\d{1,24})$/.exec(token) ?? [];
  if (startMs === undefined || spanMs === undefined || afterId === undefined)
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  return { startMs: Number(startMs), spanMs: Math.max(MIN_SPAN_MS, Number(spanMs)), afterId: BigInt(afterId) };
}
