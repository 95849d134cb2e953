/**
 * What became of an order at Binance: by id, among the open ones, in the history, by its trades.
 *
 * allOrders: a window has a longest span (`OrderSource`); with `startTime` the oldest come first, with `orderId` those from
 * that id on.
 * A trade list carries no client order id: trades are the order's only when its venue id is known.
 */
import { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { type Fill, type Order, type OrderReference, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Caller, toExchangeError } from '../caller.ts';
import { list, record, text } from '../fields.ts';
import type { SearchDialect, Searched } from '../order-search.ts';
import { type FillsOptions, listFills, MAX_PAGE } from './fills.ts';
import type { Heard } from './order-mapper.ts';
import type { OrderSource } from './order-source.ts';

export interface LookupOptions {
  readonly source: OrderSource;
  readonly caller: Caller;
  readonly venueSymbol: (symbol: string) => string;
  readonly heard: (symbol: string) => Heard;
  /** The venue's clock. */
  readonly nowMs: () => number;
}

/** "Order does not exist." */
const NO_SUCH_ORDER = '-2013';
/** More orders or trades than this since one send would be no search any more. */
const MAX_PAGES = 10;

export function binanceSearch(options: LookupOptions): SearchDialect {
  const { source, caller, venueSymbol, heard, nowMs } = options;
  const { costs } = source;
  const pick = (body: unknown, wanted: OrderReference): Order | undefined =>
    list(body, 'orders')
      .map((entry) => source.readOrder(record(entry, 'order'), heard(wanted.symbol), Source.QUERY))
      .find((order) =>
        wanted.venueOrderId === ''
          ? order.clientOrderId === wanted.clientOrderId
          : order.venueOrderId === wanted.venueOrderId,
      );
  return {
    historyKeptMs: source.historyKeptMs,

    async byId(order) {
      const params = { symbol: venueSymbol(order.symbol), ...idOf(order) };
      const result = await caller.call({ cost: costs.order, priority: 'query' }, () => source.order(params));
      if (result.kind === 'answered')
        return source.readOrder(record(result.body, 'order'), heard(order.symbol), Source.QUERY);
      if (result.kind === 'failed' && result.code === NO_SUCH_ORDER && result.verdict.kind === 'rejected')
        return undefined;
      throw toExchangeError(result);
    },

    async openOrders(order) {
      const symbol = venueSymbol(order.symbol);
      const body = await caller.query(costs.openOrders, () => source.openOrders({ symbol }));
      return { order: pick(body, order), complete: true };
    },

    async history(order, sinceUs): Promise<Searched> {
      const symbol = venueSymbol(order.symbol);
      const endMs = nowMs();
      const window = (startTime: number) => ({ startTime, endTime: Math.min(startTime + source.windowMs, endMs) });
      let from: Record<string, string | number> = window(Math.floor(sinceUs / 1_000));
      for (let page = 0; page < MAX_PAGES; page++) {
        const params = { symbol, limit: MAX_PAGE, ...from };
        const body = await caller.query(costs.allOrders, () => source.allOrders(params));
        const found = pick(body, order);
        const entries = list(body, 'orders');
        const next = Number(from['endTime'] ?? endMs) + 1;
        if (found !== undefined) return { order: found, complete: true };
        if (entries.length >= MAX_PAGE) {
          from = { orderId: String(BigInt(text(record(entries.at(-1), 'order'), 'orderId')) + 1n) };
        } else if (next > endMs) return { order: undefined, complete: true };
        else from = window(next);
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
        const answer = await listFills(request, fillsOptions(options, order.symbol));
        if (order.venueOrderId !== '') fills.push(...answer.fills);
        pageToken = answer.nextPageToken;
        if (pageToken === '') return { fills, complete: true };
      }
      return { fills, complete: false };
    },
  };
}

export function fillsOptions(options: LookupOptions, symbol: string): FillsOptions {
  const { source, caller, venueSymbol, heard, nowMs } = options;
  return {
    ask: (parameters) =>
      caller.query(source.costs.trades, () => source.trades({ symbol: venueSymbol(symbol), ...parameters })),
    read: (entry) => source.readTrade(entry, heard(symbol)),
    windowMs: source.windowMs,
    nowMs: nowMs(),
  };
}

function idOf(order: OrderReference): { orderId: string } | { origClientOrderId: string } {
  return order.venueOrderId === '' ? { origClientOrderId: order.clientOrderId } : { orderId: order.venueOrderId };
}
