/**
 * Bitget's orders as the contract's: those of the order channels, of queries, and of answers, which carry ids alone
 * (bitget.com/api-doc: "Order Channel", "Get Order Detail", "Get Order Info" and the lists of both markets).
 *
 * M1  The order channel is an order's state. Its `fillPrice`, `baseVolume` and `tradeId` are "the latest" execution's:
 *     they say nothing when two executions share a push, so executions are read from the fill channel alone.
 * M2  An end that nobody asked for is EXPIRED with the venue's word: an unfilled rest of IOC, FOK and market orders,
 *     self-trade prevention. Bitget calls every end but a full fill `cancelled`.
 * M3  From an answer comes only what was asked, dated by when it was posted: no state that the venue tells later can be
 *     older than that.
 */
import {
  Order,
  OrderStatus,
  OrderType,
  PositionSide,
  Source,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Asked } from '../command-desk.ts';
import { amount, amountAboveZero, type Json, optionalAmount, optionalText, text, timeUs } from '../fields.ts';
import type { Product } from './product.ts';
import { isPostOnly, isYes, readOrderSides, readStatus, readTimeInForce, readType } from './words.ts';

export interface Heard {
  readonly symbol: string;
  readonly receivedAtUs: number;
}

/** An order of the order channel. */
export function readStreamOrder(body: Json, heard: Heard, product: Product): Order {
  const filled = amount(body, 'accBaseVolume');
  return read(body, heard, Source.STREAM, {
    filled,
    // Spot: `size` is the quote currency for every buy, `newSize` the base but for market buys.
    quantity: product.market === 'spot' ? spotQuantity(body, 'newSize', filled) : amount(body, 'size'),
    price: amountAboveZero(body, 'price'),
    average: amountAboveZero(body, 'priceAvg'),
  });
}

/** An order of a query: by id, open, or of the history. */
export function readOrder(body: Json, heard: Heard, product: Product): Order {
  const filled = optionalAmount(body, 'baseVolume') ?? '0';
  // Spot's list of open orders has no `price`: it stands in `priceAvg`, and the average in `basePrice`.
  const [price, average] = body['price'] === undefined ? ['priceAvg', 'basePrice'] : ['price', 'priceAvg'];
  return read(body, heard, Source.QUERY, {
    filled,
    quantity: product.market === 'spot' ? spotQuantity(body, 'size', filled) : amount(body, 'size'),
    price: amountAboveZero(body, price),
    average: amountAboveZero(body, average),
  });
}

/**
 * The order that an answer with ids confirms. Undefined for a cancel, of which ids tell no state, and where the answer
 * has no order id: a modified futures order and some reduce-only ones get theirs later ("Modify Order", "Place Order").
 */
export function orderAsAsked(
  answer: Json,
  asked: Asked,
  times: { readonly venueTimeUs: number; readonly receivedAtUs: number },
): Order | undefined {
  const venueOrderId = optionalText(answer, 'orderId');
  if (asked.kind === 'cancel' || venueOrderId === undefined || venueOrderId === '') return undefined;
  const shared = { ...times, venueOrderId, filledQuantity: '0', status: OrderStatus.OPEN, source: Source.ANSWER };
  if (asked.kind === 'place') {
    const { order } = asked;
    const positionSide = order.positionSide === PositionSide.UNSPECIFIED ? PositionSide.BOTH : order.positionSide;
    const market = order.type === OrderType.MARKET;
    const timeInForce = order.timeInForce === TimeInForce.UNSPECIFIED ? TimeInForce.GTC : order.timeInForce;
    return Order.fromPartial({
      ...order,
      ...shared,
      positionSide,
      timeInForce: market ? TimeInForce.IOC : timeInForce,
    });
  }
  const { amend } = asked;
  return Order.fromPartial({
    ...shared,
    clientOrderId: amend.newClientOrderId,
    symbol: amend.order?.symbol ?? '',
    side: amend.side,
    positionSide: PositionSide.BOTH,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    price: amend.price,
    quantity: amend.quantity,
  });
}

interface Amounts {
  readonly filled: string;
  readonly quantity: string;
  readonly price: string | undefined;
  readonly average: string | undefined;
}

function read(body: Json, heard: Heard, source: Source, { filled, quantity, price, average }: Amounts): Order {
  const type = readType(text(body, 'orderType'));
  const force = optionalText(body, 'force');
  const timeInForce = readTimeInForce(force, type);
  // "Get Order Detail" of futures alone says `state`.
  const ended = endOf(readStatus(optionalText(body, 'status') ?? text(body, 'state')), timeInForce, body);
  return Order.fromPartial({
    // The order channel's own example spells it `clientOId`.
    clientOrderId: optionalText(body, 'clientOid') ?? optionalText(body, 'clientOId') ?? '',
    venueOrderId: text(body, 'orderId'),
    symbol: heard.symbol,
    ...readOrderSides(body),
    type,
    timeInForce,
    postOnly: isPostOnly(force),
    reduceOnly: isYes(body, 'reduceOnly'),
    price: type === OrderType.MARKET ? undefined : price,
    quantity,
    filledQuantity: filled,
    averagePrice: average,
    ...ended,
    venueTimeUs: timeUs(body, optionalText(body, 'uTime') === undefined ? 'cTime' : 'uTime'),
    createdAtUs: timeUs(body, 'cTime'),
    receivedAtUs: heard.receivedAtUs,
    source,
  });
}

/** A market buy is counted in the quote currency: of its quantity only what is filled is known. */
function spotQuantity(body: Json, key: string, filled: string): string {
  const marketBuy = text(body, 'orderType') === 'market' && text(body, 'side') === 'buy';
  return marketBuy ? filled : amount(body, key);
}

const ASKED_FOR: ReadonlySet<string> = new Set(['', 'normal_cancel']);

function endOf(
  status: OrderStatus,
  timeInForce: TimeInForce,
  body: Json,
): { status: OrderStatus; venueReason: string } {
  if (status !== OrderStatus.CANCELED) return { status, venueReason: '' };
  const reason = optionalText(body, 'cancelReason') ?? '';
  if (!ASKED_FOR.has(reason)) return { status: OrderStatus.EXPIRED, venueReason: reason };
  const passing = timeInForce === TimeInForce.IOC || timeInForce === TimeInForce.FOK;
  return { status: passing ? OrderStatus.EXPIRED : status, venueReason: '' };
}
