/** Which positions an account has a symbol, and which orders can only make one smaller. */
import type { PositionMode, PositionSide, Side } from './types.ts';

export function sidesOf(mode: PositionMode): readonly PositionSide[] {
  return mode === 'one_way' ? ['both'] : ['long', 'short'];
}

/** In hedge mode the sides alone say it: a sell of the long and a buy of the short close. */
export function onlyReduces(order: {
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly reduceOnly: boolean;
}): boolean {
  if (order.positionSide === 'both') return order.reduceOnly;
  return order.reduceOnly || (order.positionSide === 'long') === (order.side === 'sell');
}
