/**
 * How an order changes: pure steps from one value of it to the next.
 */
import {
  add,
  asPrice,
  compare,
  type Decimal,
  divide,
  isZero,
  notional,
  type Price,
  type Quantity,
  subtract,
} from '@trunkline/proto/decimal';
import { NO_QUANTITY } from './book.ts';
import type { EndReason, NewOrder, Order, OrderEnd } from './types.ts';

export function acceptedOrder(request: NewOrder, venueOrderId: string, timeUs: number): Order {
  return {
    ...request,
    venueOrderId,
    status: 'new',
    executedQuantity: NO_QUANTITY,
    executedQuote: NO_QUANTITY,
    createdUs: timeUs,
    updatedUs: timeUs,
  };
}

export function filledBy(order: Order, price: Price, quantity: Quantity, timeUs: number): Order {
  const executedQuantity = add(order.executedQuantity, quantity);
  const executedQuote: Decimal = add<Decimal>(order.executedQuote, notional(price, quantity));
  const status = compare(executedQuantity, order.quantity) >= 0 ? 'filled' : 'partially_filled';
  return { ...order, executedQuantity, executedQuote, status, updatedUs: timeUs };
}

export function amendedTo(order: Order, price: Price, quantity: Quantity, timeUs: number): Order {
  return { ...order, price, quantity, updatedUs: timeUs };
}

/** `canceled` when its owner ended it or an amend did, `expired` when its own terms did. */
export function endedBy(order: Order, status: 'canceled' | 'expired', reason: EndReason, timeUs: number): Order {
  const end: OrderEnd = { by: isOwners(reason) ? 'owner' : 'venue', reason, timeUs };
  return { ...order, status, end, updatedUs: timeUs };
}

export function isOpen(order: Order): boolean {
  return order.status === 'new' || order.status === 'partially_filled';
}

export function remainingQuantity(order: Order): Quantity {
  return subtract(order.quantity, order.executedQuantity);
}

/** Half-even to `places`; 0 while nothing was executed. */
export function averagePrice(order: Order, places: number): Price {
  if (isZero(order.executedQuantity)) return asPrice(order.executedQuantity);
  return asPrice(divide(order.executedQuote, order.executedQuantity, places, 'half-even'));
}

function isOwners(reason: EndReason): boolean {
  return (
    reason === 'requested' || reason === 'cancel_all' || reason === 'countdown' || reason === 'amended_below_executed'
  );
}
