/**
 * Funding of a perpetual: what a position paid or received at each funding time, as the venue's ledger lists it.
 *
 * U1  A payment counts once, by its id, however often and in whatever order it is told. The last `REMEMBERED` ids are
 *     kept; a payment older than all of them was counted long ago (three a day: they reach back three weeks).
 */
import { add, type Decimal, parseDecimal, ZERO } from '@trunkline/proto/decimal';
import type * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { PositionSide, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { z } from 'zod';
import { decimalText, positionSideName } from '../orders/order-event.ts';

const REMEMBERED = 64;

export const fundingPaymentSchema = z
  .object({
    paymentId: z.string(),
    /** `both` where the venue does not say. */
    side: positionSideName,
    asset: z.string(),
    /** Positive was received, negative was paid. */
    amount: decimalText,
    venueTimeUs: z.int(),
    /** From the venue's ledger when it was asked, not from the stream. */
    recovered: z.boolean(),
  })
  .readonly();
export type FundingPayment = z.infer<typeof fundingPaymentSchema>;

export const fundingStateSchema = z
  .object({
    /** Received less paid, by asset. */
    totals: z.record(z.string(), decimalText).readonly(),
    /** The newest payments, oldest first (U1). */
    recent: z.array(z.object({ paymentId: z.string(), venueTimeUs: z.int() }).readonly()).readonly(),
  })
  .readonly();
export type FundingState = z.infer<typeof fundingStateSchema>;

/** Undefined when the payment teaches nothing (U1). */
export function countPayment(before: FundingState | undefined, payment: FundingPayment): FundingState | undefined {
  const { totals = {}, recent = [] } = before ?? {};
  const { paymentId, asset, amount, venueTimeUs } = payment;
  if (recent.some((known) => known.paymentId === paymentId)) return undefined;
  const oldest = recent[0];
  if (oldest && recent.length >= REMEMBERED && venueTimeUs <= oldest.venueTimeUs) return undefined;
  const later = recent.findIndex((known) => known.venueTimeUs > venueTimeUs);
  const at = later < 0 ? recent.length : later;
  const kept = [...recent.slice(0, at), { paymentId, venueTimeUs }, ...recent.slice(at)].slice(-REMEMBERED);
  return { totals: { ...totals, [asset]: add(totals[asset] ?? ZERO, amount) }, recent: kept };
}

/** The venue's time of the newest payment that counted, microseconds; 0 before the first. */
export function lastPaymentUs(funding: FundingState | undefined): number {
  return funding?.recent.at(-1)?.venueTimeUs ?? 0;
}

/** Undefined for a message that cannot be read: no id, no number. */
export function readFundingPayment(message: contract.FundingPayment): FundingPayment | undefined {
  const { paymentId, asset, venueTimeUs } = message;
  const amount: Decimal | undefined = parseDecimal(message.amount);
  if (amount === undefined || paymentId === '' || asset === '') return undefined;
  const side = SIDES.get(message.positionSide) ?? 'both';
  return { paymentId, side, asset, amount, venueTimeUs, recovered: message.source === Source.QUERY };
}

const SIDES = new Map<PositionSide, FundingPayment['side']>([
  [PositionSide.LONG, 'long'],
  [PositionSide.SHORT, 'short'],
]);
