/** Questions that both markets of Binance answer alike: orders, trades and candles. */
import type { Clock } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type ListCandlesRequest,
  ListCandlesResponse,
  type ListFillsRequest,
  ListFillsResponse,
  type ListOpenOrdersRequest,
  type ListOpenOrdersResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { list, record } from '../fields.ts';
import { openOrdersPage } from '../open-orders.ts';
import type { SymbolTable } from '../symbol-table.ts';
import { listFills } from './fills.ts';
import { fillsOptions, type LookupOptions } from './lookup.ts';
import { readCandleRow } from './market-mapper.ts';
import { intervalName } from './words.ts';

export interface CommonQueryOptions extends LookupOptions {
  readonly clock: Clock;
  readonly symbols: () => SymbolTable;
}

const USUAL_PAGE = 500;
const MAX_CANDLES = 1_000;

export function commonQueries(options: CommonQueryOptions) {
  const { source, caller, venueSymbol, heard, nowMs, clock, symbols } = options;
  return {
    async listOpenOrders(request: ListOpenOrdersRequest): Promise<ListOpenOrdersResponse> {
      const askedAtUs = clock.wallUs();
      const wanted = request.symbol === '' ? symbols().symbols : [request.symbol];
      const answers = await Promise.all(
        wanted.map(async (symbol) => {
          const params = { symbol: venueSymbol(symbol) };
          const body = await caller.query(source.costs.openOrders, () => source.openOrders(params));
          return list(body, 'orders').map((entry) =>
            source.readOrder(record(entry, 'order'), heard(symbol), Source.QUERY),
          );
        }),
      );
      return openOrdersPage(answers.flat(), request, askedAtUs);
    },

    async listFills(request: ListFillsRequest): Promise<ListFillsResponse> {
      const askedAtUs = clock.wallUs();
      const page = await listFills(request, fillsOptions(options, request.symbol));
      return ListFillsResponse.fromPartial({ ...page, askedAtUs });
    },

    async listCandles(request: ListCandlesRequest): Promise<ListCandlesResponse> {
      const interval = intervalName(request.interval);
      if (interval === undefined) {
        throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not an interval of this venue', 'interval');
      }
      const limit = Math.min(request.pageSize === 0 ? USUAL_PAGE : request.pageSize, MAX_CANDLES);
      const startTime = request.pageToken === '' ? Math.ceil(request.sinceUs / 1_000) : Number(request.pageToken);
      if (!Number.isSafeInteger(startTime)) {
        throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
      }
      const endTime = Math.ceil(request.untilUs / 1_000) - 1;
      const until = request.untilUs === 0 ? {} : { endTime };
      const params = { symbol: venueSymbol(request.symbol), interval, startTime, limit, ...until };
      const body = await caller.query(source.costs.klines, () => source.klines(params));
      const candles = list(body, 'candles').map((row) => readCandleRow(row, request.interval, nowMs()));
      const last = candles.at(-1);
      const nextTime = last === undefined ? 0 : last.openTimeUs / 1_000 + 1;
      // The venue refuses a start after the end.
      const isLast = candles.length < limit || (request.untilUs !== 0 && nextTime > endTime);
      const nextPageToken = isLast ? '' : String(nextTime);
      return ListCandlesResponse.fromPartial({ candles, nextPageToken });
    },
  };
}
