/** What every question to Gate is asked with. */
import type { Clock } from '@trunkline/proto/clock';
import { type Order, type OrderReference, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Caller } from '../caller.ts';
import { list, record } from '../fields.ts';
import type { HeldMode } from '../position-mode.ts';
import type { GateClient, Parameters } from './client.ts';
import { readFuturesOrder, readFuturesTrade } from './futures-orders.ts';
import type { HeardOrder } from './heard.ts';
import type { MarketKind } from './market-kind.ts';
import { costOf, type Endpoint } from './rest.ts';
import { readSpotOrder, readSpotTrade } from './spot-orders.ts';
import type { GateSymbols } from './symbols.ts';
import { type AskTrades, PAGE } from './trades.ts';

export interface Asking {
  readonly client: GateClient;
  readonly caller: Caller;
  readonly kind: MarketKind;
  readonly clock: Clock;
  /** The venue's clock. */
  readonly nowUs: () => number;
  readonly symbols: () => GateSymbols;
  /** Throws `ExchangeError` for a symbol that is not this connector's. */
  readonly venueSymbol: (symbol: string) => string;
  readonly held: HeldMode;
}

/** A private GET below the market's root. */
export function get({ client, caller, kind }: Asking, endpoint: Endpoint, path: string, query: Parameters = {}) {
  return caller.query(costOf(endpoint), () => client.ask({ method: 'GET', path: `${kind.root}${path}`, query }));
}

export function heardOf({ symbols, clock, held }: Asking, symbol: string, source: Source = Source.QUERY): HeardOrder {
  const contractSize = symbols().contractSize(symbol);
  return { symbol, contractSize, receivedAtUs: clock.wallUs(), source, positionMode: held.mode };
}

export function readOrders(asking: Asking, body: unknown, symbol: string): Order[] {
  const read = asking.kind.market === 'spot' ? readSpotOrder : readFuturesOrder;
  return list(body, 'orders').map((entry) => read(record(entry, 'order'), heardOf(asking, symbol)));
}

/** All pages of an order list, or as many as are worth a search. */
export async function readOrderPages(
  asking: Asking,
  symbol: string,
  query: Parameters,
  until: (orders: readonly Order[]) => boolean,
): Promise<{ readonly orders: Order[]; readonly complete: boolean }> {
  const orders: Order[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const paged = { ...query, limit: ORDERS_PAGE, ...pageOf(asking.kind, page, ORDERS_PAGE) };
    const found = readOrders(asking, await get(asking, 'orders', '/orders', paged), symbol);
    orders.push(...found);
    if (found.length < ORDERS_PAGE || until(found)) return { orders, complete: true };
  }
  return { orders, complete: false };
}

export function askTrades(asking: Asking, symbol: string): AskTrades {
  const { kind } = asking;
  const path = kind.market === 'spot' ? '/my_trades' : '/my_trades_timerange';
  const read = kind.market === 'spot' ? readSpotTrade : readFuturesTrade;
  const market = asking.venueSymbol(symbol);
  return async ({ from, to }, page) => {
    const query = { [kind.symbolField]: market, from, to, limit: PAGE, ...pageOf(kind, page, PAGE) };
    const body = await get(asking, 'trades', path, query);
    return list(body, 'trades').map((entry) => read(record(entry, 'trade'), heardOf(asking, symbol)));
  };
}

export function isWanted(order: Order, wanted: OrderReference): boolean {
  return wanted.venueOrderId === ''
    ? order.clientOrderId === wanted.clientOrderId
    : order.venueOrderId === wanted.venueOrderId;
}

/** Spot counts pages from 1, futures count entries. */
function pageOf({ market }: MarketKind, page: number, size: number): Parameters {
  return market === 'spot' ? { page: page + 1 } : { offset: page * size };
}

/** The most of a list of open orders. */
const ORDERS_PAGE = 100;
/** More than this since one send would be no search any more. */
const MAX_PAGES = 20;
