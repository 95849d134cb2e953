/**
 * Gate's futures count contracts, the contract counts base asset: one contract is `quanto_multiplier` of it.
 *
 * Q1  Converted exactly, here and nowhere else. A quantity that is no whole number of contracts is refused, not rounded.
 */
import {
  absolute,
  type Decimal,
  decimal,
  divide,
  isMultipleOf,
  isNegative,
  multiply,
  parseDecimal,
} from '@trunkline/proto/decimal';
import { Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { RefusedContent } from '../refused-content.ts';

export function toBase(contracts: Decimal, contractSize: Decimal): Decimal {
  // Of every book level: spot is spared the multiplication.
  return contractSize === SPOT_SIZE ? contracts : multiply(contracts, contractSize);
}

/** Without its sign. */
export function sizeToBase(contracts: Decimal, contractSize: Decimal): Decimal {
  return toBase(absolute(contracts), contractSize);
}

/** The sign of a size: positive buys. */
export function sideOfSize(size: Decimal): Side {
  return isNegative(size) ? Side.SELL : Side.BUY;
}

/** The venue's `size`, a JSON integer: negative sells. */
export function signedContracts(quantity: string, side: Side, contractSize: Decimal): number {
  const base = parseDecimal(quantity);
  if (base === undefined || !isMultipleOf(base, contractSize)) {
    throw new RefusedContent('quantity', `must be a whole number of contracts of ${contractSize}`);
  }
  const contracts = Number(divide(base, contractSize, 0, 'down'));
  if (!Number.isSafeInteger(contracts)) throw new RefusedContent('quantity', 'is more than the venue can count');
  return side === Side.SELL ? -contracts : contracts;
}

/** Spot counts in base asset. */
export const SPOT_SIZE: Decimal = decimal('1');
