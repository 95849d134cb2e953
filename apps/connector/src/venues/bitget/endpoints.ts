/**
 * The paths of the two markets under one set of names, as ccxt's methods of single endpoints. Parameters that only say
 * which market is meant are added here; all others are the caller's, by their names on the wire.
 */
import { type Json, list, record, text } from '../fields.ts';
import type { BitgetClient } from './client.ts';
import { MARGIN_COIN, type Product } from './product.ts';

export type Parameters = Readonly<Record<string, unknown>>;
export type Endpoint = (parameters: Parameters) => Promise<unknown>;

/** What both markets have. */
export interface Endpoints {
  readonly placeOrder: Endpoint;
  readonly placeBatch: Endpoint;
  readonly amendOrder: Endpoint;
  readonly cancelOrder: Endpoint;
  readonly cancelBatch: Endpoint;
  readonly order: Endpoint;
  readonly openOrders: Endpoint;
  readonly orderHistory: Endpoint;
  readonly fills: Endpoint;
  readonly balances: Endpoint;
  readonly instruments: Endpoint;
  readonly candles: Endpoint;
  readonly historyCandles: Endpoint;
  /** Field under which a list of the named kind stands in `data`; undefined where `data` is the list. */
  readonly listed: Readonly<Partial<Record<ListName, string>>>;
}

export type ListName = 'orders' | 'fills' | 'bills' | 'funding_rates' | 'instruments' | 'balances' | 'candles';

export function endpointsOf(client: BitgetClient, product: Product): Endpoints {
  return product.market === 'spot' ? spotEndpoints(client) : futuresEndpoints(client, product);
}

function futuresEndpoints(client: BitgetClient, { scope }: Product): Endpoints {
  return {
    placeOrder: (own) => client.privateMixPostV2MixOrderPlaceOrder({ ...scope, marginCoin: MARGIN_COIN, ...own }),
    placeBatch: (own) => client.privateMixPostV2MixOrderBatchPlaceOrder({ ...scope, marginCoin: MARGIN_COIN, ...own }),
    amendOrder: (own) => client.privateMixPostV2MixOrderModifyOrder({ ...scope, marginCoin: MARGIN_COIN, ...own }),
    cancelOrder: (own) => client.privateMixPostV2MixOrderCancelOrder({ ...scope, marginCoin: MARGIN_COIN, ...own }),
    cancelBatch: ({ orderList, ...own }) =>
      client.privateMixPostV2MixOrderBatchCancelOrders({
        ...scope,
        marginCoin: MARGIN_COIN,
        ...own,
        orderIdList: orderList,
      }),
    order: (own) => client.privateMixGetV2MixOrderDetail({ ...scope, ...own }),
    openOrders: (own) => client.privateMixGetV2MixOrderOrdersPending({ ...scope, ...own }),
    orderHistory: (own) => client.privateMixGetV2MixOrderOrdersHistory({ ...scope, ...own }),
    fills: (own) => client.privateMixGetV2MixOrderFills({ ...scope, ...own }),
    balances: (own) => client.privateMixGetV2MixAccountAccounts({ ...scope, ...own }),
    instruments: (own) => client.publicMixGetV2MixMarketContracts({ ...scope, ...own }),
    candles: (own) => client.publicMixGetV2MixMarketCandles({ ...scope, ...own }),
    historyCandles: (own) => client.publicMixGetV2MixMarketHistoryCandles({ ...scope, ...own }),
    listed: { orders: 'entrustedList', fills: 'fillList', bills: 'bills' },
  };
}

function spotEndpoints(client: BitgetClient): Endpoints {
  return {
    placeOrder: (own) => client.privateSpotPostV2SpotTradePlaceOrder(own),
    placeBatch: (own) => client.privateSpotPostV2SpotTradeBatchOrders(own),
    amendOrder: (own) => client.privateSpotPostV2SpotTradeCancelReplaceOrder(own),
    cancelOrder: (own) => client.privateSpotPostV2SpotTradeCancelOrder(own),
    cancelBatch: (own) => client.privateSpotPostV2SpotTradeBatchCancelOrder(own),
    order: (own) => client.privateSpotGetV2SpotTradeOrderInfo(own),
    openOrders: (own) => client.privateSpotGetV2SpotTradeUnfilledOrders(own),
    orderHistory: (own) => client.privateSpotGetV2SpotTradeHistoryOrders(own),
    fills: (own) => client.privateSpotGetV2SpotTradeFills(own),
    balances: (own) => client.privateSpotGetV2SpotAccountAssets(own),
    instruments: (own) => client.publicSpotGetV2SpotPublicSymbols(own),
    candles: (own) => client.publicSpotGetV2SpotMarketCandles(own),
    historyCandles: (own) => client.publicSpotGetV2SpotMarketHistoryCandles(own),
    listed: {},
  };
}

/** What an answer holds: `{"code":"00000","msg":"success","requestTime":..,"data":..}`. */
export function dataOf(body: unknown): unknown {
  return record(body, 'answer')['data'];
}

/** The entries of a list; futures write null for an empty one. */
export function rowsOf(body: unknown, name: ListName, { listed }: Pick<Endpoints, 'listed'>): readonly Json[] {
  const data = dataOf(body);
  const field = listed[name];
  const rows = field === undefined ? data : record(data, name)[field];
  return list(rows ?? [], name).map((row) => record(row, name));
}

/** Venue time of an answer, microseconds. */
export function answeredAtUs(body: unknown): number {
  return Number(text(record(body, 'answer'), 'requestTime')) * 1_000;
}
