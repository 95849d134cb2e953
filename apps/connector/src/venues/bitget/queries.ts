/** Questions to Bitget whose answers are the contract's responses, and the account's settings. */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { GetBalancesResponse, ListFillsResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { openOrdersPage } from '../open-orders.ts';
import type { VenueQueries } from '../venue-side.ts';
import { readFuturesBalance, readSpotBalance } from './account-mapper.ts';
import { listCandles } from './candles.ts';
import { absenceReason } from './capabilities.ts';
import { type Parameters, rowsOf } from './endpoints.ts';
import { readFill } from './fill-mapper.ts';
import { listFills } from './fills.ts';
import { type FuturesQueryOptions, futuresQueries, spotRefusals } from './futures-queries.ts';
import { FILL_PAGES, fillsList, openOrders, walkList } from './lookup.ts';
import { costOf } from './rest.ts';

export function bitgetQueries(options: FuturesQueryOptions): VenueQueries {
  const { endpoints, caller, clock, symbols, heard, venueSymbol, nowMs, product } = options;
  const spot = product.market === 'spot';
  return {
    ...(spot ? spotRefusals() : futuresQueries(options)),

    async listOpenOrders(request) {
      const askedAtUs = clock.wallUs();
      const wanted = request.symbol === '' ? symbols().symbols : [request.symbol];
      const lists = await Promise.all(wanted.map((symbol) => openOrders(options, symbol)));
      return openOrdersPage(lists.flat(), request, askedAtUs);
    },

    async listFills(request) {
      const askedAtUs = clock.wallUs();
      const ask = async (own: Parameters) => {
        const parameters = { symbol: venueSymbol(request.symbol), ...own };
        const { rows, complete } = await walkList(options, fillsList(endpoints, FILL_PAGES), parameters);
        return { fills: rows.map((row) => readFill(row, heard(request.symbol))), complete };
      };
      const page = await listFills(request, { ask, nowMs: nowMs() });
      return ListFillsResponse.fromPartial({ ...page, askedAtUs });
    },

    async getBalances() {
      const askedAtUs = clock.wallUs();
      const body = await caller.query(costOf('balances'), () => endpoints.balances({}));
      const balances = rowsOf(body, 'balances', endpoints).map(spot ? readSpotBalance : readFuturesBalance);
      return GetBalancesResponse.fromPartial({ balances, askedAtUs });
    },

    listCandles: (request) => listCandles(options, request),

    async armDeadMan() {
      throw new ExchangeError(ErrorReason.UNSUPPORTED, absenceReason('DeadMan'));
    },
  };
}
