/** Questions that both of Gate's markets answer, as the contract's responses. */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type ListCandlesRequest,
  ListCandlesResponse,
  type ListFillsRequest,
  ListFillsResponse,
  type ListOpenOrdersRequest,
  type ListOpenOrdersResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Candle } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { list, record } from '../fields.ts';
import { openOrdersPage } from '../open-orders.ts';
import { type Asking, askTrades, get, heardOf, readOpenOrders } from './asking.ts';
import { readFuturesTrade } from './futures-orders.ts';
import { readFuturesCandle, readSpotCandleRow } from './market-mapper.ts';
import { costOf } from './rest.ts';
import { readSpotTrade } from './spot-orders.ts';
import { byAge, listTrades, PAGE } from './trades.ts';
import { intervalName, intervalSeconds } from './words.ts';

const USUAL_CANDLES = 500;
/** "Maximum of 1000 points"; futures give up to 2000. */
const MAX_CANDLES = 1_000;
/** "Candlestick too long ago. Maximum 10000 points ago are allowed": a list that begins earlier begins there. */
const CANDLES_KEPT = 10_000;

export function commonQueries(asking: Asking) {
  const { client, caller, kind, clock, nowUs, symbols, venueSymbol } = asking;
  const isSpot = kind.market === 'spot';

  const fillsOfOrder = async (symbol: string, venueOrderId: string) => {
    const id = isSpot ? { order_id: venueOrderId } : { order: venueOrderId };
    const query = { [kind.symbolField]: venueSymbol(symbol), ...id, limit: PAGE };
    const read = isSpot ? readSpotTrade : readFuturesTrade;
    const body = await get(asking, 'trades', '/my_trades', query);
    const fills = list(body, 'trades').map((entry) => read(record(entry, 'trade'), heardOf(asking, symbol)));
    return fills.sort(byAge);
  };

  return {
    async listOpenOrders(request: ListOpenOrdersRequest): Promise<ListOpenOrdersResponse> {
      const askedAtUs = clock.wallUs();
      const wanted = request.symbol === '' ? symbols().symbols : [request.symbol];
      const answers = await Promise.all(
        wanted.map(async (symbol) => {
          const { orders, complete } = await readOpenOrders(asking, symbol);
          if (complete) return orders;
          throw new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'the account has more open orders than can be read');
        }),
      );
      return openOrdersPage(answers.flat(), request, askedAtUs);
    },

    async listFills(request: ListFillsRequest): Promise<ListFillsResponse> {
      const askedAtUs = clock.wallUs();
      if (request.venueOrderId !== '') {
        const fills = await fillsOfOrder(request.symbol, request.venueOrderId);
        return ListFillsResponse.fromPartial({
          fills: fills.filter((fill) => fill.venueTimeUs >= request.sinceUs),
          askedAtUs,
        });
      }
      const page = await listTrades(request, askTrades(asking, request.symbol), nowUs());
      return ListFillsResponse.fromPartial({ ...page, askedAtUs });
    },

    /** Windows of whole candles: with `from` and `to` Gate takes no `limit`. */
    async listCandles(request: ListCandlesRequest): Promise<ListCandlesResponse> {
      const name = intervalName(request.interval);
      if (name === undefined) {
        throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not an interval of this venue', 'interval');
      }
      const width = intervalSeconds(request.interval);
      const limit = Math.min(request.pageSize === 0 ? USUAL_CANDLES : request.pageSize, MAX_CANDLES);
      const lastUs = request.untilUs === 0 ? nowUs() : Math.min(request.untilUs - 1, nowUs());
      const last = Math.floor(lastUs / 1_000_000 / width) * width;
      const oldest = (Math.floor(nowUs() / 1_000_000 / width) - CANDLES_KEPT + 1) * width;
      const first = Math.max(oldest, firstCandle(request, width, last - (limit - 1) * width));
      if (first > last) return ListCandlesResponse.fromPartial({});
      const to = Math.min(last, first + (limit - 1) * width);
      const query = { [kind.symbolField]: venueSymbol(request.symbol), interval: name, from: first, to };
      const path = `${kind.root}/candlesticks`;
      const body = await caller.query(costOf('candles'), () =>
        client.ask({ method: 'GET', path, query, isPublic: true }),
      );
      const at = { interval: request.interval, nowUs: nowUs() };
      const size = symbols().contractSize(request.symbol);
      const candles = list(body, 'candles').map(
        (entry): Candle =>
          isSpot ? readSpotCandleRow(entry, at) : readFuturesCandle(record(entry, 'candle'), size, at),
      );
      return ListCandlesResponse.fromPartial({ candles, nextPageToken: to < last ? String(to + width) : '' });
    },

    async armDeadMan(symbol: string, countdownMs: number): Promise<void> {
      const body = { timeout: Math.ceil(countdownMs / 1_000), [kind.symbolField]: venueSymbol(symbol) };
      const path = `${kind.root}/countdown_cancel_all`;
      await caller.query(costOf('countdown'), () => client.ask({ method: 'POST', path, body }));
    },
  };
}

/** Seconds. */
function firstCandle({ pageToken, sinceUs }: ListCandlesRequest, width: number, usual: number): number {
  if (pageToken === '') return sinceUs <= 0 ? usual : Math.ceil(sinceUs / 1_000_000 / width) * width;
  const first = Number(pageToken);
  if (!/^\d{1,12}$/.test(pageToken) || first % width !== 0) {
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  }
  return first;
}
