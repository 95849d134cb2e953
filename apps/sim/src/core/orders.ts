/**
 * All orders of the accounts: the open ones with what of them can still trade, and the closed ones as history.
 *
 * S1  A client id finds the newest order that carried it, which is the open one if any is open.
 * S2  The history of an account in a symbol keeps its newest `MAX_ORDERS_KEPT` orders; open ones are never forgotten.
 */
import type { Quantity } from '@trunkline/proto/decimal';
import type { ListFilter } from './core-api.ts';
import { selectFrom } from './list-filter.ts';
import { isOpen } from './order.ts';
import type { Order, OrderRef } from './types.ts';

/** More than a day of a busy strategy. */
export const MAX_ORDERS_KEPT = 200_000;

export interface LiveOrder {
  readonly order: Order;
  /** What can still trade: the remaining quantity, or less for a reduce-only order larger than its position. */
  readonly open: Quantity;
}

export interface OrderStore {
  live(venueOrderId: string): LiveOrder | undefined;
  /** Oldest first. */
  liveOf(accountId: string, symbol?: string): readonly LiveOrder[];
  find(accountId: string, symbol: string, ref: OrderRef): Order | undefined;
  list(accountId: string, symbol: string, filter: ListFilter): readonly Order[];
  /** Inserts or replaces; an ended order becomes history. */
  put(order: Order, open: Quantity): void;
}

interface Scope {
  readonly orders: Map<string, Order>;
  readonly byClientId: Map<string, string>;
}

export function createOrderStore(): OrderStore {
  const scopes = new Map<string, Scope>();
  const live = new Map<string, LiveOrder>();
  const liveByAccount = new Map<string, Map<string, LiveOrder>>();

  function scopeOf(accountId: string, symbol: string): Scope {
    const key = JSON.stringify([accountId, symbol]);
    const known = scopes.get(key);
    if (known !== undefined) return known;
    const fresh = { orders: new Map(), byClientId: new Map() };
    scopes.set(key, fresh);
    return fresh;
  }

  function forgetOldest({ orders, byClientId }: Scope): void {
    for (const [venueOrderId, order] of orders) {
      if (orders.size <= MAX_ORDERS_KEPT) return;
      if (isOpen(order)) continue;
      orders.delete(venueOrderId);
      if (byClientId.get(order.clientOrderId) === venueOrderId) byClientId.delete(order.clientOrderId);
    }
  }

  return {
    live: (venueOrderId) => live.get(venueOrderId),
    liveOf(accountId, symbol) {
      const all = [...(liveByAccount.get(accountId)?.values() ?? [])];
      return symbol === undefined ? all : all.filter(({ order }) => order.symbol === symbol);
    },
    find(accountId, symbol, ref) {
      const { orders, byClientId } = scopeOf(accountId, symbol);
      const venueOrderId = ref.by === 'venue' ? ref.venueOrderId : byClientId.get(ref.clientOrderId);
      return venueOrderId === undefined ? undefined : orders.get(venueOrderId);
    },
    list(accountId, symbol, filter) {
      const orders = [...scopeOf(accountId, symbol).orders.values()];
      return selectFrom(
        orders,
        filter,
        ({ venueOrderId }) => venueOrderId,
        ({ createdUs }) => createdUs,
      );
    },
    put(order, open) {
      const { accountId, symbol, venueOrderId, clientOrderId } = order;
      const scope = scopeOf(accountId, symbol);
      if (!scope.orders.has(venueOrderId)) scope.byClientId.set(clientOrderId, venueOrderId);
      scope.orders.set(venueOrderId, order);
      const ofAccount = liveByAccount.get(accountId) ?? new Map<string, LiveOrder>();
      liveByAccount.set(accountId, ofAccount);
      if (isOpen(order)) {
        live.set(venueOrderId, { order, open });
        ofAccount.set(venueOrderId, { order, open });
      } else {
        live.delete(venueOrderId);
        ofAccount.delete(venueOrderId);
        forgetOldest(scope);
      }
    },
  };
}
