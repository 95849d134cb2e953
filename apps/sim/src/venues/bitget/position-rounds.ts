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

export interface RoundCounter extends Rounds {
  /** Of one position (symbol and side), oldest first, from its first fill on. */
  take(fill: Fill): void;
}

export function countRounds(): RoundCounter {
  const closed: Round[] = [];
  let open: Round | undefined;
  let held: Decimal = ZERO;

  /** Returns what is left of the fill to open with. */
  function closeWith(fill: Fill, round: Round, signed: Decimal): Decimal {
    const closing = min<Decimal>(absolute(held), absolute(signed));
    const step = isNegative(held) ? closing : negate<Decimal>(closing);
    held = add(held, step);
    open = {
      ...round,
      updatedUs: fill.timeUs,
      closedQuantity: add(round.closedQuantity, closing),
      closedCost: add(round.closedCost, multiply(closing, fill.price)),
      realizedPnl: add(round.realizedPnl, fill.realizedPnl),
      closeFee: add(round.closeFee, shareOf(fill.fee, closing, fill.quantity)),
    };
    if (isZero(held)) {
      closed.push(open);
      open = undefined;
    }
    return subtract(signed, step);
  }

  return {
    closed,
    get open() {
      return open;
    },
    take(fill) {
      let signed: Decimal = fill.side === 'buy' ? fill.quantity : negate<Decimal>(fill.quantity);
      if (open !== undefined && isNegative(held) !== isNegative(signed)) signed = closeWith(fill, open, signed);
      if (isZero(signed)) return;
      const quantity = absolute(signed);
      const round = open ?? begin(fill, isNegative(signed) ? 'short' : 'long');
      open = {
        ...round,
        updatedUs: fill.timeUs,
        openedQuantity: add(round.openedQuantity, quantity),
        openedCost: add(round.openedCost, multiply(quantity, fill.price)),
        openFee: add(round.openFee, shareOf(fill.fee, quantity, fill.quantity)),
      };
      held = add(held, signed);
    },
  };
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
