/**
 * Binance USD-M's orders and executions as the contract's. Field names of the REST API and of ORDER_TRADE_UPDATE differ;
 * their meaning is the same (developers.binance.com, USD-M: "New Order", "Event: Order Update", "Account Trade List").
 *
 * M1  An execution gives the order first and its fill second, always.
 * M2  A price or average of 0 is Binance's "none" and comes out absent.
 */
import { Fill, Liquidity, Order, OrderType, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import {
  amount,
  amountAboveZero,
  flag,
  type Json,
  optionalAmount,
  optionalText,
  record,
  text,
  timeUs,
} from '../fields.ts';
import { isPostOnly, readPositionSide, readSide, readStatus, readTimeInForce, readType } from './words.ts';

export interface Heard {
  readonly symbol: string;
  readonly receivedAtUs: number;
}

/** An order as REST answers and queries carry it. */
export function readOrder(body: Json, heard: Heard, source: Source.ANSWER | Source.QUERY): Order {
  const type = readType(optionalText(body, 'origType') ?? text(body, 'type'));
  const timeInForce = text(body, 'timeInForce');
  const status = text(body, 'status');
  return Order.fromPartial({
    clientOrderId: text(body, 'clientOrderId'),
    venueOrderId: text(body, 'orderId'),
    symbol: heard.symbol,
    side: readSide(text(body, 'side')),
    positionSide: readPositionSide(optionalText(body, 'positionSide')),
    type,
    timeInForce: readTimeInForce(timeInForce, type),
    postOnly: isPostOnly(timeInForce),
    reduceOnly: flag(body, 'reduceOnly'),
    price: type === OrderType.MARKET ? undefined : amountAboveZero(body, 'price'),
    quantity: amount(body, 'origQty'),
    filledQuantity: amount(body, 'executedQty'),
    averagePrice: amountAboveZero(body, 'avgPrice'),
    status: readStatus(status),
    venueTimeUs: timeUs(body, 'updateTime'),
    createdAtUs: body['time'] === undefined ? undefined : timeUs(body, 'time'),
    receivedAtUs: heard.receivedAtUs,
    source,
    venueReason: reasonOf(status),
  });
}

/** ORDER_TRADE_UPDATE: the order, then the execution that it carries, if any. */
export function readOrderUpdate(frame: Json, heard: Heard): { readonly order: Order; readonly fill: Fill | undefined } {
  const o = record(frame['o'], 'o');
  const type = readType(optionalText(o, 'ot') ?? text(o, 'o'));
  const timeInForce = text(o, 'f');
  const status = text(o, 'X');
  const venueTimeUs = timeUs(frame, 'T');
  const order = Order.fromPartial({
    clientOrderId: text(o, 'c'),
    venueOrderId: text(o, 'i'),
    symbol: heard.symbol,
    side: readSide(text(o, 'S')),
    positionSide: readPositionSide(optionalText(o, 'ps')),
    type,
    timeInForce: readTimeInForce(timeInForce, type),
    postOnly: isPostOnly(timeInForce),
    reduceOnly: flag(o, 'R'),
    price: type === OrderType.MARKET ? undefined : amountAboveZero(o, 'p'),
    quantity: amount(o, 'q'),
    filledQuantity: amount(o, 'z'),
    averagePrice: amountAboveZero(o, 'ap'),
    status: readStatus(status),
    venueTimeUs,
    receivedAtUs: heard.receivedAtUs,
    source: Source.STREAM,
    // CALCULATED is a liquidation's execution.
    venueReason: text(o, 'x') === 'CALCULATED' ? 'CALCULATED' : reasonOf(status),
  });
  const quantity = amountAboveZero(o, 'l');
  if (quantity === undefined) return { order, fill: undefined };
  const fill = Fill.fromPartial({
    tradeId: text(o, 't'),
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: heard.symbol,
    side: order.side,
    positionSide: order.positionSide,
    price: amount(o, 'L'),
    quantity,
    // Binance leaves commission out where there is none.
    fee: optionalAmount(o, 'n') ?? '0',
    feeAsset: optionalText(o, 'N') ?? '',
    liquidity: flag(o, 'm') ? Liquidity.MAKER : Liquidity.TAKER,
    realizedPnl: optionalAmount(o, 'rp'),
    venueTimeUs: timeUs(o, 'T'),
    receivedAtUs: heard.receivedAtUs,
    source: Source.STREAM,
  });
  return { order, fill };
}

/** One entry of userTrades. It carries no client order id. */
export function readUserTrade(body: Json, heard: Heard): Fill {
  return Fill.fromPartial({
    tradeId: text(body, 'id'),
    venueOrderId: text(body, 'orderId'),
    symbol: heard.symbol,
    side: readSide(text(body, 'side')),
    positionSide: readPositionSide(optionalText(body, 'positionSide')),
    price: amount(body, 'price'),
    quantity: amount(body, 'qty'),
    fee: amount(body, 'commission'),
    feeAsset: text(body, 'commissionAsset'),
    liquidity: flag(body, 'maker') ? Liquidity.MAKER : Liquidity.TAKER,
    realizedPnl: optionalAmount(body, 'realizedPnl'),
    venueTimeUs: timeUs(body, 'time'),
    receivedAtUs: heard.receivedAtUs,
    source: Source.QUERY,
  });
}

/** The end that nobody asked for: self-trade prevention, liquidation, auto-deleveraging. */
function reasonOf(status: string): string {
  return status === 'EXPIRED_IN_MATCH' || status === 'NEW_INSURANCE' || status === 'NEW_ADL' ? status : '';
}
