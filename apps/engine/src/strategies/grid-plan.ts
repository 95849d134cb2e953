/**
 * The grid's one decision, as a pure function: which slots there are, which of our orders stand in none, and which
 * slots are empty.
 *
 * Slots lie on a fixed lattice (multiples of the spacing), so that a moved anchor shifts the window over the lattice
 * and keeps every order that is still inside it, with its place in the queue.
 *
 * G1  A slot is never nearer to the anchor than the half spread, and the half spread is never below the maker fee:
 *     a round trip between the innermost slots pays for itself.
 * G2  A slot that would take liquidity now is left empty.
 * G3  The slots of one side, filled together, never carry the position past `maxPosition`.
 */
import {
  add,
  asPrice,
  compare,
  type Decimal,
  decimal,
  divide,
  max,
  multiply,
  negate,
  type Price,
  type Quantity,
  roundToStep,
  subtract,
} from '@trunkline/proto/decimal';
import type { ClientOrderId } from '@trunkline/proto/ids';
import type { StrategyInstrument, StrategyOrder, StrategyQuote } from './strategy.ts';

export interface GridSettings {
  /** Slots a side. */
  readonly levels: number;
  /** Distance between slots, basis points of the price. */
  readonly spacingBps: Decimal;
  /** Least distance of the innermost slot from the anchor, basis points of the price. */
  readonly halfSpreadBps: Decimal;
  /** Base asset in each slot. */
  readonly quantity: Quantity;
  /** Largest position either way, base asset. */
  readonly maxPosition: Quantity;
}

export interface Slot {
  readonly side: 'buy' | 'sell';
  readonly price: Price;
}

export interface GridPlan {
  readonly cancel: readonly ClientOrderId[];
  readonly place: readonly Slot[];
}

const BPS = decimal('10000');
const TWO = decimal('2');

export function midPrice(quote: StrategyQuote): Price {
  return asPrice(multiply(add(quote.bidPrice, quote.askPrice), decimal('0.5')));
}

/** Distance between slots in price: whole ticks, at least one. */
export function latticeStep(settings: GridSettings, instrument: StrategyInstrument, anchor: Price): Decimal {
  const wanted = divide(multiply(anchor, settings.spacingBps), BPS, 12, 'half-even');
  return max(roundToStep(wanted, instrument.tickSize, 'up'), instrument.tickSize);
}

/** The whole window of slots around `anchor`, innermost first, buys before sells. */
export function gridSlots(
  settings: GridSettings,
  instrument: StrategyInstrument,
  anchor: Price,
  step: Decimal,
): Slot[] {
  const wanted = divide(multiply(anchor, settings.halfSpreadBps), BPS, 12, 'half-even');
  const halfSpread = max(wanted, multiply(anchor, instrument.makerFeeRate));
  const innermostBuy = roundToStep(subtract<Decimal>(anchor, halfSpread), step, 'down');
  const innermostSell = roundToStep(add<Decimal>(anchor, halfSpread), step, 'up');
  const slots: Slot[] = [];
  for (const [side, innermost, away] of [
    ['buy', innermostBuy, negate(step)],
    ['sell', innermostSell, step],
  ] as const) {
    for (let level = 0; level < settings.levels; level++) {
      const price = add(innermost, multiply(away, decimal(String(level))));
      if (compare(price, instrument.tickSize) >= 0) slots.push({ side, price: asPrice(price) });
    }
  }
  return slots;
}

export function planGrid(input: {
  readonly settings: GridSettings;
  readonly instrument: StrategyInstrument;
  readonly anchor: Price;
  readonly step: Decimal;
  readonly quote: StrategyQuote;
  readonly position: Decimal;
  readonly orders: readonly StrategyOrder[];
}): GridPlan {
  const { settings, instrument, anchor, step, quote, position, orders } = input;
  const wanted = new Map(gridSlots(settings, instrument, anchor, step).map((slot) => [slotKey(slot), slot]));
  const cancel: ClientOrderId[] = [];
  const room = {
    buy: subtract<Decimal>(settings.maxPosition, position),
    sell: add<Decimal>(settings.maxPosition, position),
  };
  for (const order of orders) {
    room[order.side] = subtract<Decimal>(room[order.side], order.remaining);
    const stands = wanted.delete(slotKey(order));
    if (!stands && !order.canceling) cancel.push(order.clientOrderId);
  }
  const place: Slot[] = [];
  for (const slot of wanted.values()) {
    if (wouldTake(slot, quote) || compare(room[slot.side], settings.quantity) < 0) continue;
    room[slot.side] = subtract<Decimal>(room[slot.side], settings.quantity);
    place.push(slot);
  }
  return { cancel, place };
}

/** The `count` slots nearest to the market, nearest first. */
export function innermost(slots: readonly Slot[], quote: StrategyQuote, count: number): Slot[] {
  const distance = ({ side, price }: Slot): Decimal =>
    side === 'buy' ? subtract<Decimal>(quote.bidPrice, price) : subtract<Decimal>(price, quote.askPrice);
  return slots.toSorted((a, b) => compare(distance(a), distance(b))).slice(0, count);
}

/** Whether the anchor is so far from the middle of the market that the window should move: half a slot or more. */
export function hasDrifted(anchor: Price, middle: Price, step: Decimal): boolean {
  const distance = compare(middle, anchor) >= 0 ? subtract<Decimal>(middle, anchor) : subtract<Decimal>(anchor, middle);
  return compare(multiply(distance, TWO), step) >= 0;
}

function wouldTake(slot: Slot, quote: StrategyQuote): boolean {
  return slot.side === 'buy' ? compare(slot.price, quote.askPrice) >= 0 : compare(slot.price, quote.bidPrice) <= 0;
}

function slotKey(slot: { side: 'buy' | 'sell'; price: Price }): string {
  return `${slot.side}@${slot.price}`;
}
