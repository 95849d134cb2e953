/**
 * A position as the sum of its fills: a pure reducer with exact money.
 *
 * P1  Cost is kept, not the average: closing c of Q takes round_half_even(cost * c / Q, 8) out of it, and closing all
 *     takes all. The average entry is cost / Q and is only shown.
 * P2  A fill larger than the position closes it and opens the rest on the other side at the fill's price.
 * P3  `booked` is realised profit as the venue booked it, our own where it does not say: wallet balances follow it.
 */
import {
  absolute,
  add,
  asQuantity,
  compare,
  type Decimal,
  divide,
  isNegative,
  isZero,
  min,
  multiply,
  negate,
  type Price,
  quantity,
  subtract,
  ZERO,
} from '@trunkline/proto/decimal';
import { z } from 'zod';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { EventRow, NewEvent, PositionRow } from '../journal/journal.ts';
import { decimalText, type OrderFill, positionSideName, priceText, quantityText } from '../orders/order-event.ts';
import { countPayment, type FundingPayment, fundingPaymentSchema, fundingStateSchema } from './funding.ts';

export const positionSchema = z
  .object({
    account: z.string(),
    symbol: z.string(),
    side: positionSideName,
    /** Base asset, negative is short. */
    quantity: quantityText,
    /** What the open quantity cost, in the quote currency; never negative. */
    cost: decimalText,
    /** Realised profit by our own cost basis, before fees. */
    realized: decimalText,
    /** Realised profit that moved the wallet, before fees (P3). */
    booked: decimalText,
    /** Fees paid, by asset; negative is a rebate. */
    fees: z.record(z.string(), decimalText).readonly(),
    fillCount: z.int(),
    lastFillUs: z.int(),
    updatedAtUs: z.int(),
    /** Absent before the first payment, and for ever where there is no funding. */
    funding: fundingStateSchema.optional(),
  })
  .readonly();
export type Position = z.infer<typeof positionSchema>;

/** What the venue held before our first fill: stated once, when the account is first seen. */
export const positionBaselineSchema = z.object({
  side: positionSideName,
  quantity: quantityText,
  entryPrice: priceText,
});
export type PositionBaseline = z.infer<typeof positionBaselineSchema>;

/** Decimal places that a partial close rounds its cost to. */
const COST_PLACES = 8;
const FLAT = quantity('0');

export function emptyPosition(account: string, symbol: string, side: Position['side']): Position {
  return {
    account,
    symbol,
    side,
    quantity: FLAT,
    cost: ZERO,
    realized: ZERO,
    booked: ZERO,
    fees: {},
    fillCount: 0,
    lastFillUs: 0,
    updatedAtUs: 0,
  };
}

export function applyBaseline(position: Position, baseline: PositionBaseline, atUs: number): Position {
  const cost = multiply(absolute(baseline.quantity), baseline.entryPrice);
  return { ...position, quantity: baseline.quantity, cost, updatedAtUs: atUs };
}

export function applyFill(position: Position, fill: OrderFill, atUs: number): Position {
  const signed = fill.side === 'buy' ? fill.quantity : negate(fill.quantity);
  const opposite = !isZero(position.quantity) && isNegative(position.quantity) !== isNegative(signed);
  const closing = opposite ? min(fill.quantity, absolute(position.quantity)) : FLAT;
  const opening = subtract(fill.quantity, closing);
  const costOut = costOf(position, closing);
  const value = multiply(fill.price, closing);
  const gain = isNegative(position.quantity) ? subtract(costOut, value) : subtract(value, costOut);
  return {
    ...position,
    quantity: asQuantity(add(position.quantity, signed)),
    cost: add(subtract(position.cost, costOut), multiply(fill.price, opening)),
    realized: add(position.realized, gain),
    booked: add(position.booked, fill.realizedPnl ?? gain),
    fees: isZero(fill.fee)
      ? position.fees
      : { ...position.fees, [fill.feeAsset]: add(position.fees[fill.feeAsset] ?? ZERO, fill.fee) },
    fillCount: position.fillCount + 1,
    lastFillUs: Math.max(position.lastFillUs, fill.venueTimeUs),
    updatedAtUs: Math.max(position.updatedAtUs, atUs),
  };
}

/** Undefined when the payment was counted before. */
export function applyFunding(position: Position, payment: FundingPayment, atUs: number): Position | undefined {
  const funding = countPayment(position.funding, payment);
  return funding && { ...position, funding, updatedAtUs: Math.max(position.updatedAtUs, atUs) };
}

/** Null while flat. For display and marks; rounded to 8 places. */
export function averageEntry(position: Position): Decimal | null {
  if (isZero(position.quantity)) return null;
  return divide(position.cost, absolute(position.quantity), COST_PLACES, 'half-even');
}

/** Profit of the open quantity if it were closed at `mark`. */
export function unrealized(position: Position, mark: Price): Decimal {
  const value = multiply(mark, absolute(position.quantity));
  return isNegative(position.quantity) ? subtract(position.cost, value) : subtract(value, position.cost);
}

export function positionRow(position: Position): PositionRow {
  const { account, symbol, side, updatedAtUs } = position;
  return { account, symbol, side, state: canonicalJson(position), updatedAtUs };
}

export function readPositionRow(row: PositionRow): Position {
  const parsed = positionSchema.safeParse(JSON.parse(row.state));
  if (!parsed.success) throw new Error(`position ${row.account} ${row.symbol} cannot be read: ${parsed.error.message}`);
  return parsed.data;
}

/** What moves a position besides fills, which are events of their orders. */
export type PositionEvent =
  | { readonly kind: 'baseline'; readonly content: PositionBaseline }
  | { readonly kind: 'funding'; readonly content: FundingPayment };

export function positionEventRow(account: string, symbol: string, event: PositionEvent, atUs: number): NewEvent {
  const { kind, content } = event;
  return { account, subject: 'position', subjectId: symbol, kind, payload: canonicalJson(content), atUs };
}

export function readPositionEvent(row: EventRow): PositionEvent {
  const payload: unknown = JSON.parse(row.payload);
  const parsed = positionEventSchema.safeParse({ kind: row.kind, content: payload });
  if (!parsed.success) throw new Error(`event ${row.seq} (${row.kind}) cannot be read: ${parsed.error.message}`);
  return parsed.data;
}

/** The position after the event; unchanged when a payment was counted before. */
export function applyPositionEvent(position: Position, event: PositionEvent, atUs: number): Position {
  if (event.kind === 'baseline') return applyBaseline(position, event.content, atUs);
  return applyFunding(position, event.content, atUs) ?? position;
}

const positionEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('baseline'), content: positionBaselineSchema }),
  z.object({ kind: z.literal('funding'), content: fundingPaymentSchema }),
]);

function costOf(position: Position, closing: Decimal): Decimal {
  if (isZero(closing)) return ZERO;
  const held = absolute(position.quantity);
  if (compare(closing, held) === 0) return position.cost;
  return divide(multiply(position.cost, closing), held, COST_PLACES, 'half-even');
}
