/**
 * Our orders' places in the queues of a recorded market.
 *
 * Q1  An order that comes to rest stands behind all that the recording shows at its price.
 * Q2  Recorded trades at its price move the queue ahead of it, then fill it; the level shrinking below what was ahead
 *     of it means that those ahead left.
 * Q3  A recorded trade at a worse price than the order's would have reached the order first: it fills it.
 * Q4  All fills that one recorded trade causes sum to at most the trade's quantity, better prices and older orders
 *     first.
 */
import { compare, isPositive, max, min, type Price, type Quantity, subtract } from '@trunkline/proto/decimal';
import { NO_QUANTITY } from './book.ts';
import { isBetter } from './ladder.ts';
import type { RecordedMessage } from './recorded-message.ts';
import type { Side } from './types.ts';

export interface QueuedOrder {
  readonly venueOrderId: string;
  readonly side: Side;
  readonly price: Price;
  open: Quantity;
  /** Recorded quantity that trades before this order. */
  ahead: Quantity;
}

export interface QueueFill {
  readonly order: QueuedOrder;
  readonly quantity: Quantity;
}

export interface ReplayQueue {
  rest(order: { venueOrderId: string; side: Side; price: Price; quantity: Quantity }, ahead: Quantity): void;
  shrink(venueOrderId: string, quantity: Quantity): void;
  remove(venueOrderId: string): void;
  /** `recordedAt` is what the recording now shows at an order's price. */
  levelsChanged(recordedAt: (side: Side, price: Price) => Quantity): void;
  /** Applies the trade to the queue, calling `fill` for each order that it reaches, after having taken it out. */
  trade(trade: Extract<RecordedMessage, { kind: 'trade' }>, fill: (fill: QueueFill) => void): void;
}

export function createReplayQueue(): ReplayQueue {
  /** By age. */
  const orders = new Map<string, QueuedOrder>();

  function byPriority(): QueuedOrder[] {
    // Sorting is stable: orders of one price stay by age. The two sides do not compete: a trade reaches one of them,
    // or fills through both in an order that does not matter.
    return [...orders.values()].sort((a, b) => {
      if (a.side !== b.side) return a.side === 'buy' ? -1 : 1;
      return a.side === 'buy' ? compare(b.price, a.price) : compare(a.price, b.price);
    });
  }

  function shrink(venueOrderId: string, quantity: Quantity): void {
    const order = orders.get(venueOrderId);
    if (order === undefined) return;
    order.open = quantity;
    if (!isPositive(quantity)) orders.delete(venueOrderId);
  }

  return {
    rest({ venueOrderId, side, price, quantity }, ahead) {
      orders.set(venueOrderId, { venueOrderId, side, price, open: quantity, ahead });
    },
    shrink,
    remove: (venueOrderId) => orders.delete(venueOrderId),
    levelsChanged(recordedAt) {
      for (const order of orders.values()) order.ahead = min(order.ahead, recordedAt(order.side, order.price));
    },
    trade(trade, fill) {
      let left = trade.quantity;
      for (const order of byPriority()) {
        const isThrough = isBetter(order.side, order.price, trade.price);
        const isAtPrice = order.price === trade.price && (order.side === 'buy') === trade.buyerIsMaker;
        if (!isThrough && !isAtPrice) continue;
        const reaching = isThrough ? left : min(left, atLeastNothing(subtract(trade.quantity, order.ahead)));
        order.ahead = isThrough ? NO_QUANTITY : atLeastNothing(subtract(order.ahead, trade.quantity));
        // An earlier fill of this trade may have ended or shrunk the order (reduce-only).
        const quantity = orders.has(order.venueOrderId) ? min(reaching, order.open) : NO_QUANTITY;
        if (!isPositive(quantity)) continue;
        left = subtract(left, quantity);
        shrink(order.venueOrderId, subtract(order.open, quantity));
        fill({ order, quantity });
      }
    },
  };
}

function atLeastNothing(quantity: Quantity): Quantity {
  return max(quantity, NO_QUANTITY);
}
