/**
 * Where Gate keeps orders: by id, open, finished, and the trades, all of which carry our text.
 *
 * L1  By text an order is found while it is open, and for 60 s more in futures; that it is not found proves nothing, so
 *     the finished orders and the trades are searched by text as well.
 * L2  Futures keep an order that ended without a fill for 10 minutes ("zero-filled order cannot be retrieved 10 minutes
 *     after order cancellation"): what is older than that proves no absence. Spot keeps ended orders for longer than any
 *     search looks back.
 */
import type { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { toExchangeError } from '../caller.ts';
import { record } from '../fields.ts';
import type { SearchDialect } from '../order-search.ts';
import { type Asking, askTrades, heardOf, isWanted, readOpenOrders, readOrderPages } from './asking.ts';
import { idOf } from './commands.ts';
import { NO_SUCH_ORDER } from './errors.ts';
import { readFuturesOrder } from './futures-orders.ts';
import { costOf } from './rest.ts';
import { readSpotOrder } from './spot-orders.ts';
import { listTrades } from './trades.ts';

const FUTURES_KEPT_MS = 10 * 60_000;
const SPOT_KEPT_MS = 86_400_000;
const MAX_TRADE_PAGES = 10;

export function gateSearch(asking: Asking): SearchDialect {
  const { client, caller, kind, nowUs, venueSymbol } = asking;
  const isSpot = kind.market === 'spot';
  return {
    historyKeptMs: isSpot ? SPOT_KEPT_MS : FUTURES_KEPT_MS,

    async byId(order) {
      const query = isSpot ? { currency_pair: venueSymbol(order.symbol), account: 'spot' } : {};
      const path = `${kind.root}/orders/${idOf(order)}`;
      const result = await caller.call({ cost: costOf('order'), priority: 'query' }, () =>
        client.ask({ method: 'GET', path, query }),
      );
      if (result.kind === 'answered') {
        const read = isSpot ? readSpotOrder : readFuturesOrder;
        return read(record(result.body, 'order'), heardOf(asking, order.symbol));
      }
      if (result.kind === 'failed' && NO_SUCH_ORDER.has(result.code) && result.verdict.kind === 'rejected')
        return undefined;
      throw toExchangeError(result);
    },

    async openOrders(order) {
      const found = await readOpenOrders(asking, order.symbol, (page) => page.some((each) => isWanted(each, order)));
      return { order: found.orders.find((each) => isWanted(each, order)), complete: found.complete };
    },

    async history(order, sinceUs) {
      const query = { status: 'finished', ...(isSpot ? { from: Math.floor(sinceUs / 1_000_000) } : {}) };
      // Newest first, by when they ended or by when they began. Once all of a page ended before the send, so did and so
      // began all that follows; that all of it began before says nothing of the next page.
      const found = await readOrderPages(
        asking,
        order.symbol,
        query,
        (page) => page.some((each) => isWanted(each, order)) || page.every((each) => each.venueTimeUs < sinceUs),
      );
      return { order: found.orders.find((each) => isWanted(each, order)), complete: found.complete };
    },

    async trades(order, sinceUs) {
      const fills: Fill[] = [];
      const ask = askTrades(asking, order.symbol);
      let pageToken = '';
      for (let page = 0; page < MAX_TRADE_PAGES; page++) {
        const answer = await listTrades({ sinceUs, pageSize: 0, pageToken }, ask, nowUs());
        fills.push(...answer.fills.filter((fill) => isOf(fill, order)));
        pageToken = answer.nextPageToken;
        if (pageToken === '') return { fills, complete: true };
      }
      return { fills, complete: false };
    },
  };
}

function isOf(fill: Fill, order: { readonly venueOrderId: string; readonly clientOrderId: string }): boolean {
  if (order.venueOrderId !== '') return fill.venueOrderId === order.venueOrderId;
  return order.clientOrderId !== '' && fill.clientOrderId === order.clientOrderId;
}
