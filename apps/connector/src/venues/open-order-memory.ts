/**
 * The account's open orders as the private stream told them, so that an amend which replaces an order need not ask for it
 * first. Bounded: past `MAX_ORDERS` the oldest are forgotten, and asked for.
 */
import { type Order, type OrderReference, OrderStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/order';

export interface OpenOrderMemory {
  take(order: Order): void;
  find(order: OrderReference): Order | undefined;
  clear(): void;
}

export const MAX_ORDERS = 5_000;
const OPEN: ReadonlySet<OrderStatus> = new Set([OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED]);

export function openOrderMemory(): OpenOrderMemory {
  const byVenueId = new Map<string, Order>();
  const byClientId = new Map<string, Order>();

  const forget = (order: Order) => {
    byVenueId.delete(order.venueOrderId);
    byClientId.delete(order.clientOrderId);
  };

  return {
    take(order) {
      forget(order);
      if (!OPEN.has(order.status)) return;
      byVenueId.set(order.venueOrderId, order);
      byClientId.set(order.clientOrderId, order);
      const [oldest] = byVenueId.values();
      if (byVenueId.size > MAX_ORDERS && oldest !== undefined) forget(oldest);
    },
    find: ({ venueOrderId, clientOrderId }) =>
      venueOrderId === '' ? byClientId.get(clientOrderId) : byVenueId.get(venueOrderId),
    clear() {
      byVenueId.clear();
      byClientId.clear();
    },
  };
}
