/**
 * The contract's messages as order events. What cannot be read (an unknown status, a number that is none, a fill of
 * nothing) gives undefined: the caller journals an anomaly and goes on, for a connector may be newer than this engine.
 */
import { isNegative, isPositive, parseDecimal, parsePrice, parseQuantity } from '@trunkline/proto/decimal';
import * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { OrderEvent, OrderFill, OrderTerms, VenueState } from './order-event.ts';

const STATUS = new Map<contract.OrderStatus, VenueState['status']>([
  [contract.OrderStatus.OPEN, 'open'],
  [contract.OrderStatus.PARTIALLY_FILLED, 'partially_filled'],
  [contract.OrderStatus.FILLED, 'filled'],
  [contract.OrderStatus.CANCELED, 'canceled'],
  [contract.OrderStatus.EXPIRED, 'expired'],
  [contract.OrderStatus.REJECTED, 'rejected'],
]);
const SOURCE = new Map<contract.Source, 'stream' | 'answer' | 'query'>([
  [contract.Source.ANSWER, 'answer'],
  [contract.Source.QUERY, 'query'],
]);
const TIME_IN_FORCE = { gtc: contract.TimeInForce.GTC, ioc: contract.TimeInForce.IOC, fok: contract.TimeInForce.FOK };
const POSITION_SIDE = {
  both: contract.PositionSide.BOTH,
  long: contract.PositionSide.LONG,
  short: contract.PositionSide.SHORT,
};

export function sourceOf(message: { source: contract.Source }): 'stream' | 'answer' | 'query' {
  return SOURCE.get(message.source) ?? 'stream';
}

export function readVenueState(order: contract.Order): VenueState | undefined {
  const status = STATUS.get(order.status);
  const quantity = parseQuantity(order.quantity);
  const filled = parseQuantity(order.filledQuantity);
  const price = order.price === undefined ? null : parsePrice(order.price);
  if (!status || !quantity || !filled || price === undefined || order.venueOrderId === '') return undefined;
  if (isNegative(quantity) || isNegative(filled)) return undefined;
  const { venueOrderId, venueReason, venueTimeUs } = order;
  return { venueOrderId, status, price, quantity, filled, reason: venueReason, venueTimeUs };
}

export function readFill(fill: contract.Fill): OrderFill | undefined {
  const side = readSide(fill.side);
  const price = parsePrice(fill.price);
  const quantity = parseQuantity(fill.quantity);
  const fee = parseDecimal(fill.fee);
  const realizedPnl = fill.realizedPnl === undefined ? null : parseDecimal(fill.realizedPnl);
  if (!side || !price || !quantity || !fee || realizedPnl === undefined) return undefined;
  if (!isPositive(quantity) || !isPositive(price) || fill.tradeId === '' || fill.venueOrderId === '') return undefined;
  const liquidity =
    fill.liquidity === contract.Liquidity.MAKER
      ? 'maker'
      : fill.liquidity === contract.Liquidity.TAKER
        ? 'taker'
        : 'unknown';
  const { tradeId, venueOrderId, feeAsset, venueTimeUs } = fill;
  const amounts = { price, quantity, fee, feeAsset, realizedPnl };
  const recovered = fill.source === contract.Source.QUERY;
  const positionSide = readPositionSide(fill.positionSide);
  return { tradeId, venueOrderId, side, positionSide, ...amounts, liquidity, venueTimeUs, recovered };
}

/** Terms of an order that is not ours, from what the venue says of it. */
export function readTerms(order: contract.Order): OrderTerms | undefined {
  const side = readSide(order.side);
  const quantity = parseQuantity(order.quantity);
  const price = order.price === undefined ? null : parsePrice(order.price);
  if (!side || !quantity || price === undefined) return undefined;
  const { symbol, postOnly, reduceOnly } = order;
  const positionSide = readPositionSide(order.positionSide);
  const type = order.type === contract.OrderType.MARKET ? 'market' : 'limit';
  const { IOC, FOK } = contract.TimeInForce;
  const timeInForce = order.timeInForce === IOC ? 'ioc' : order.timeInForce === FOK ? 'fok' : 'gtc';
  return { symbol, side, positionSide, type, timeInForce, postOnly, reduceOnly, price, quantity };
}

