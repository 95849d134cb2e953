/**
 * Cross margin of one account in one asset, valued at the mark price.
 *
 * G1  A symbol's initial margin is what its worse side would need if all its open orders of that side filled:
 *     max(|position + buys|, |position - sells|) in notional, over the leverage. Reduce-only orders need none.
 * G2  Fees are not reserved, and nothing is ever liquidated: the maintenance margin is reported only.
 */
import {
  absolute,
  add,
  type Decimal,
  decimal,
  divide,
  isNegative,
  max,
  multiply,
  type Price,
  subtract,
  ZERO,
} from '@trunkline/proto/decimal';
import { MONEY_PLACES } from './position.ts';
import type { Position } from './types.ts';

export interface Exposure {
  readonly position: Position;
  readonly markPrice: Price;
  readonly leverage: number;
  readonly maintenanceMarginRate: Decimal;
  /** Notional of the open orders that may grow the position. */
  readonly openBuys: Decimal;
  readonly openSells: Decimal;
}

export interface MarkedExposure {
  readonly notional: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly positionInitialMargin: Decimal;
  readonly openOrderInitialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
}

export function markExposure(exposure: Exposure): MarkedExposure {
  const { position, markPrice } = exposure;
  const notional = multiply(position.quantity, markPrice);
  const leverage = decimal(String(exposure.leverage));
  const worst = max(absolute(add(notional, exposure.openBuys)), absolute(subtract(notional, exposure.openSells)));
  const positionInitialMargin = divide(absolute(notional), leverage, MONEY_PLACES, 'up');
  return {
    notional,
    unrealizedPnl: subtract(notional, position.cost),
    positionInitialMargin,
    openOrderInitialMargin: atLeastZero(subtract(divide(worst, leverage, MONEY_PLACES, 'up'), positionInitialMargin)),
    maintenanceMargin: multiply(absolute(notional), exposure.maintenanceMarginRate),
  };
}

export function atLeastZero(value: Decimal): Decimal {
  return isNegative(value) ? ZERO : value;
}
