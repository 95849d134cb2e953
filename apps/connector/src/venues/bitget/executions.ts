/**
 * Puts an execution after the order state that it made (V1 of the venue interface): Bitget says both, on two channels
 * that do not wait for each other.
 *
 * X1  A fill leaves once the order's pushed total covers it, together with the fills before it. Otherwise it waits, at
 *     most `PATIENCE_MS`: fills are facts, and are said in any case.
 * X2  A fill without a client order id (spot) gets that of its order, where the order was heard of.
 * X3  What is remembered of orders is bounded; the oldest go first.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import { add, compare, type Decimal, decimal, ZERO } from '@trunkline/proto/decimal';
import type { Fill, Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';

export interface Executions {
  order(order: Order): void;
  fill(fill: Fill): void;
  /** The stream is gone: what waits is said now, and nothing of its orders is known any more. */
  flush(): void;
}

export interface ExecutionsOptions {
  readonly clock: Clock;
  readonly emitOrder: (order: Order) => void;
  readonly emitFill: (fill: Fill) => void;
}

export const PATIENCE_MS = 500;
const MAX_ORDERS = 4_000;

interface Known {
  clientOrderId: string;
  /** What the order's own pushes say is filled. */
  covered: Decimal;
  /** The sum of the fills that left. */
  said: Decimal;
  readonly waiting: Fill[];
  timer: Timer | undefined;
}

export function executions({ clock, emitOrder, emitFill }: ExecutionsOptions): Executions {
  const known = new Map<string, Known>();

  const of = (venueOrderId: string): Known => {
    const entry = known.get(venueOrderId) ?? {
      clientOrderId: '',
      covered: ZERO,
      said: ZERO,
      waiting: [],
      timer: undefined,
    };
    known.delete(venueOrderId);
    known.set(venueOrderId, entry);
    const [oldest] = known;
    if (known.size > MAX_ORDERS && oldest !== undefined) {
      say(oldest[1], () => true);
      known.delete(oldest[0]);
    }
    return entry;
  };

  /** Says the waiting fills in order, as long as they may leave. */
  const say = (entry: Known, mayLeave: (total: Decimal) => boolean) => {
    while (entry.waiting.length > 0) {
      const [fill] = entry.waiting;
      if (fill === undefined) break;
      const total = add(entry.said, decimal(fill.quantity));
      if (!mayLeave(total)) return;
      entry.waiting.shift();
      entry.said = total;
      emitFill(fill.clientOrderId === '' ? { ...fill, clientOrderId: entry.clientOrderId } : fill);
    }
    entry.timer?.cancel();
    entry.timer = undefined;
  };
  const sayCovered = (entry: Known) => say(entry, (total) => compare(total, entry.covered) <= 0);

  return {
    order(order) {
      const entry = of(order.venueOrderId);
      entry.clientOrderId = order.clientOrderId;
      const filled = decimal(order.filledQuantity);
      if (compare(filled, entry.covered) > 0) entry.covered = filled;
      emitOrder(order);
      sayCovered(entry);
    },
    fill(fill) {
      const entry = of(fill.venueOrderId);
      entry.waiting.push(fill);
      sayCovered(entry);
      if (entry.waiting.length > 0) entry.timer ??= clock.schedule(PATIENCE_MS, () => say(entry, () => true));
    },
    flush() {
      for (const entry of known.values()) say(entry, () => true);
      known.clear();
    },
  };
}
