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
  readonly client: Pick<GateClient, 'ask'>;
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

export interface OrderPages {
  readonly orders: readonly Order[];
  /** Whether the list was read to its end, or as far as it was wanted. */
  readonly complete: boolean;
}

/** All pages of an order list, or as many as are worth a search; `enough` ends the reading with a page. */
export async function readOrderPages(
  asking: Asking,
  symbol: string,
  query: Parameters,
  enough: (orders: readonly Order[]) => boolean,
): Promise<OrderPages> {
  const { kind, venueSymbol } = asking;
  const orders: Order[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const paged = { ...query, limit: ORDERS_PAGE, ...pageOf(kind, page, ORDERS_PAGE) };
    const body = await get(asking, 'orders', '/orders', { [kind.symbolField]: venueSymbol(symbol), ...paged });
    const found = readOrders(asking, body, symbol);
    orders.push(...found);
    if (found.length < ORDERS_PAGE || enough(found)) return { orders, complete: true };
  }
  return { orders, complete: false };
}

/**
 * A symbol's open orders. Pages count places, so an order that ends between two of them moves another one out of sight:
 * a list of more than one page is read twice, and what either reading showed was open while it was asked for.
 */
export async function readOpenOrders(
  asking: Asking,
  symbol: string,
  enough: (orders: readonly Order[]) => boolean = () => false,
): Promise<OrderPages> {
  const first = await readOrderPages(asking, symbol, { status: 'open' }, enough);
  if (first.orders.length < ORDERS_PAGE || enough(first.orders)) return first;
  const second = await readOrderPages(asking, symbol, { status: 'open' }, enough);
  const latest = new Map([...first.orders, ...second.orders].map((order) => [order.venueOrderId, order] as const));
  return { orders: [...latest.values()], complete: first.complete && second.complete };
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
