/**
 * Candles of the past (GET candles for recent ones, GET history-candles for older, both markets).
 *
 * The venue aligns a list from its end: every request names a window that holds no more candles than one answer may, so
 * that what comes back is the whole window, and what is not of it is dropped here.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type ListCandlesRequest,
  ListCandlesResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Caller } from '../caller.ts';
import { list } from '../fields.ts';
import { dataOf, type Endpoints } from './endpoints.ts';
import { readCandle } from './market-mapper.ts';
import type { Product } from './product.ts';
import { costOf } from './rest.ts';
import { intervalWords } from './words.ts';

const USUAL_PAGE = 200;
/** Rows of one answer. */
const MAX_RECENT = 1_000;
const MAX_HISTORY = 200;
const DAY_MS = 86_400_000;
/** What `candles` reaches back to at least, for the shortest intervals; the documents' own figures are per interval. */
const RECENT_MS = 29 * DAY_MS;

export interface CandleOptions {
  readonly endpoints: Endpoints;
  readonly product: Product;
  readonly caller: Caller;
  readonly venueSymbol: (symbol: string) => string;
  readonly nowMs: () => number;
}

export async function listCandles(options: CandleOptions, request: ListCandlesRequest): Promise<ListCandlesResponse> {
  const { endpoints, product, caller, venueSymbol } = options;
  const words = intervalWords(request.interval);
  if (words === undefined)
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not an interval of this venue', 'interval');
  const { ms, granularity, interval } = words;
  const nowMs = options.nowMs();
  const wanted = Math.min(request.pageSize === 0 ? USUAL_PAGE : request.pageSize, MAX_RECENT);
  const untilMs = request.untilUs === 0 ? nowMs : Math.min(nowMs, Math.ceil(request.untilUs / 1_000));
  const startMs = align(startOf(request, untilMs - wanted * ms), ms);
  const recent = startMs >= nowMs - RECENT_MS;
  const count = Math.min(wanted, recent ? MAX_RECENT : MAX_HISTORY);
  const endMs = Math.min(startMs + count * ms, align(untilMs, ms));
  if (startMs >= endMs) return ListCandlesResponse.fromPartial({});

  const endpoint = recent ? endpoints.candles : endpoints.historyCandles;
  const body = await caller.query(costOf('candles'), () =>
    endpoint({
      symbol: venueSymbol(request.symbol),
      granularity: granularity[product.market],
      // Spot's older candles are asked for by their end alone.
      ...(recent || product.market !== 'spot' ? { startTime: String(startMs) } : {}),
      endTime: String(endMs),
      limit: String(count),
    }),
  );
  const candles = list(dataOf(body), 'candles')
    .map((row) => readCandle(row, interval, false))
    .filter(({ openTimeUs }) => openTimeUs >= startMs * 1_000 && openTimeUs < endMs * 1_000)
    .toSorted((a, b) => a.openTimeUs - b.openTimeUs)
    .map((candle) => ({ ...candle, closed: candle.openTimeUs / 1_000 + ms <= nowMs }));
  return ListCandlesResponse.fromPartial({ candles, nextPageToken: endMs < untilMs ? String(endMs) : '' });
}

/** Without a beginning the latest are meant. */
function startOf({ pageToken, sinceUs }: ListCandlesRequest, latestMs: number): number {
  if (pageToken !== '') {
    if (!/^\d{1,15}$/.test(pageToken))
      throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
    return Number(pageToken);
  }
  return sinceUs <= 0 ? latestMs : Math.ceil(sinceUs / 1_000);
}

/** The first opening at or after `ms`; all these intervals begin at whole multiples since the epoch. */
function align(atMs: number, intervalMs: number): number {
  return Math.ceil(atMs / intervalMs) * intervalMs;
}
