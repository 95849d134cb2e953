/**
 * Where Binance USD-M keeps orders: by id, open, all of the last days, and the trades.
 *
 * allOrders: a window is at most 7 days; with `startTime` the oldest come first, with `orderId` those from that id on.
 * A trade list carries no client order id: trades are the order's only when its venue id is known.
 */
import { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { type Fill, type Order, type OrderReference, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Caller, toExchangeError } from '../caller.ts';
import { list, record, text } from '../fields.ts';
import type { SearchDialect, Searched } from '../order-search.ts';
import type { BinanceClient } from './client.ts';
import { type AskTrades, listFills, MAX_PAGE } from './fills.ts';
import { type Heard, readOrder } from './order-mapper.ts';
import { COSTS } from './rest.ts';

export interface LookupOptions {
  readonly client: BinanceClient;
  readonly caller: Caller;
  readonly venueSymbol: (symbol: string) => string;
  readonly heard: (symbol: string) => Heard;
  /** The venue's clock. */
  readonly nowMs: () => number;
}

/** "Order does not exist." */
const NO_SUCH_ORDER = '-2013';
/** Orders that ended without a fill are archived after 3 days; everything else is kept longer. */
const HISTORY_KEPT_MS = 3 * 86_400_000;
/** More orders or trades than this since one send would be no search any more. */
const MAX_PAGES = 10;

export function binanceSearch(options: LookupOptions): SearchDialect {
  const { client, caller, venueSymbol, heard, nowMs } = options;
  return {
    historyKeptMs: HISTORY_KEPT_MS,

    async byId(order) {
      const params = { symbol: venueSymbol(order.symbol), ...idOf(order) };
      const result = await caller.call({ cost: COSTS.order, priority: 'query' }, () =>
        client.fapiPrivateGetOrder(params),
      );
      if (result.kind === 'answered') return readOrder(record(result.body, 'order'), heard(order.symbol), Source.QUERY);
      if (result.kind === 'failed' && result.code === NO_SUCH_ORDER && result.verdict.kind === 'rejected')
        return undefined;
      throw toExchangeError(result);
    },

    async openOrders(order) {
      const symbol = venueSymbol(order.symbol);
      const body = await caller.query(COSTS.openOrders, () => client.fapiPrivateGetOpenOrders({ symbol }));
      return { order: pick(body, order, heard(order.symbol)), complete: true };
    },

    async history(order, sinceUs): Promise<Searched> {
      const symbol = venueSymbol(order.symbol);
      let from: Record<string, string | number> = { startTime: Math.floor(sinceUs / 1_000), endTime: nowMs() };
      for (let page = 0; page < MAX_PAGES; page++) {
        const params = { symbol, limit: MAX_PAGE, ...from };
        const body = await caller.query(COSTS.allOrders, () => client.fapiPrivateGetAllOrders(params));
        const found = pick(body, order, heard(order.symbol));
        const entries = list(body, 'orders');
        if (found !== undefined || entries.length < MAX_PAGE) return { order: found, complete: true };
        from = { orderId: String(BigInt(text(record(entries.at(-1), 'order'), 'orderId')) + 1n) };
      }
      return { order: undefined, complete: false };
    },

    async trades(order, sinceUs) {
      const fills: Fill[] = [];
      let pageToken = '';
      for (let page = 0; page < MAX_PAGES; page++) {
        const request = ListFillsRequest.fromPartial({
          symbol: order.symbol,
          sinceUs,
          venueOrderId: order.venueOrderId,
          pageSize: MAX_PAGE,
          pageToken,
        });
        const ask = askTrades(options, order.symbol);
        const answer = await listFills(request, { ask, heard: heard(order.symbol), nowMs: nowMs() });
        if (order.venueOrderId !== '') fills.push(...answer.fills);
        pageToken = answer.nextPageToken;
        if (pageToken === '') return { fills, complete: true };
      }
      return { fills, complete: false };
    },
  };
}

export function askTrades({ client, caller, venueSymbol }: LookupOptions, symbol: string): AskTrades {
  return (parameters) => {
    const params = { symbol: venueSymbol(symbol), ...parameters };
    return caller.query(COSTS.userTrades, () => client.fapiPrivateGetUserTrades(params));
  };
}

function idOf(order: OrderReference): { orderId: string } | { origClientOrderId: string } {
  return order.venueOrderId === '' ? { origClientOrderId: order.clientOrderId } : { orderId: order.venueOrderId };
}

function pick(body: unknown, wanted: OrderReference, heard: Heard): Order | undefined {
  for (const entry of list(body, 'orders')) {
    const order = readOrder(record(entry, 'order'), heard, Source.QUERY);
    if (
      wanted.venueOrderId === ''
        ? order.clientOrderId === wanted.clientOrderId
        : order.venueOrderId === wanted.venueOrderId
    ) {
      return order;
    }
  }
  return undefined;
}
