/** Orders and fills as the venue's REST and WebSocket API answer them. */
import { type Decimal, divide, notional, ZERO } from '@trunkline/proto/decimal';
import type { Fill, Instrument, Order } from '../../../core/types.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import {
  averagePrice,
  money,
  POSITION_SIDES,
  precisionOf,
  quoteAmount,
  SELF_TRADE_MODES,
  SIDES,
  STATUSES,
  statusOf,
  TYPES,
  timeInForceOf,
  wireId,
} from '../print.ts';

/** Digits that an average is computed to before it is printed. */
const AVERAGE_PLACES = 8;

export function averageOf(order: Order): Decimal {
  return order.executedQuantity === '0'
    ? ZERO
    : divide(order.executedQuote, order.executedQuantity, AVERAGE_PLACES, 'half-even');
}

/** The answer to placing, amending and canceling. */
export function orderResult(order: Order, instrument: Instrument) {
  const { quantity } = precisionOf(instrument);
  return { ...common(order, instrument), cumQty: fixed(order.executedQuantity, quantity) };
}

/** `newOrderRespType=ACK` (the default): the order as it was taken in, before it met the book. */
export function orderAck(order: Order, instrument: Instrument) {
  return {
    ...orderResult(order, instrument),
    status: STATUSES.new,
    avgPrice: fixed(ZERO, precisionOf(instrument).price),
    executedQty: fixed(ZERO, precisionOf(instrument).quantity),
    cumQty: fixed(ZERO, precisionOf(instrument).quantity),
    cumQuote: quoteAmount(ZERO, precisionOf(instrument)),
    updateTime: milliseconds(order.createdUs),
  };
}

/** The answer to a query: `time` is when the order was created. */
export function orderState(order: Order, instrument: Instrument) {
  return { ...common(order, instrument), time: milliseconds(order.createdUs) };
}

export function userTrade(fill: Fill, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    symbol: fill.symbol,
    id: wireId(fill.tradeId),
    orderId: wireId(fill.venueOrderId),
    side: SIDES[fill.side],
    price: fixed(fill.price, precision.price),
    qty: fixed(fill.quantity, precision.quantity),
    realizedPnl: money(fill.realizedPnl),
    quoteQty: quoteAmount(notional(fill.price, fill.quantity), precision),
    commission: money(fill.fee),
    commissionAsset: fill.feeAsset,
    time: milliseconds(fill.timeUs),
    positionSide: POSITION_SIDES[fill.positionSide],
    buyer: fill.side === 'buy',
    maker: fill.maker,
  };
}

function common(order: Order, instrument: Instrument) {
  const precision = precisionOf(instrument);
  return {
    orderId: wireId(order.venueOrderId),
    symbol: order.symbol,
    status: statusOf(order),
    clientOrderId: order.clientOrderId,
    price: fixed(order.price ?? ZERO, precision.price),
    avgPrice: averagePrice(averageOf(order), precision),
    origQty: fixed(order.quantity, precision.quantity),
    executedQty: fixed(order.executedQuantity, precision.quantity),
    cumQuote: quoteAmount(order.executedQuote, precision),
    timeInForce: timeInForceOf(order),
    type: TYPES[order.type],
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: SIDES[order.side],
    positionSide: POSITION_SIDES[order.positionSide],
    stopPrice: fixed(ZERO, precision.price),
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: TYPES[order.type],
    priceMatch: 'NONE',
    selfTradePreventionMode: SELF_TRADE_MODES[order.selfTradePrevention ?? 'none'],
    goodTillDate: 0,
    updateTime: milliseconds(order.updatedUs),
  };
}
