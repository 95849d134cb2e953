/**
 * The positions of one account: our projections from fills, beside what the venue last said.
 *
 * K1  Only fills and the one baseline move a projection. What the venue says is compared with it, never copied into it.
 */
import {
  add,
  type Decimal,
  multiply,
  type Price,
  parsePrice,
  parseQuantity,
  type Quantity,
  quantity,
  sum,
  ZERO,
} from '@trunkline/proto/decimal';
import type * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { OrderFill } from '../orders/order-event.ts';
import { readPositionSide } from '../orders/venue-messages.ts';
import { baseOf, settlementOf } from './balance-ledger.ts';
import type { FundingPayment } from './funding.ts';
import {
  applyBaseline,
  applyFill,
  applyFunding,
  averageEntry,
  emptyPosition,
  type Position,
  type PositionBaseline,
  unrealized,
} from './position.ts';

export interface PositionDifference {
  readonly symbol: string;
  readonly side: Position['side'];
  readonly ours: Quantity;
  readonly venue: Quantity;
}

export interface VenuePosition {
  readonly symbol: string;
  readonly side: Position['side'];
  readonly quantity: Quantity;
  readonly entryPrice: Price | null;
  readonly markPrice: Price | null;
}

export interface PnlTotals {
  readonly realized: Decimal;
  readonly booked: Decimal;
  readonly unrealized: Decimal;
  /** Fees by asset. */
  readonly fees: Readonly<Record<string, Decimal>>;
  /** Fees in the quote currency, see `feesValue`. */
  readonly feesValue: Decimal;
  /** Funding received less paid, in whatever it is settled in. */
  readonly funding: Decimal;
}

const FLAT = quantity('0');

export class PositionBook {
  readonly #account: string;
  readonly #positions = new Map<string, Position>();
  readonly #venue = new Map<string, VenuePosition>();

  constructor(account: string, restored: readonly Position[]) {
    this.#account = account;
    for (const position of restored) this.#positions.set(keyOf(position.symbol, position.side), position);
  }

  list(): readonly Position[] {
    return [...this.#positions.values()];
  }

  get(symbol: string, side: Position['side'] = 'both'): Position {
    return this.#positions.get(keyOf(symbol, side)) ?? emptyPosition(this.#account, symbol, side);
  }

  has(symbol: string, side: Position['side']): boolean {
    return this.#positions.has(keyOf(symbol, side));
  }

  fill(symbol: string, fill: OrderFill, atUs: number): Position {
    return this.#keep(applyFill(this.get(symbol, fill.positionSide), fill, atUs));
  }

  baseline(symbol: string, baseline: PositionBaseline, atUs: number): Position {
    return this.#keep(applyBaseline(this.get(symbol, baseline.side), baseline, atUs));
  }

  /** Undefined when the payment was counted before. */
  funding(symbol: string, payment: FundingPayment, atUs: number): Position | undefined {
    const position = applyFunding(this.get(symbol, payment.side), payment, atUs);
    return position && this.#keep(position);
  }

  venuePosition(symbol: string, side: Position['side'] = 'both'): VenuePosition | undefined {
    return this.#venue.get(keyOf(symbol, side));
  }

  /** Takes what the venue says. With `complete`, a position that is not named is flat. */
  heard(positions: readonly contract.Position[], complete: boolean): void {
    if (complete) this.#venue.clear();
    for (const message of positions) {
      const position = readVenuePosition(message);
      if (position) this.#venue.set(keyOf(position.symbol, position.side), position);
    }
  }

  /** Where the venue's last complete word differs from ours. */
  differences(): readonly PositionDifference[] {
    const found: PositionDifference[] = [];
    for (const key of new Set([...this.#positions.keys(), ...this.#venue.keys()])) {
      const one = this.#positions.get(key) ?? this.#venue.get(key);
      if (!one) continue;
      const ours = this.#positions.get(key)?.quantity ?? FLAT;
      const venue = this.#venue.get(key)?.quantity ?? FLAT;
      if (ours !== venue) found.push({ symbol: one.symbol, side: one.side, ours, venue });
    }
    return found;
  }

  /** Sums over all positions, marked at `markOf` or at the venue's own mark. */
  totals(markOf: (symbol: string) => Price | undefined): PnlTotals {
    let [realized, booked, open, paid, funding] = [ZERO, ZERO, ZERO, ZERO, ZERO];
    const fees: Record<string, Decimal> = {};
    for (const [key, position] of this.#positions) {
      realized = add(realized, position.realized);
      booked = add(booked, position.booked);
      const mark = markOf(position.symbol) ?? this.#venue.get(key)?.markPrice;
      if (mark) open = add(open, unrealized(position, mark));
      for (const [asset, fee] of Object.entries(position.fees)) fees[asset] = add(fees[asset] ?? ZERO, fee);
      paid = add(paid, feesValue(position, mark ?? undefined));
      funding = add(funding, sum(Object.values(position.funding?.totals ?? {})));
    }
    return { realized, booked, unrealized: open, fees, feesValue: paid, funding };
  }

  #keep(position: Position): Position {
    this.#positions.set(keyOf(position.symbol, position.side), position);
    return position;
  }
}

export function readVenuePosition(message: contract.Position): VenuePosition | undefined {
  const held = parseQuantity(message.quantity);
  if (held === undefined) return undefined;
  const side = readPositionSide(message.side);
  const entryPrice = parsePrice(message.entryPrice) ?? null;
  return { symbol: message.symbol, side, quantity: held, entryPrice, markPrice: parsePrice(message.markPrice) ?? null };
}

/**
 * A position's fees in its quote currency. Spot buyers pay in the base asset: that is valued at `mark`, without one at the
 * position's own entry. Fees in a third asset (a venue's discount token) have no price here and are left out.
 */
export function feesValue(position: Position, mark: Price | undefined): Decimal {
  const base = baseOf(position.symbol);
  const at: Decimal = mark ?? averageEntry(position) ?? ZERO;
  const quote = settlementOf(position.symbol);
  return add(position.fees[quote] ?? ZERO, multiply(position.fees[base] ?? ZERO, at));
}

function keyOf(symbol: string, side: Position['side']): string {
  return `${symbol} ${side}`;
}
