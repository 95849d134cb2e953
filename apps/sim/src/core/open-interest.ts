/**
 * The open interest of a perpetual: what the rest of the world is made out to hold, a function of seed, symbol and
 * minute, and what the accounts hold.
 */
import {
  absolute,
  add,
  asQuantity,
  type Decimal,
  decimal,
  divide,
  isZero,
  type Price,
  roundToStep,
  sum,
} from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type { AccountBook } from './accounts.ts';
import { MONEY_PLACES } from './position.ts';
import { sidesOf } from './position-side.ts';
import type { Instrument, OpenInterest } from './types.ts';

const MINUTE_US = 60_000_000;
/** In quote asset: from 20 to 220 million a symbol, moving by up to 1 % between minutes. */
const LEAST_NOTIONAL = 20_000_000;
const NOTIONAL_RANGE = 200_000_000;
const WOBBLE = 0.01;

/** Undefined for spot, and while there is no price to reckon with. */
export function openInterestOf(
  instrument: Instrument,
  markPrice: Price,
  { accounts, rng, nowUs }: { readonly accounts: AccountBook; readonly rng: Rng; readonly nowUs: number },
): OpenInterest | undefined {
  const { symbol, market, stepSize } = instrument;
  if (market !== 'perpetual' || isZero(markPrice)) return undefined;
  const usual = LEAST_NOTIONAL + rng.fork(symbol).integer(NOTIONAL_RANGE);
  const minute = Math.floor(nowUs / MINUTE_US);
  const world = Math.floor(usual * (1 + WOBBLE * rng.fork(`${symbol}/${minute}`).next()));
  const others = roundToStep(divide(decimal(String(world)), markPrice, MONEY_PLACES, 'down'), stepSize, 'down');
  return { symbol, quantity: asQuantity(add(others, held(accounts, symbol))), timeUs: nowUs };
}

function held(accounts: AccountBook, symbol: string): Decimal {
  const positions = accounts
    .ids()
    .flatMap((id) => sidesOf(accounts.positionMode(id)).map((side) => accounts.position(id, symbol, side)));
  return sum(positions.map(({ quantity }) => absolute(quantity)));
}
