/**
 * Orders and executions come on two channels, in no promised order; the contract wants an execution after the order's
 * state that includes it.
 *
 * P1  A fill is held until its order was heard of with that much filled, or `MAX_HELD_MS`, whichever is first: a fill is
 *     never lost for want of its order.
 * P2  A fill comes out once, however often it is heard.
 * P3  What an execution does not tell (its client order id, its side of a hedge) is taken from its order.
 */

import type { Clock, Timer } from '@trunkline/proto/clock';
import { add, compare, type Decimal, decimal, ZERO } from '@trunkline/proto/decimal';
import { type Fill, type Order, PositionSide } from '@trunkline/proto/gen/trunkline/exchange/v1/order';

export interface PairingOptions {
  readonly clock: Clock;
  readonly order: (order: Order) => void;
  readonly fill: (fill: Fill) => void;
}

export interface Pairing {
  order(order: Order): void;
  fill(fill: Fill): void;
  /** The stream is gone: what was held comes out as it is. */
  flush(): void;
}

interface Known {
  /** As far as orders told. */
  filled: Decimal;
  /** As far as fills came out. */
  given: Decimal;
  clientOrderId: string;
  positionSide: PositionSide;
  held: Fill[];
  timer: Timer | undefined;
}

const MAX_HELD_MS = 250;
/** Orders remembered; those with held fills are never the oldest for long. */
const MAX_ORDERS = 4_000;
const MAX_TRADES = 8_000;

export function createPairing({ clock, order: emitOrder, fill: emitFill }: PairingOptions): Pairing {
  const orders = new Map<string, Known>();
  const trades = new Set<string>();

  const knownOf = (venueOrderId: string): Known => {
    const known = orders.get(venueOrderId);
    if (known !== undefined) return known;
    const made: Known = {
      filled: ZERO,
      given: ZERO,
      clientOrderId: '',
      positionSide: PositionSide.UNSPECIFIED,
      held: [],
      timer: undefined,
    };
    orders.set(venueOrderId, made);
    const [oldest] = orders;
    if (orders.size > MAX_ORDERS && oldest !== undefined) {
      release(oldest[1], true);
      orders.delete(oldest[0]);
    }
    return made;
  };

  const release = (known: Known, all: boolean) => {
    for (let next = known.held[0]; next !== undefined; next = known.held[0]) {
      const given = add(known.given, decimal(next.quantity));
      if (!all && compare(given, known.filled) > 0) return;
      known.held.shift();
      known.given = given;
      const { clientOrderId, positionSide } = known;
      emitFill({
        ...next,
        clientOrderId: next.clientOrderId === '' ? clientOrderId : next.clientOrderId,
        positionSide: next.positionSide === PositionSide.UNSPECIFIED ? positionSide : next.positionSide,
      });
    }
    known.timer?.cancel();
    known.timer = undefined;
  };

  return {
    order(order) {
      emitOrder(order);
      const known = knownOf(order.venueOrderId);
      known.filled = decimal(order.filledQuantity);
      known.clientOrderId = order.clientOrderId;
      known.positionSide = order.positionSide;
      release(known, false);
    },
    fill(fill) {
      const key = `${fill.symbol}/${fill.tradeId}/${fill.venueOrderId}`;
      if (trades.has(key)) return;
      trades.add(key);
      const [oldest] = trades;
      if (trades.size > MAX_TRADES && oldest !== undefined) trades.delete(oldest);
      const known = knownOf(fill.venueOrderId);
      known.held.push(fill);
      release(known, false);
      if (known.held.length > 0) known.timer ??= clock.schedule(MAX_HELD_MS, () => release(known, true));
    },
    flush() {
      for (const known of orders.values()) if (known.held.length > 0) release(known, true);
    },
  };
}
