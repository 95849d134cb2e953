/**
 * What can happen to an order, as it is journaled. The schemas are the types: a payload that is read back is checked by
 * the very definition that it was written from.
 *
 * V1  Every event is a fact of its own: it says what was learnt and from where, never what to do about it.
 * V2  Decimals are canonical strings, times are microseconds, absence is null.
 */
import {
  type Decimal,
  type Price,
  parseDecimal,
  parsePrice,
  parseQuantity,
  type Quantity,
} from '@trunkline/proto/decimal';
import { z } from 'zod';

export const decimalText = z.custom<Decimal>((value) => value !== undefined && parseDecimal(value) === value);
export const priceText = z.custom<Price>((value) => value !== undefined && parsePrice(value) === value);
export const quantityText = z.custom<Quantity>((value) => value !== undefined && parseQuantity(value) === value);
export const sideName = z.enum(['buy', 'sell']);
export const positionSideName = z.enum(['both', 'long', 'short']);

/** What an order asks for. */
export const termsSchema = z
  .object({
    symbol: z.string(),
    side: sideName,
    positionSide: positionSideName,
    type: z.enum(['limit', 'market']),
    timeInForce: z.enum(['gtc', 'ioc', 'fok']),
    postOnly: z.boolean(),
    reduceOnly: z.boolean(),
    /** Null for a market order. */
    price: priceText.nullable(),
    quantity: quantityText,
  })
  .readonly();
export type OrderTerms = z.infer<typeof termsSchema>;

/** The order as the venue stated it at one moment. */
export const venueStateSchema = z
  .object({
    venueOrderId: z.string(),
    status: z.enum(['open', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected']),
    price: priceText.nullable(),
    quantity: quantityText,
    /** Cumulative. */
    filled: quantityText,
    /** The venue's words for an end that nobody asked for; empty otherwise. */
    reason: z.string(),
    venueTimeUs: z.int(),
  })
  .readonly();
export type VenueState = z.infer<typeof venueStateSchema>;

/** One execution. */
export const fillSchema = z
  .object({
    tradeId: z.string(),
    venueOrderId: z.string(),
    side: sideName,
    positionSide: positionSideName,
    price: priceText,
    quantity: quantityText,
    /** Positive is paid, negative is a rebate. */
    fee: decimalText,
    feeAsset: z.string(),
    liquidity: z.enum(['maker', 'taker', 'unknown']),
    /** As the venue booked it, before the fee; null where it does not say. */
    realizedPnl: decimalText.nullable(),
    venueTimeUs: z.int(),
    /** From a trade list, not from the stream. */
    recovered: z.boolean(),
  })
  .readonly();
export type OrderFill = z.infer<typeof fillSchema>;

const source = z.enum(['stream', 'answer', 'query']);
/** Venue code and words of a refusal or failure; both may be empty. */
const words = { venueCode: z.string(), message: z.string() };

export const orderEventSchema = z.discriminatedUnion('kind', [
  /** We decided it. Its commit is also the mark that it may have been sent. */
  z.object({
    kind: z.literal('intent'),
    terms: termsSchema,
    /** By the engine's wall clock: after it the connector does not send the order. */
    validUntilUs: z.int(),
    /** The order that this one replaces, for an amend at a venue that replaces; null otherwise. */
    replaces: z.string().nullable(),
  }),
  /** Somebody else's order, seen on our account. */
  z.object({ kind: z.literal('external'), terms: termsSchema }),
  /** The venue took it in; `state` where the answer carried one. */
  z.object({ kind: z.literal('accepted'), state: venueStateSchema.nullable() }),
  /** The venue proved that it does not and will not hold it. */
  z.object({ kind: z.literal('rejected'), reason: z.string(), ...words }),
  /** It was never sent. */
  z.object({ kind: z.literal('denied'), rule: z.string(), field: z.string(), message: z.string() }),
  z.object({ kind: z.literal('unknown'), cause: z.string(), ...words }),
  /** The venue's state of it, from anywhere. `evidence` names the query for states that were asked for. */
  z.object({ kind: z.literal('venue'), state: venueStateSchema, source, evidence: z.string() }),
  z.object({ kind: z.literal('fill'), fill: fillSchema, source, evidence: z.string() }),
  z.object({ kind: z.literal('cancel_requested') }),
  z.object({
    kind: z.literal('cancel_outcome'),
    fate: z.enum(['accepted', 'not_open', 'rejected', 'denied', 'unknown']),
    ...words,
  }),
  z.object({ kind: z.literal('amend_requested'), amendId: z.string(), price: priceText, quantity: quantityText }),
  z.object({
    kind: z.literal('amend_outcome'),
    amendId: z.string(),
    fate: z.enum(['accepted', 'rejected', 'denied', 'unknown']),
    ...words,
  }),
  /** Proved never to have reached the venue. */
  z.object({ kind: z.literal('absent'), evidence: z.string() }),
  /** Every proof is exhausted. */
  z.object({ kind: z.literal('lost'), evidence: z.string() }),
  /** A person looked and decides that there is nothing at the venue. */
  z.object({ kind: z.literal('settled'), by: z.string(), note: z.string() }),
  /** Something about it that cannot be, noticed outside the reducer. */
  z.object({ kind: z.literal('anomaly'), code: z.string(), detail: z.string() }),
]);
export type OrderEvent = z.infer<typeof orderEventSchema>;

/** The events with which an order begins. */
export type OpeningEvent = Extract<OrderEvent, { kind: 'intent' | 'external' }>;

export function isOpening(event: OrderEvent): event is OpeningEvent {
  return event.kind === 'intent' || event.kind === 'external';
}
