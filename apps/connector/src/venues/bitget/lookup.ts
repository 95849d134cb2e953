/**
 * Where Bitget keeps orders: by id, open, those that ended in the last 90 days, and the trades.
 *
 * Open futures orders without a fill and those with one are two lists ("... If not specified, all orders with a status of
 * live (not filled yet) will be returned"): the first is asked first, so that an order that is filled in between is in
 * the second. A trade list carries no client order id: trades are the order's only when its venue id is known.
 */
import { type Clock, sleep } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { Order, OrderReference } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Caller, toExchangeError } from '../caller.ts';
import { type Json, record } from '../fields.ts';
import type { SearchDialect, Searched } from '../order-search.ts';
import type { Cost } from '../rate-budget.ts';
import { HISTORY_KEPT_MS } from './capabilities.ts';
import { dataOf, type Endpoint, type Endpoints, type ListName, type Parameters, rowsOf } from './endpoints.ts';
import { NO_SUCH_ORDER } from './errors.ts';
import { readFill } from './fill-mapper.ts';
import { type Heard, readOrder } from './order-mapper.ts';
import type { Product } from './product.ts';
import { costOf } from './rest.ts';
import { type Walked, walkBack } from './walk.ts';

export interface LookupOptions {
  readonly endpoints: Endpoints;
  readonly product: Product;
  readonly caller: Caller;
  readonly venueSymbol: (symbol: string) => string;
  readonly heard: (symbol: string) => Heard;
  readonly clock: Clock;
  /** The venue's clock. */
  readonly nowMs: () => number;
}

/** More orders or trades than this since one send would be no search any more. */
const MAX_PAGES = 10;
/** Of a page of ListFills: what a window holds beyond it is left to a smaller one. */
export const FILL_PAGES = 3;
const MAX_ATTEMPTS = 4;
const NEXT_SECOND_MS = 1_000;

interface ListWords {
  readonly endpoint: Endpoint;
  readonly cost: Cost;
  readonly name: ListName;
  readonly id: 'orderId' | 'tradeId' | 'billId';
  readonly maxPages?: number;
}

/** Walks one list of the account. */
export function walkList(
  { caller, endpoints, clock }: Pick<LookupOptions, 'caller' | 'endpoints' | 'clock'>,
  { endpoint, cost, name, id, maxPages = MAX_PAGES }: ListWords,
  parameters: Parameters,
): Promise<Walked> {
  const ask = async (own: Parameters) =>
    rowsOf(await patiently(clock, () => caller.query(cost, () => endpoint(own))), name, endpoints);
  return walkBack({ ask, parameters, id, maxPages });
}

/** A list of many pages is no reason to fail when a second's budget is spent: the next one begins soon. */
async function patiently<T>(clock: Clock, query: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await query();
    } catch (error) {
      const spent = error instanceof ExchangeError && error.reason === ErrorReason.RATE_LIMITED;
      if (!spent || attempt >= MAX_ATTEMPTS) throw error;
      await sleep(clock, NEXT_SECOND_MS);
    }
  }
}

export function fillsList({ fills }: Endpoints, maxPages = MAX_PAGES): ListWords {
  return { endpoint: fills, cost: costOf('fills'), name: 'fills', id: 'tradeId', maxPages };
}

/** Every open order of a symbol. */
export async function openOrders(options: LookupOptions, symbol: string): Promise<Order[]> {
  const { endpoints, product, heard, venueSymbol } = options;
  const words = { endpoint: endpoints.openOrders, cost: costOf('open_orders'), name: 'orders', id: 'orderId' } as const;
  const states = product.market === 'spot' ? [{}] : [{ status: 'live' }, { status: 'partially_filled' }];
  const orders = new Map<string, Order>();
  for (const state of states) {
    const { rows, complete } = await walkList(options, words, { symbol: venueSymbol(symbol), ...state });
    // Part of them would read as if the others had ended.
    if (!complete) throw new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'more open orders than can be read');
    for (const row of rows) {
      const order = readOrder(row, heard(symbol), product);
      orders.set(order.venueOrderId, order);
    }
  }
  return [...orders.values()];
}

export function bitgetSearch(options: LookupOptions): SearchDialect {
  const { endpoints, product, caller, venueSymbol, heard, nowMs } = options;
  const since = (sinceUs: number) => ({
    startTime: String(Math.max(Math.floor(sinceUs / 1_000), nowMs() - HISTORY_KEPT_MS)),
    endTime: String(nowMs()),
  });

  return {
    historyKeptMs: HISTORY_KEPT_MS,

    async byId(order) {
      const parameters = { symbol: venueSymbol(order.symbol), ...idOf(order) };
      const spec = { cost: costOf('order'), priority: 'query' } as const;
      const result = await caller.call(spec, () => endpoints.order(parameters));
      if (result.kind === 'answered') return orderOf(dataOf(result.body), order, options);
      if (result.kind === 'failed' && NO_SUCH_ORDER.has(result.code) && result.verdict.kind === 'rejected')
        return undefined;
      throw toExchangeError(result);
    },

    async openOrders(order) {
      const orders = await openOrders(options, order.symbol);
      return { order: orders.find((candidate) => isSame(candidate, order)), complete: true };
    },

    async history(order, sinceUs): Promise<Searched> {
      const words = {
        endpoint: endpoints.orderHistory,
        cost: costOf('order_history'),
        name: 'orders',
        id: 'orderId',
      } as const;
      const { rows, complete } = await walkList(options, words, {
        symbol: venueSymbol(order.symbol),
        ...since(sinceUs),
      });
      const orders = rows.map((row) => readOrder(row, heard(order.symbol), product));
      return { order: orders.find((candidate) => isSame(candidate, order)), complete };
    },

    async trades(order, sinceUs) {
      const own = order.venueOrderId === '' ? {} : { orderId: order.venueOrderId };
      const { rows, complete } = await walkList(options, fillsList(endpoints), {
        symbol: venueSymbol(order.symbol),
        ...since(sinceUs),
        ...own,
      });
      const fills = order.venueOrderId === '' ? [] : rows.map((row) => readFill(row, heard(order.symbol)));
      return { fills: fills.toReversed(), complete };
    },
  };
}

/** Futures answer with the order, spot with a list of it. */
function orderOf(data: unknown, wanted: OrderReference, { heard, product }: LookupOptions): Order | undefined {
  const [entry] = Array.isArray(data) ? data : [data];
  if (entry === undefined || entry === null) return undefined;
  const body: Json = record(entry, 'order');
  return readOrder(body, heard(wanted.symbol), product);
}

function idOf(order: OrderReference): Parameters {
  return order.venueOrderId === '' ? { clientOid: order.clientOrderId } : { orderId: order.venueOrderId };
}

function isSame(order: Order, wanted: OrderReference): boolean {
  return wanted.venueOrderId === ''
    ? order.clientOrderId === wanted.clientOrderId
    : order.venueOrderId === wanted.venueOrderId;
}
