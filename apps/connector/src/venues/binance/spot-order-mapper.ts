/**
 * Binance spot's orders and executions as the contract's (developers.binance.com, spot: "New order", "Query order",
 * "Account trade list", "Order Update" of the user data stream).
 *
 * M1  An execution gives the order first and its fill second, always.
 * M2  A cancel has a client id of its own, and the order's then stands as the original one.
 * M3  Spot tells what was traded in quote currency, not at which average: the average is their quotient, to 18 places.
 */
import { type Decimal, divide } from '@trunkline/proto/decimal';
import {
  Fill,
  Liquidity,
  Order,
  OrderType,
  PositionSide,
  Side,
  Source,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { amount, amountAboveZero, flag, type Json, optionalAmount, optionalText, text, timeUs } from '../fields.ts';
import type { Heard } from './order-mapper.ts';
import { readSide, readStatus, readTimeInForce, readType } from './words.ts';

const PLACES = 18;
const POST_ONLY = 'LIMIT_MAKER';

/** An order as REST and WebSocket API answers and queries carry it. */
export function readSpotOrder(body: Json, heard: Heard, source: Source.ANSWER | Source.QUERY): Order {
  const word = text(body, 'type');
  const type = readType(word);
  const filled = amount(body, 'executedQty');
  const status = text(body, 'status');
  // An answer to a placing or a cancel has `transactTime`, a query `updateTime`.
  const at = body['transactTime'] === undefined ? 'updateTime' : 'transactTime';
  return Order.fromPartial({
    clientOrderId: originalId(optionalText(body, 'origClientOrderId')) ?? text(body, 'clientOrderId'),
    venueOrderId: text(body, 'orderId'),
    symbol: heard.symbol,
    side: readSide(text(body, 'side')),
    positionSide: PositionSide.BOTH,
    type,
    timeInForce: readTimeInForce(text(body, 'timeInForce'), type),
    postOnly: word === POST_ONLY,
    price: type === OrderType.MARKET ? undefined : amountAboveZero(body, 'price'),
    quantity: amount(body, 'origQty'),
    filledQuantity: filled,
    averagePrice: averageOf(filled, optionalAmount(body, 'cummulativeQuoteQty')),
    status: readStatus(status),
    venueTimeUs: timeUs(body, at),
    createdAtUs: body['time'] === undefined ? undefined : timeUs(body, 'time'),
    receivedAtUs: heard.receivedAtUs,
    source,
    venueReason: status === 'EXPIRED_IN_MATCH' ? status : '',
  });
}

/** `executionReport`: the order, then the execution that it carries, if any. */
export function readExecutionReport(e: Json, heard: Heard): { readonly order: Order; readonly fill: Fill | undefined } {
  const word = text(e, 'o');
  const type = readType(word);
  const status = text(e, 'X');
  const filled = amount(e, 'z');
  const order = Order.fromPartial({
    clientOrderId: originalId(optionalText(e, 'C')) ?? text(e, 'c'),
    venueOrderId: text(e, 'i'),
    symbol: heard.symbol,
    side: readSide(text(e, 'S')),
    positionSide: PositionSide.BOTH,
    type,
    timeInForce: readTimeInForce(text(e, 'f'), type),
    postOnly: word === POST_ONLY,
    price: type === OrderType.MARKET ? undefined : amountAboveZero(e, 'p'),
    quantity: amount(e, 'q'),
    filledQuantity: filled,
    averagePrice: averageOf(filled, optionalAmount(e, 'Z')),
    status: readStatus(status),
    venueTimeUs: timeUs(e, 'T'),
    receivedAtUs: heard.receivedAtUs,
    source: Source.STREAM,
    venueReason: status === 'EXPIRED_IN_MATCH' ? status : refusalOf(e),
  });
  // `l` above zero is an execution; prevented self-trades carry their quantity elsewhere.
  const quantity = amountAboveZero(e, 'l');
  if (quantity === undefined) return { order, fill: undefined };
  const fill = Fill.fromPartial({
    tradeId: text(e, 't'),
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: heard.symbol,
    side: order.side,
    positionSide: PositionSide.BOTH,
    price: amount(e, 'L'),
    quantity,
    fee: optionalAmount(e, 'n') ?? '0',
    feeAsset: optionalText(e, 'N') ?? '',
    liquidity: flag(e, 'm') ? Liquidity.MAKER : Liquidity.TAKER,
    venueTimeUs: order.venueTimeUs,
    receivedAtUs: heard.receivedAtUs,
    source: Source.STREAM,
  });
  return { order, fill };
}

/** One entry of myTrades. It carries no client order id. */
export function readMyTrade(body: Json, heard: Heard): Fill {
  return Fill.fromPartial({
    tradeId: text(body, 'id'),
    venueOrderId: text(body, 'orderId'),
    symbol: heard.symbol,
    side: flag(body, 'isBuyer') ? Side.BUY : Side.SELL,
    positionSide: PositionSide.BOTH,
    price: amount(body, 'price'),
    quantity: amount(body, 'qty'),
    fee: amount(body, 'commission'),
    feeAsset: text(body, 'commissionAsset'),
    liquidity: flag(body, 'isMaker') ? Liquidity.MAKER : Liquidity.TAKER,
    venueTimeUs: timeUs(body, 'time'),
    receivedAtUs: heard.receivedAtUs,
    source: Source.QUERY,
  });
}

function averageOf(filled: Decimal, quote: Decimal | undefined): Decimal | undefined {
  // A negative amount is the venue's "not available" of very old orders.
  if (filled === '0' || quote === undefined || quote.startsWith('-')) return undefined;
  return divide(quote, filled, PLACES, 'half-even');
}

function originalId(id: string | undefined): string | undefined {
  return id === undefined || id === '' ? undefined : id;
}

function refusalOf(e: Json): string {
  const reason = optionalText(e, 'r') ?? 'NONE';
  return reason === 'NONE' ? '' : reason;
}
