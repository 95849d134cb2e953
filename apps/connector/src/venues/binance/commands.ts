/**
 * The contract's commands as ccxt calls.
 *
 * O1  ccxt rounds prices and cuts quantities to the market's precision, silently. A value that it would change is
 *     refused here instead: what is sent is what was asked.
 * O2  With both ids the venue's is used. Amends keep the order's ids (`PUT /fapi/v1/order`).
 * O3  Single commands go over the order socket while it stands, by REST otherwise. Which one is decided once, before
 *     anything is sent: what was handed to the one is never sent over the other.
 * O4  In hedge mode a side of its own says whether an order reduces; the venue refuses `reduceOnly` beside it.
 * O5  Two orders of ours do not trade with each other: the one that would take expires. The venue heeds this for GTC and
 *     IOC alone, and a post-only order takes nothing.
 */
import { parseDecimal } from '@trunkline/proto/decimal';
import {
  type OrderReference,
  OrderType,
  type PlaceOrder,
  PositionSide,
  Side,
  Source,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type CommandDialect, symbolOf } from '../command-desk.ts';
import { exact, list } from '../fields.ts';
import { checkPositionSide, type HeldMode } from '../position-mode.ts';
import { RefusedContent } from '../refused-content.ts';
import type { SocketCaller } from '../socket-call.ts';
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
  createOrderRequest(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price?: string,
    params?: object,
  ): object;
  signParams(params: object): object;
  fapiPrivatePutOrder(params: object): Promise<unknown>;
  priceToPrecision(symbol: string, price: string): string;
  amountToPrecision(symbol: string, amount: string): string;
}

export interface CommandOptions {
  readonly client: BinanceClient;
  readonly symbols: () => SymbolTable;
  readonly socket: SocketCaller | undefined;
  readonly held: HeldMode;
  /** Where the venue lets our own orders trade with each other unless told otherwise (O5). */
  readonly selfTradePreventionMode?: 'EXPIRE_TAKER';
}

/** What commands of both markets are made with. */
export function orderTools({ client, socket, held, selfTradePreventionMode }: CommandOptions) {
  const entry = orderEntry(client);
  /** O3. */
  const either = (method: string, params: () => object, rest: () => Promise<unknown>): Promise<unknown> =>
    socket?.isUp === true ? socket.call((id) => ({ id, method, params: entry.signParams(params()) })) : rest();

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
    checkPositionSide(order.positionSide, held);
    const hedged = order.positionSide === PositionSide.LONG || order.positionSide === PositionSide.SHORT;
    const reduces = (order.side === Side.SELL) === (order.positionSide === PositionSide.LONG);
    if (hedged && order.reduceOnly && !reduces)
      throw new RefusedContent('reduce_only', 'cannot be: the order adds to the side that it names');
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
        ...(selfTradePreventionMode === undefined || order.postOnly || order.timeInForce === TimeInForce.FOK
          ? {}
          : { selfTradePreventionMode }),
        ...(order.reduceOnly && !hedged ? { reduceOnly: true } : {}),
        ...(order.positionSide === PositionSide.LONG ? { positionSide: 'LONG' } : {}),
        ...(order.positionSide === PositionSide.SHORT ? { positionSide: 'SHORT' } : {}),
      },
    };
  };

  return { entry, either, unified, quantityOf, priceOf };
}

export function binanceCommands(options: CommandOptions): CommandDialect {
  const { symbols } = options;
  const { entry, either, unified, quantityOf, priceOf } = orderTools(options);

  return {
    place: (order) => ({
      cost: COSTS.place,
      send: async () => {
        const { symbol, type, side, amount, price, params } = unified(order);
        return either(
          'order.place',
          () => entry.createOrderRequest(symbol, type, side, amount, price, params),
          () => entry.createOrder(symbol, type, side, amount, price, params),
        );
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
        const params = {
          symbol: symbols().toVenue(order.symbol),
          side: side === Side.BUY ? 'BUY' : 'SELL',
          quantity: quantityOf(order.symbol, quantity),
          price: priceOf(order.symbol, price),
          ...idOf(order),
        };
        return either(
          'order.modify',
          () => params,
          () => entry.fapiPrivatePutOrder(params),
        );
      },
    }),
    cancel: (order) => ({
      cost: COSTS.cancel,
      send: async () =>
        either(
          'order.cancel',
          () => ({ symbol: symbols().toVenue(order.symbol), ...idOf(order) }),
          () =>
            order.venueOrderId === ''
              ? entry.cancelOrder(undefined, order.symbol, { clientOrderId: order.clientOrderId })
              : entry.cancelOrder(order.venueOrderId, order.symbol),
        ),
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

function idOf(order: OrderReference): { origClientOrderId: string } | { orderId: string } {
  return order.venueOrderId === '' ? { origClientOrderId: order.clientOrderId } : { orderId: order.venueOrderId };
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
  const needed = [
    ...['createOrder', 'createOrders', 'cancelOrder', 'cancelOrders', 'fapiPrivatePutOrder'],
    ...['createOrderRequest', 'signParams'],
  ];
  return (
    typeof client === 'object' &&
    client !== null &&
    needed.every((name) => typeof Reflect.get(client, name) === 'function')
  );
}
