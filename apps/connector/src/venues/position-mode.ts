/** How the account holds positions, as last heard, and which sides an order may name then. */
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { PositionSide } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { RefusedContent } from './refused-content.ts';

/** Kept by the venue's side: read at start, changed by its own setting and by the venue's push. */
export interface HeldMode {
  mode: PositionMode;
}

/** Throws `RefusedContent`. Before the mode is known nothing is refused here: the venue decides. */
export function checkPositionSide(side: PositionSide, { mode }: HeldMode): void {
  const sided = side === PositionSide.LONG || side === PositionSide.SHORT;
  if (mode === PositionMode.ONE_WAY && sided)
    throw new RefusedContent('position_side', 'must be BOTH: the account is in one-way mode');
  if (mode === PositionMode.HEDGE && !sided)
    throw new RefusedContent('position_side', 'must be LONG or SHORT: the account is in hedge mode');
}
