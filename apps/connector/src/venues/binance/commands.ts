/**
 * The contract's commands as ccxt calls.
 *
 * O1  ccxt rounds prices and cuts quantities to the market's precision, silently. A value that it would change is
 *     refused here instead: what is sent is what was asked.
 * O2  With both ids the venue's is used. Amends keep the order's ids (`PUT /fapi/v1/order`).
 */
import { parseDecimal } from '@trunkline/proto/decimal';
import {
  type OrderReference,
  OrderType,
  type PlaceOrder,
  PositionSide,
  Side,
  Source,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type CommandDialect, symbolOf } from '../command-desk.ts';
import { exact, list } from '../fields.ts';
import type { SymbolTable } from '../symbol-table.ts';
import type { BinanceClient } from './client.ts';
import { BINANCE_ERRORS } from './errors.ts';
import { readOrder } from './order-mapper.ts';
import { COSTS, errorOf, placeBatchCost } from './rest.ts';
import { timeInForceName } from './words.ts';

/** ccxt's declarations say numbers; it takes decimal strings and, with `number = String`, gives them back. */
interface OrderEntry {
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price?: string,
    params?: object,
  ): Promise<unknown>;
  createOrders(orders: readonly object[]): Promise<unknown>;
  cancelOrder(id: string | undefined, symbol: string, params?: object): Promise<unknown>;
  cancelOrders(ids: readonly string[], symbol: string, params?: object): Promise<unknown>;
  fapiPrivatePutOrder(params: object): Promise<unknown>;
  priceToPrecision(symbol: string, price: string): string;
  amountToPrecision(symbol: string, amount: string): string;
}

export function binanceCommands(client: BinanceClient, symbols: () => SymbolTable): CommandDialect {
  const entry = orderEntry(client);

  const unchanged = (asked: string, sent: string, field: string): string => {
    if (parseDecimal(asked) === undefined || exact(sent) !== parseDecimal(asked)) {
      throw new Error(`${field} ${asked} is not on the venue's grid`);
    }
    return sent;
  };
  const quantityOf = (symbol: string, quantity: string) =>
    unchanged(quantity, entry.amountToPrecision(symbol, quantity), 'quantity');
  const priceOf = (symbol: string, price: string) => unchanged(price, entry.priceToPrecision(symbol, price), 'price');

  const unified = (order: PlaceOrder) => {
    const limit = order.type === OrderType.LIMIT;
    return {
      symbol: order.symbol,
      type: limit ? 'limit' : 'market',
      side: order.side === Side.BUY ? 'buy' : 'sell',
      amount: quantityOf(order.symbol, order.quantity),
      price: limit && order.price !== undefined ? priceOf(order.symbol, order.price) : undefined,
      params: {
        clientOrderId: order.clientOrderId,
        ...(limit && !order.postOnly ? { timeInForce: timeInForceName(order.timeInForce) } : {}),
        ...(order.postOnly ? { postOnly: true } : {}),
        ...(order.reduceOnly ? { reduceOnly: true } : {}),
        ...(order.positionSide === PositionSide.LONG ? { positionSide: 'LONG' } : {}),
        ...(order.positionSide === PositionSide.SHORT ? { positionSide: 'SHORT' } : {}),
      },
    };
  };

  return {
    place: (order) => ({
      cost: COSTS.place,
      send: async () => {
        const { symbol, type, side, amount, price, params } = unified(order);
        return entry.createOrder(symbol, type, side, amount, price, params);
      },
    }),
    placeBatch: (orders) => ({
      cost: placeBatchCost(orders.length),
      send: async () => entry.createOrders(orders.map(unified)),
    }),
    amend: ({ order, side, price, quantity }) => ({
      cost: COSTS.amend,
      send: async () => {
        if (order === undefined) throw new Error('an amend names an order');
        return entry.fapiPrivatePutOrder({
          symbol: symbols().toVenue(order.symbol),
          side: side === Side.BUY ? 'BUY' : 'SELL',
          quantity: quantityOf(order.symbol, quantity),
          price: priceOf(order.symbol, price),
          ...(order.venueOrderId === '' ? { origClientOrderId: order.clientOrderId } : { orderId: order.venueOrderId }),
        });
      },
    }),
    cancel: (order) => ({
      cost: COSTS.cancel,
      send: async () =>
        order.venueOrderId === ''
          ? entry.cancelOrder(undefined, order.symbol, { clientOrderId: order.clientOrderId })
          : entry.cancelOrder(order.venueOrderId, order.symbol),
    }),
    cancelBatch: (symbol, orders) => ({
      cost: COSTS.cancelBatch,
      send: async () => {
        if (orders.every((order) => order.venueOrderId !== '')) {
          return entry.cancelOrders(
            orders.map((order) => order.venueOrderId),
            symbol,
          );
        }
        return entry.cancelOrders([], symbol, { clientOrderIds: orders.map(clientIdOf) });
      },
    }),
    readOrder: (body, asked, { receivedAtUs }) =>
      readOrder(body, { symbol: symbolOf(asked), receivedAtUs }, Source.ANSWER),
    batchEntries: (body) => list(body, 'batch answer'),
    errorOf,
    errors: BINANCE_ERRORS,
  };
}

function clientIdOf(order: OrderReference): string {
  if (order.clientOrderId === '') throw new Error('one batch names all its orders by venue id, or all by client id');
  return order.clientOrderId;
}

function orderEntry(client: unknown): OrderEntry {
  if (!isOrderEntry(client)) throw new Error('ccxt lost a method that order entry needs');
  return client;
}

function isOrderEntry(client: unknown): client is OrderEntry {
  const needed = ['createOrder', 'createOrders', 'cancelOrder', 'cancelOrders', 'fapiPrivatePutOrder'];
  return (
    typeof client === 'object' &&
    client !== null &&
    needed.every((name) => typeof Reflect.get(client, name) === 'function')
  );
}
