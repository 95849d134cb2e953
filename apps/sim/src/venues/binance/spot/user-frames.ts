/**
 * User data events of spot, field for field as Binance documents them (user-data-stream.md).
 *
 * The order of one request's events is the core's: execution reports first, then one outboundAccountPosition.
 */
import { multiply, ZERO } from '@trunkline/proto/decimal';
import type { CoreEvent, OrderExecution } from '../../../core/events.ts';
import type { Fill, Order } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import { money, SIDES, statusOf, wireId } from '../print.ts';
import { freeAndLocked } from './account-view.ts';
import { preventedQuantity, timeInForceOf, typeOf } from './order-view.ts';
import { selfTradeModeOf } from './self-trade.ts';

type EventOf<K extends CoreEvent['kind']> = Extract<CoreEvent, { readonly kind: K }>;

const EXECUTIONS = {
  new: 'NEW',
  amended: 'REPLACED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
} as const satisfies Record<OrderExecution, string>;

export interface ReportContext {
  readonly nowMs: number;
  /** Grows with each report. */
  readonly executionId: number;
  /** Of the cancellation, where the report is of one. */
  readonly cancelId: string | undefined;
}

export function executionReport(
  event: EventOf<'order'> | EventOf<'fill'>,
  { nowMs, executionId, cancelId }: ReportContext,
) {
  const { order } = event;
  const fill = event.kind === 'fill' ? event.fill : undefined;
  return {
    e: 'executionReport',
    E: nowMs,
    s: order.symbol,
    c: cancelId ?? order.clientOrderId,
    S: SIDES[order.side],
    o: typeOf(order),
    f: timeInForceOf(order),
    q: money(order.quantity),
    p: money(order.price ?? ZERO),
    P: money(ZERO),
    F: money(ZERO),
    g: -1,
    C: cancelId === undefined ? '' : order.clientOrderId,
    x: event.kind === 'fill' ? 'TRADE' : executionOf(event),
    X: statusOf(order),
    r: 'NONE',
    i: wireId(order.venueOrderId),
    ...fillFields(fill),
    z: money(order.executedQuantity),
    T: milliseconds(event.timeUs),
    I: executionId,
    w: order.status === 'new' || order.status === 'partially_filled',
    m: fill?.maker ?? false,
    M: false,
    O: milliseconds(order.createdUs),
    Z: money(order.executedQuote),
    Q: money(order.quoteQuantity ?? ZERO),
    W: milliseconds(order.createdUs),
    V: selfTradeModeOf(order),
    ...preventedFields(order),
  };
}

export function accountPosition(event: EventOf<'account'>, nowMs: number) {
  return {
    e: 'outboundAccountPosition',
    E: nowMs,
    u: milliseconds(event.timeUs),
    B: event.balances.map((balance) => {
      const { asset: a, free: f, locked: l } = freeAndLocked(balance);
      return { a, f, l };
    }),
  };
}

export function eventStreamTerminated(nowMs: number) {
  return { e: 'eventStreamTerminated', E: nowMs };
}

function executionOf({ execution, order }: EventOf<'order'>): string {
  return order.end?.reason === 'self_trade' ? 'TRADE_PREVENTION' : EXECUTIONS[execution];
}

function fillFields(fill: Fill | undefined) {
  if (fill === undefined) {
    return { l: money(ZERO), L: money(ZERO), n: '0', N: null, t: -1, Y: money(ZERO) };
  }
  return {
    l: money(fill.quantity),
    L: money(fill.price),
    n: money(fill.fee),
    N: fill.feeAsset,
    t: wireId(fill.tradeId),
    Y: money(multiply(fill.price, fill.quantity)),
  };
}

function preventedFields(order: Order) {
  const quantity = preventedQuantity(order);
  return quantity === undefined ? {} : { A: money(quantity), B: money(quantity) };
}
