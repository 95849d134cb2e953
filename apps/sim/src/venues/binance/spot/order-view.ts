/** Orders and fills as spot's REST and WebSocket API answer them. */
import { type Decimal, notional, subtract, ZERO } from '@trunkline/proto/decimal';
import type { Fill, Order } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import { money, SIDES, statusOf, TIMES_IN_FORCE, wireId } from '../print.ts';
import type { Response } from './order-input.ts';
import { selfTradeModeOf } from './self-trade.ts';

/** An order that belongs to no list. */
const NO_LIST = -1;

/** The answer to placing: what `newOrderRespType` asks for. */
export function orderResponse(order: Order, fills: readonly Fill[], respondWith: Response) {
  const ack = {
    symbol: order.symbol,
    orderId: wireId(order.venueOrderId),
    orderListId: NO_LIST,
    clientOrderId: order.clientOrderId,
    transactTime: milliseconds(order.updatedUs),
  };
  if (respondWith === 'ack') return ack;
  const result = { ...ack, ...state(order), workingTime: milliseconds(order.createdUs), ...prevented(order) };
  return respondWith === 'result' ? result : { ...result, fills: fills.map(executed) };
}

/** The answer to a query. */
export function orderState(order: Order) {
  return {
    symbol: order.symbol,
    orderId: wireId(order.venueOrderId),
    orderListId: NO_LIST,
    clientOrderId: order.clientOrderId,
    ...state(order),
    stopPrice: money(ZERO),
    icebergQty: money(ZERO),
    time: milliseconds(order.createdUs),
    updateTime: milliseconds(order.updatedUs),
    isWorking: true,
    workingTime: milliseconds(order.createdUs),
    ...prevented(order),
  };
}

/** The answer to canceling: the request has a client id of its own. */
export function canceledOrder(order: Order, cancelId: string) {
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: wireId(order.venueOrderId),
    orderListId: NO_LIST,
    clientOrderId: cancelId,
    transactTime: milliseconds(order.updatedUs),
    ...state(order),
  };
}

export function userTrade(fill: Fill) {
  return {
    symbol: fill.symbol,
    id: wireId(fill.tradeId),
    orderId: wireId(fill.venueOrderId),
    orderListId: NO_LIST,
    price: money(fill.price),
    qty: money(fill.quantity),
    quoteQty: money(notional(fill.price, fill.quantity)),
    commission: money(fill.fee),
    commissionAsset: fill.feeAsset,
    time: milliseconds(fill.timeUs),
    isBuyer: fill.side === 'buy',
    isMaker: fill.maker,
    isBestMatch: true,
  };
}

/** Post-only is a type of its own on spot. */
export function typeOf(order: Order): string {
  if (order.type === 'market') return 'MARKET';
  return order.timeInForce === 'gtx' ? 'LIMIT_MAKER' : 'LIMIT';
}

export function timeInForceOf(order: Order): string {
  return order.type === 'market' || order.timeInForce === 'gtx' ? 'GTC' : TIMES_IN_FORCE[order.timeInForce];
}

/** What self-trade prevention took out of the order. */
export function preventedQuantity(order: Order): Decimal | undefined {
  return order.end?.reason === 'self_trade' ? subtract<Decimal>(order.quantity, order.executedQuantity) : undefined;
}

function prevented(order: Order) {
  const quantity = preventedQuantity(order);
  return quantity === undefined ? {} : { preventedQuantity: money(quantity) };
}

function state(order: Order) {
  return {
    price: money(order.price ?? ZERO),
    origQty: money(order.quantity),
    executedQty: money(order.executedQuantity),
    origQuoteOrderQty: money(order.quoteQuantity ?? ZERO),
    cummulativeQuoteQty: money(order.executedQuote),
    status: statusOf(order),
    timeInForce: timeInForceOf(order),
    type: typeOf(order),
    side: SIDES[order.side],
    selfTradePreventionMode: selfTradeModeOf(order),
  };
}

function executed(fill: Fill) {
  return {
    price: money(fill.price),
    qty: money(fill.quantity),
    commission: money(fill.fee),
    commissionAsset: fill.feeAsset,
    tradeId: wireId(fill.tradeId),
  };
}
