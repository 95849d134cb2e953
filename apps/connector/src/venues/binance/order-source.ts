/**
 * Where a market of Binance keeps orders and trades: the four questions that both markets answer, by what they are
 * called and by what their answers look like.
 */
import type { Fill, Order, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Json } from '../fields.ts';
import type { Cost } from '../rate-budget.ts';
import type { BinanceClient } from './client.ts';
import { type Heard, readOrder, readUserTrade } from './order-mapper.ts';
import { COSTS } from './rest.ts';
import { readMyTrade, readSpotOrder } from './spot-order-mapper.ts';

type Ask = (parameters: Record<string, string | number>) => Promise<unknown>;

export interface OrderSource {
  readonly order: Ask;
  readonly openOrders: Ask;
  readonly allOrders: Ask;
  readonly trades: Ask;
  readonly klines: Ask;
  readonly costs: Readonly<Record<'order' | 'openOrders' | 'allOrders' | 'trades' | 'klines', Cost>>;
  readonly readOrder: (body: Json, heard: Heard, source: Source.ANSWER | Source.QUERY) => Order;
  readonly readTrade: (body: Json, heard: Heard) => Fill;
  /** The longest window between `startTime` and `endTime` that a list takes. */
  readonly windowMs: number;
  /** How long an order that ended without a fill stays in the lists. */
  readonly historyKeptMs: number;
}

const HOUR_MS = 3_600_000;

export function usdmSource(client: BinanceClient): OrderSource {
  return {
    order: (parameters) => client.fapiPrivateGetOrder(parameters),
    openOrders: (parameters) => client.fapiPrivateGetOpenOrders(parameters),
    allOrders: (parameters) => client.fapiPrivateGetAllOrders(parameters),
    trades: (parameters) => client.fapiPrivateGetUserTrades(parameters),
    klines: (parameters) => client.fapiPublicGetKlines(parameters),
    costs: {
      order: COSTS.order,
      openOrders: COSTS.openOrders,
      allOrders: COSTS.allOrders,
      trades: COSTS.userTrades,
      klines: COSTS.klines,
    },
    readOrder,
    readTrade: readUserTrade,
    windowMs: 7 * 24 * HOUR_MS - 1,
    historyKeptMs: 3 * 24 * HOUR_MS,
  };
}

/** Spot's windows are of 24 hours; orders without a fill are archived after 90 days. */
export function spotSource(client: BinanceClient): OrderSource {
  return {
    order: (parameters) => client.privateGetOrder(parameters),
    openOrders: (parameters) => client.privateGetOpenOrders(parameters),
    allOrders: (parameters) => client.privateGetAllOrders(parameters),
    trades: (parameters) => client.privateGetMyTrades(parameters),
    klines: (parameters) => client.publicGetKlines(parameters),
    costs: {
      order: { requests: 4 },
      openOrders: { requests: 6 },
      allOrders: { requests: 20 },
      trades: { requests: 20 },
      klines: { requests: 2 },
    },
    readOrder: readSpotOrder,
    readTrade: readMyTrade,
    windowMs: 24 * HOUR_MS - 1,
    historyKeptMs: 90 * 24 * HOUR_MS,
  };
}
