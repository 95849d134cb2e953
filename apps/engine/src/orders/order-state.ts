/**
 * One order: the facts that we hold about it, and the state that follows from them.
 *
 * O1  Facts only accumulate (fills as a set, venue states by their rank), and `status` is a function of the facts. So
 *     the same events in another order end in the same state, and nothing late can take an order back.
 * O2  Signs of life from the venue outrank everything else that we believed: a denied, rejected or absent order that
 *     shows a fill is alive, and an anomaly says so.
 * O3  Capacity is not booked anywhere: it is what `exposureOf` says of the orders that are held.
 */
import { compare, max, type Quantity, quantity, subtract } from '@trunkline/proto/decimal';
import { z } from 'zod';
import { fillSchema, priceText, quantityText, termsSchema, venueStateSchema } from './order-event.ts';

export const ORDER_STATUSES = [
  'intent',
  'open',
  'partially_filled',
  'filled',
  'canceled',
  'expired',
  'rejected',
  'denied',
  'unknown',
  'absent',
  'lost',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const orderSchema = z
  .object({
    account: z.string(),
    /** For an external order `~` and the venue's id, which no id of ours can be. */
    clientOrderId: z.string(),
    origin: z.enum(['ours', 'external']),
    status: z.enum(ORDER_STATUSES),
    /** As decided; what the venue works with now is `workingTerms`. */
    terms: termsSchema,
    replaces: z.string().nullable(),
    decidedAtUs: z.int(),
    validUntilUs: z.int(),
    venueOrderId: z.string().nullable(),
    accepted: z.boolean(),
    /** The state of the highest rank that the venue stated. */
    venue: venueStateSchema.nullable(),
    /** The most that any venue state said was filled. */
    venueFilled: quantityText,
    /** Sum over `fills`. */
    filled: quantityText,
    fills: z.array(fillSchema).readonly(),
    refusal: z
      .object({ kind: z.enum(['rejected', 'denied']), code: z.string(), field: z.string(), message: z.string() })
      .readonly()
      .nullable(),
    unknown: z.object({ cause: z.string(), message: z.string() }).readonly().nullable(),
    resolution: z
      .object({ kind: z.enum(['absent', 'lost', 'settled']), evidence: z.string() })
      .readonly()
      .nullable(),
    cancelRequestedAtUs: z.int().nullable(),
    cancelFate: z.enum(['accepted', 'not_open', 'rejected', 'denied', 'unknown']).nullable(),
    amends: z
      .array(
        z
          .object({
            amendId: z.string(),
            price: priceText,
            quantity: quantityText,
            fate: z.enum(['pending', 'accepted', 'rejected', 'denied', 'unknown']),
          })
          .readonly(),
      )
      .readonly(),
    /** Codes, sorted, each once. */
    anomalies: z.array(z.string()).readonly(),
    updatedAtUs: z.int(),
  })
  .readonly();
export type Order = z.infer<typeof orderSchema>;

const NONE = quantity('0');

/** Nothing more is expected of the order itself; fills may still be missing. */
export function isEnded(status: OrderStatus): boolean {
  switch (status) {
    case 'filled':
    case 'canceled':
    case 'expired':
    case 'rejected':
    case 'denied':
    case 'absent':
      return true;
    default:
      return false;
  }
}

/** Known to rest at the venue. */
export function isWorking(status: OrderStatus): boolean {
  return status === 'open' || status === 'partially_filled';
}

/** What the venue says was filled and no fill accounts for. */
export function missingFills(order: Order): Quantity {
  return max(NONE, subtract(order.venueFilled, order.filled));
}

/** Ended, and every fill is known: nothing has to be remembered across a restart. */
export function isSettled(order: Order): boolean {
  return isEnded(order.status) && compare(missingFills(order), NONE) === 0;
}

/** Price and quantity that the venue works with, as far as it said so. */
export function workingTerms(order: Order): { price: Order['terms']['price']; quantity: Quantity } {
  return order.venue ?? order.terms;
}

/** The most that this order may still add to a position on its side: nothing once it ended. */
export function exposureOf(order: Order): Quantity {
  if (isEnded(order.status)) return missingFills(order);
  let most = workingTerms(order).quantity;
  for (const amend of order.amends) {
    if (amend.fate === 'pending' || amend.fate === 'unknown') most = max(most, amend.quantity);
  }
  return max(NONE, subtract(most, order.filled));
}

/** More was filled than we ever asked for. */
export function isOverfilled(order: Order): boolean {
  let most = max(order.terms.quantity, workingTerms(order).quantity);
  for (const amend of order.amends) most = max(most, amend.quantity);
  return order.origin === 'ours' && compare(order.filled, most) > 0;
}
