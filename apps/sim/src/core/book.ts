/**
 * A book of resting orders with price-time priority.
 *
 * B1  Orders of one price trade in the order in which they were added. Shrinking an order keeps its place.
 * B2  A level's quantity is the sum of its orders' remaining quantities; an empty level does not exist.
 * B3  `takeChanges` answers each level changed since it was last called, once, as it is now.
 *
 * It refuses nothing: adding an order that crosses is the caller's bug (matching.ts takes first).
 */
import { add, asQuantity, isPositive, type Price, type Quantity, subtract, ZERO } from '@trunkline/proto/decimal';
import { createLadder, type Ladder } from './ladder.ts';
import type { Level, Side } from './types.ts';

export interface RestingOrder {
  readonly venueOrderId: string;
  readonly side: Side;
  readonly price: Price;
  readonly quantity: Quantity;
  /** Of an account, as opposed to a synthetic participant. */
  readonly owned: boolean;
}

export interface LevelChanges {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface OrderBook {
  add(order: RestingOrder): void;
  get(venueOrderId: string): RestingOrder | undefined;
  /** Sets the remaining quantity; 0 removes the order. */
  shrink(venueOrderId: string, quantity: Quantity): void;
  remove(venueOrderId: string): void;
  /** The order that trades next on this side. */
  first(side: Side): RestingOrder | undefined;
  bestPrice(side: Side): Price | undefined;
  /** Best first; without the owned orders that `except` picks. */
  levels(side: Side, except?: (venueOrderId: string) => boolean): IterableIterator<Level>;
  takeChanges(): LevelChanges | undefined;
}

interface Queue {
  readonly price: Price;
  total: Quantity;
  readonly orders: RestingOrder[];
}

export const NO_QUANTITY: Quantity = asQuantity(ZERO);

export function createOrderBook(): OrderBook {
  const sides: Record<Side, Ladder<Queue>> = { buy: createLadder('buy'), sell: createLadder('sell') };
  const byId = new Map<string, RestingOrder>();
  const changed: Record<Side, Set<Price>> = { buy: new Set(), sell: new Set() };

  function replace(order: RestingOrder, quantity: Quantity): void {
    const queue = sides[order.side].get(order.price);
    if (queue === undefined) throw new Error(`order ${order.venueOrderId} is in no queue`);
    const index = queue.orders.indexOf(order);
    queue.total = add(subtract(queue.total, order.quantity), quantity);
    changed[order.side].add(order.price);
    if (isPositive(quantity)) {
      const smaller = { ...order, quantity };
      queue.orders[index] = smaller;
      byId.set(order.venueOrderId, smaller);
      return;
    }
    queue.orders.splice(index, 1);
    byId.delete(order.venueOrderId);
    if (queue.orders.length === 0) sides[order.side].remove(order.price);
  }

  function changesOf(side: Side): Level[] {
    return Array.from(changed[side], (price) => [price, sides[side].get(price)?.total ?? NO_QUANTITY] as const);
  }

  function* levels(side: Side, except?: (venueOrderId: string) => boolean): IterableIterator<Level> {
    for (const queue of sides[side].values()) {
      if (except === undefined) yield [queue.price, queue.total];
      else {
        const left = queue.orders.filter(({ owned, venueOrderId }) => !owned || !except(venueOrderId));
        if (left.length > 0)
          yield [queue.price, left.reduce((total, order) => add(total, order.quantity), NO_QUANTITY)];
      }
    }
  }

  return {
    add(order) {
      const ladder = sides[order.side];
      const queue = ladder.get(order.price);
      if (queue === undefined) ladder.put(order.price, { price: order.price, total: order.quantity, orders: [order] });
      else {
        queue.orders.push(order);
        queue.total = add(queue.total, order.quantity);
      }
      byId.set(order.venueOrderId, order);
      changed[order.side].add(order.price);
    },
    get: (venueOrderId) => byId.get(venueOrderId),
    shrink(venueOrderId, quantity) {
      const order = byId.get(venueOrderId);
      if (order !== undefined) replace(order, quantity);
    },
    remove(venueOrderId) {
      const order = byId.get(venueOrderId);
      if (order !== undefined) replace(order, NO_QUANTITY);
    },
    first: (side) => sides[side].best()?.orders[0],
    bestPrice: (side) => sides[side].bestPrice(),
    levels,
    takeChanges() {
      if (changed.buy.size === 0 && changed.sell.size === 0) return undefined;
      const changes = { bids: changesOf('buy'), asks: changesOf('sell') };
      changed.buy.clear();
      changed.sell.clear();
      return changes;
    },
  };
}
