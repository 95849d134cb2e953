/** Words for an order's terms and its end that both markets share. */
import type { EndReason, Order, TimeInForce } from '../../core/types.ts';

/** `poc` is post-only: pending or canceled. */
export const TIMES_IN_FORCE = {
  gtc: 'gtc',
  ioc: 'ioc',
  fok: 'fok',
  gtx: 'poc',
} as const satisfies Record<TimeInForce, string>;

export const WIRE_TIMES_IN_FORCE = ['gtc', 'ioc', 'poc', 'fok'] as const;

/** `finish_as` of what ended otherwise than by filling. */
const FINISHED_AS = {
  requested: 'cancelled',
  cancel_all: 'cancelled',
  countdown: 'cancelled',
  amended_below_executed: 'cancelled',
  post_only_would_take: 'poc',
  ioc_remainder: 'ioc',
  fok_unfilled: 'fok',
  // A market order is `ioc` on this venue: what found nobody ends as such.
  no_liquidity: 'ioc',
  reduce_only_excess: 'reduce_only',
  self_trade: 'stp',
} as const satisfies Record<EndReason, string>;

export function finishedAs(order: Order): string {
  if (order.status === 'filled') return 'filled';
  return order.end === undefined ? 'open' : FINISHED_AS[order.end.reason];
}

export function coreTimeInForce(word: (typeof WIRE_TIMES_IN_FORCE)[number]): TimeInForce {
  return word === 'poc' ? 'gtx' : word;
}

export function wireTimeInForce(order: Order): string {
  return order.type === 'market' ? 'ioc' : TIMES_IN_FORCE[order.timeInForce];
}