/** Terms of an order of which only a trade is known. */
export function termsOfFill(symbol: string, fill: OrderFill): OrderTerms {
  const { side, positionSide, quantity } = fill;
  const plain = { type: 'market', timeInForce: 'ioc', postOnly: false, reduceOnly: false, price: null } as const;
  return { symbol, side, positionSide, ...plain, quantity };
}

/** What became of a placing command for one order. */
export function placeOutcome(outcome: contract.OrderOutcome): OrderEvent {
  const { fate } = outcome;
  switch (fate?.$case) {
    case 'accepted':
      return { kind: 'accepted', state: (fate.value.order && readVenueState(fate.value.order)) ?? null };
    case 'rejected':
      return { kind: 'rejected', reason: nameOfReject(fate.value), ...wordsOf(fate.value) };
    case 'denied':
      return deniedEvent(fate.value);
    case 'unknown':
      return {
        kind: 'unknown',
        cause: contract.UnknownCause[fate.value.cause] ?? 'UNSPECIFIED',
        ...wordsOf(fate.value),
      };
    case undefined:
      return { kind: 'unknown', cause: 'UNREADABLE', venueCode: '', message: 'the result names no fate' };
  }
}

export function deniedEvent(denied: contract.Denied): Extract<OrderEvent, { kind: 'denied' }> {
  return {
    kind: 'denied',
    rule: contract.DenyRule[denied.rule] ?? 'UNSPECIFIED',
    field: denied.field,
    message: denied.message,
  };
}

export type CancelOutcome = Extract<OrderEvent, { kind: 'cancel_outcome' }>;

export function cancelOutcome(outcome: contract.OrderOutcome): CancelOutcome {
  const { fate } = outcome;
  const kind = 'cancel_outcome' as const;
  switch (fate?.$case) {
    case 'accepted':
      return { kind, fate: 'accepted', venueCode: '', message: '' };
    case 'rejected': {
      const notOpen = fate.value.reason === contract.RejectReason.ORDER_NOT_OPEN;
      return { kind, fate: notOpen ? 'not_open' : 'rejected', ...wordsOf(fate.value) };
    }
    case 'denied':
      return { kind, fate: 'denied', venueCode: '', message: fate.value.message };
    case 'unknown':
      return { kind, fate: 'unknown', ...wordsOf(fate.value) };
    case undefined:
      return { kind, fate: 'unknown', venueCode: '', message: 'the result names no fate' };
  }
}

export function amendOutcome(amendId: string, outcome: contract.OrderOutcome): OrderEvent {
  const fate = outcome.fate?.$case ?? 'unknown';
  const value = outcome.fate?.value;
  const message = value && 'message' in value ? value.message : '';
  const venueCode = value && 'venueCode' in value ? value.venueCode : '';
  return { kind: 'amend_outcome', amendId, fate, venueCode, message };
}

export function placeMessage(clientOrderId: string, terms: OrderTerms): contract.PlaceOrder {
  return contract.PlaceOrder.fromPartial({
    clientOrderId,
    symbol: terms.symbol,
    side: sideMessage(terms.side),
    positionSide: POSITION_SIDE[terms.positionSide],
    type: terms.type === 'limit' ? contract.OrderType.LIMIT : contract.OrderType.MARKET,
    timeInForce: TIME_IN_FORCE[terms.timeInForce],
    postOnly: terms.postOnly,
    reduceOnly: terms.reduceOnly,
    quantity: terms.quantity,
    ...(terms.price === null ? {} : { price: terms.price }),
  });
}

export function sideMessage(side: 'buy' | 'sell'): contract.Side {
  return side === 'buy' ? contract.Side.BUY : contract.Side.SELL;
}

export function readPositionSide(side: contract.PositionSide): 'both' | 'long' | 'short' {
  if (side === contract.PositionSide.LONG) return 'long';
  return side === contract.PositionSide.SHORT ? 'short' : 'both';
}

function readSide(side: contract.Side): 'buy' | 'sell' | undefined {
  if (side === contract.Side.BUY) return 'buy';
  return side === contract.Side.SELL ? 'sell' : undefined;
}

function nameOfReject(rejected: contract.Rejected): string {
  return contract.RejectReason[rejected.reason] ?? 'UNSPECIFIED';
}

function wordsOf({ venueCode, message }: { venueCode: string; message: string }) {
  return { venueCode, message };
}
