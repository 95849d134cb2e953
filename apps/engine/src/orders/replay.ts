/**
 * The projections, from the events alone. `journal verify` compares what this gives with the stored rows, byte by byte.
 *
 * Y1  It runs the same reducers as the live engine, on the same events in the order in which they were committed.
 * Y2  An event that cannot be read, or that belongs to an order that never began, throws and names its row.
 */
import type { EventRow, OrderRow, PositionRow } from '../journal/journal.ts';
import {
  applyFill,
  applyPositionEvent,
  emptyPosition,
  type Position,
  positionRow,
  readPositionEvent,
} from '../positions/position.ts';
import { isOpening } from './order-event.ts';
import { beginOrder, step } from './order-reducer.ts';
import { orderRow, readOrderEvent } from './order-rows.ts';
import type { Order } from './order-state.ts';

export interface Replay {
  /** Events must come in the order of their `seq`. */
  apply(row: EventRow): void;
  orders(): readonly OrderRow[];
  positions(): readonly PositionRow[];
}

export function startReplay(): Replay {
  const orders = new Map<string, Order>();
  const positions = new Map<string, Position>();

  function changePosition(account: string, symbol: string, side: Position['side'], change: (p: Position) => Position) {
    const key = JSON.stringify([account, symbol, side]);
    positions.set(key, change(positions.get(key) ?? emptyPosition(account, symbol, side)));
  }

  function applyOrderEvent(row: EventRow): void {
    const key = JSON.stringify([row.account, row.subjectId]);
    const event = readOrderEvent(row);
    const current = orders.get(key);
    if (!current) {
      if (!isOpening(event)) throw new Error(`event ${row.seq} (${row.kind}) is of an order that never began`);
      orders.set(key, beginOrder(row.account, row.subjectId, event, row.atUs));
      return;
    }
    const { order, effects } = step(current, event, row.atUs);
    orders.set(key, order);
    for (const effect of effects) {
      if (effect.kind !== 'fill') continue;
      const { fill } = effect;
      changePosition(row.account, order.terms.symbol, fill.positionSide, (p) => applyFill(p, fill, row.atUs));
    }
  }

  return {
    apply(row) {
      if (row.subject === 'order') applyOrderEvent(row);
      if (row.subject !== 'position') return;
      const event = readPositionEvent(row);
      changePosition(row.account, row.subjectId, event.content.side, (p) => applyPositionEvent(p, event, row.atUs));
    },
    orders: () => [...orders.values()].map(orderRow),
    positions: () => [...positions.values()].map(positionRow),
  };
}
