/**
 * The account's trades, oldest first, from lists that Gate gives newest first in pages by offset or by number
 * (GET /futures/usdt/my_trades_timerange, GET /spot/my_trades).
 *
 * T1  Times of a request are whole seconds and windows are at most 30 days (spot). A page of ours begins at the second of
 *     the last fill of the page before, and leaves out what was already given: nothing is skipped, nothing comes twice.
 * T2  A window that holds more than `MAX_PER_WINDOW` trades is halved: then the oldest of it are all there.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

export interface TradeWindow {
  /** Seconds, both inclusive. */
  readonly from: number;
  readonly to: number;
}

/** One page, `page` counted from 0, `PAGE` trades long unless it is the last. */
export type AskTrades = (window: TradeWindow, page: number) => Promise<readonly Fill[]>;

export interface FillsPage {
  readonly fills: Fill[];
  readonly nextPageToken: string;
}

/** What the venue gives in one page at most. */
export const PAGE = 1_000;
const PAGES_PER_WINDOW = 5;
const MAX_PER_WINDOW = PAGE * PAGES_PER_WINDOW;
const USUAL_PAGE = 500;
const WINDOW_SECONDS = 7 * 86_400;

interface Cursor {
  readonly second: number;
  /** Of the last fill given; empty when none was. */
  readonly after: string;
}

export async function listTrades(
  request: Pick<ListFillsRequest, 'sinceUs' | 'pageSize' | 'pageToken'>,
  ask: AskTrades,
  nowUs: number,
): Promise<FillsPage> {
  const size = request.pageSize === 0 ? USUAL_PAGE : Math.min(request.pageSize, PAGE);
  const nowSecond = Math.ceil(nowUs / 1_000_000);
  const cursor = request.pageToken === '' ? firstCursor(request.sinceUs, nowSecond) : parseCursor(request.pageToken);
  let width = WINDOW_SECONDS;
  for (;;) {
    const to = Math.min(cursor.second + width, nowSecond);
    const trades = await askWindow({ from: cursor.second, to }, ask);
    if (trades === undefined && width > 1) {
      width = Math.ceil(width / 2);
      continue;
    }
    const rest = (trades ?? []).filter((fill) => fill.venueTimeUs >= request.sinceUs && isAfter(fill, cursor));
    const fills = rest.slice(0, size);
    const last = fills.at(-1);
    if (last !== undefined && fills.length < rest.length) return { fills, nextPageToken: tokenOf(last) };
    return { fills, nextPageToken: to < nowSecond ? `${to + 1}` : '' };
  }
}

/** Sorted, oldest first; undefined when there are too many. */
async function askWindow(window: TradeWindow, ask: AskTrades): Promise<Fill[] | undefined> {
  const found = new Map<string, Fill>();
  for (let page = 0; page < PAGES_PER_WINDOW; page++) {
    const fills = await ask(window, page);
    for (const fill of fills) found.set(`${fill.tradeId}/${fill.venueOrderId}`, fill);
    if (fills.length < PAGE) return [...found.values()].sort(byAge);
  }
  return found.size < MAX_PER_WINDOW ? [...found.values()].sort(byAge) : undefined;
}

export function byAge(a: Fill, b: Fill): number {
  return a.venueTimeUs - b.venueTimeUs || compareIds(a, b);
}

function compareIds(a: Fill, b: Fill): number {
  return a.tradeId.length - b.tradeId.length || (a.tradeId < b.tradeId ? -1 : a.tradeId > b.tradeId ? 1 : 0);
}

/** Within the cursor's second only what follows the fill that it names. */
function isAfter(fill: Fill, { second, after }: Cursor): boolean {
  if (after === '' || Math.floor(fill.venueTimeUs / 1_000_000) > second) return true;
  const [timeUs = '', tradeId = ''] = after.split('-');
  const given = Number(timeUs);
  if (fill.venueTimeUs !== given) return fill.venueTimeUs > given;
  return tradeId.length === fill.tradeId.length ? fill.tradeId > tradeId : fill.tradeId.length > tradeId.length;
}

/** Without a beginning: as far back as one window goes. */
function firstCursor(sinceUs: number, nowSecond: number): Cursor {
  const second = sinceUs <= 0 ? nowSecond - WINDOW_SECONDS : Math.floor(sinceUs / 1_000_000);
  return { second: Math.min(second, nowSecond), after: '' };
}

function tokenOf(last: Fill): string {
  return `${Math.floor(last.venueTimeUs / 1_000_000)}.${last.venueTimeUs}-${last.tradeId}`;
}

function parseCursor(token: string): Cursor {
  const [, second, after = ''] = /^(\d{1,12})(?:\.(\d{1,17}-\d{1,20}))?$/.exec(token) ?? [];
  if (second === undefined)
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  return { second: Number(second), after };
}
