/**
 * The life of a position, told by its account's fills: a round begins with the fill that opens it from flat and ends
 * with the one that closes it. A fill that turns the position over ends one round and begins the next, its fee shared
 * by quantity.
 */
import {
  absolute,
  add,
  compare,
  type Decimal,
  divide,
  isNegative,
  isZero,
  min,
  multiply,
  negate,
  subtract,
  ZERO,
} from '@trunkline/proto/decimal';
import type { Fill } from '../../core/types.ts';

const PLACES = 8;

export interface Round {
  /** The trade that opened it. */
  readonly id: string;
  readonly symbol: string;
  readonly holdSide: 'long' | 'short';
  readonly openedUs: number;
  readonly updatedUs: number;
  readonly openedQuantity: Decimal;
  readonly openedCost: Decimal;
  readonly closedQuantity: Decimal;
  readonly closedCost: Decimal;
  readonly realizedPnl: Decimal;
  /** Above zero is paid. */
  readonly openFee: Decimal;
  readonly closeFee: Decimal;
}

export interface Rounds {
  /** Oldest first. */
  readonly closed: readonly Round[];
  readonly open: Round | undefined;
}

/** `fills` are of one position (symbol and side), oldest first, from its first on. */
export function roundsOf(fills: readonly Fill[]): Rounds {
  const closed: Round[] = [];
  let open: Round | undefined;
  let held: Decimal = ZERO;
  for (const fill of fills) {
    let signed: Decimal = fill.side === 'buy' ? fill.quantity : negate<Decimal>(fill.quantity);
    if (open !== undefined && isNegative(held) !== isNegative(signed)) {
      const closing = min<Decimal>(absolute(held), absolute(signed));
      const share = shareOf(fill.fee, closing, fill.quantity);
      open = {
        ...open,
        updatedUs: fill.timeUs,
        closedQuantity: add(open.closedQuantity, closing),
        closedCost: add(open.closedCost, multiply(closing, fill.price)),
        realizedPnl: add(open.realizedPnl, fill.realizedPnl),
        closeFee: add(open.closeFee, share),
      };
      const step = isNegative(held) ? closing : negate(closing);
      held = add(held, step);
      signed = subtract(signed, step);
      if (isZero(held)) {
        closed.push(open);
        open = undefined;
      }
    }
    if (isZero(signed)) continue;
    const quantity = absolute(signed);
    const share = shareOf(fill.fee, quantity, fill.quantity);
    open ??= begin(fill, isNegative(signed) ? 'short' : 'long');
    open = {
      ...open,
      updatedUs: fill.timeUs,
      openedQuantity: add(open.openedQuantity, quantity),
      openedCost: add(open.openedCost, multiply(quantity, fill.price)),
      openFee: add(open.openFee, share),
    };
    held = add(held, signed);
  }
  return { closed, open };
}

export function averageOf(cost: Decimal, quantity: Decimal): Decimal {
  return isZero(quantity) ? ZERO : divide(cost, quantity, PLACES, 'half-even');
}

function shareOf(fee: Decimal, part: Decimal, whole: Decimal): Decimal {
  return compare(part, whole) === 0 ? fee : divide(multiply(fee, part), whole, PLACES, 'half-even');
}

function begin(fill: Fill, holdSide: 'long' | 'short'): Round {
  return {
    id: fill.tradeId,
    symbol: fill.symbol,
    holdSide,
    openedUs: fill.timeUs,
    updatedUs: fill.timeUs,
    openedQuantity: ZERO,
    openedCost: ZERO,
    closedQuantity: ZERO,
    closedCost: ZERO,
    realizedPnl: ZERO,
    openFee: ZERO,
    closeFee: ZERO,
  };
}
