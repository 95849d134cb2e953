/**
 * The truth's lines: one JSON object a transaction. Reading checks every field, so a file that was edited or mixed up is
 * refused instead of becoming balances.
 */
import { type Decimal, parseDecimal, parseNotional, parsePrice, parseQuantity } from '@trunkline/proto/decimal';
import { z } from 'zod';
import type { TruthRecord } from './truth.ts';

export function encodeRecord(record: TruthRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Undefined for anything that `encodeRecord` did not write. */
export function decodeRecord(line: string): TruthRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // Not JSON at all: torn, or not ours.
    return undefined;
  }
}

function canonical<T extends Decimal>(parse: (text: unknown) => T | undefined) {
  return z.custom<T>((value) => typeof value === 'string' && parse(value) === value, 'not a canonical decimal');
}

const decimal = canonical(parseDecimal);
const price = canonical(parsePrice);
const quantity = canonical(parseQuantity);
const notional = canonical(parseNotional);
const timeUs = z.int().nonnegative();
const id = z.string();
const digits = z.string().regex(/^\d+$/);
const side = z.enum(['buy', 'sell']);
const positionSide = z.enum(['both', 'long', 'short']);
const marginType = z.enum(['cross', 'isolated']);
const positionMode = z.enum(['one_way', 'hedge']);

const newOrder = z.object({
  accountId: id,
  clientOrderId: id,
  symbol: id,
  side,
  type: z.enum(['limit', 'market']),
  timeInForce: z.enum(['gtc', 'ioc', 'fok', 'gtx']),
  reduceOnly: z.boolean(),
  positionSide,
  price: price.exactOptional(),
  quantity,
  quoteQuantity: notional.exactOptional(),
  selfTradePrevention: z.enum(['none', 'expire_maker', 'expire_taker', 'expire_both']).exactOptional(),
});

const orderEnd = z.object({
  by: z.enum(['owner', 'venue']),
  reason: z.enum([
    'requested',
    'cancel_all',
    'countdown',
    'amended_below_executed',
    'post_only_would_take',
    'ioc_remainder',
    'fok_unfilled',
    'no_liquidity',
    'reduce_only_excess',
    'self_trade',
  ]),
  timeUs,
});

const order = newOrder.extend({
  venueOrderId: digits,
  status: z.enum(['new', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected']),
  executedQuantity: quantity,
  executedQuote: decimal,
  createdUs: timeUs,
  updatedUs: timeUs,
  end: orderEnd.exactOptional(),
});

const cause = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('order'), venueOrderId: digits }),
  z.object({ kind: z.literal('recorded_trade'), tradeId: digits }),
  z.object({ kind: z.literal('recorded_level'), price, updateId: z.int() }),
]);

const fill = z.object({
  tradeId: digits,
  venueOrderId: digits,
  clientOrderId: id,
  accountId: id,
  symbol: id,
  side,
  positionSide,
  price,
  quantity,
  fee: decimal,
  feeAsset: id,
  maker: z.boolean(),
  realizedPnl: decimal,
  timeUs,
  cause,
});

const position = z.object({
  symbol: id,
  positionSide,
  quantity: decimal,
  cost: decimal,
  entryPrice: price,
  realizedPnl: decimal,
  updatedUs: timeUs,
});

const funding = z.object({
  paymentId: digits,
  accountId: id,
  symbol: id,
  positionSide,
  asset: id,
  amount: decimal,
  rate: decimal,
  timeUs,
});

const balance = z.object({ asset: id, walletBalance: decimal, locked: decimal });

const orderRef = z.discriminatedUnion('by', [
  z.object({ by: z.literal('venue'), venueOrderId: id }),
  z.object({ by: z.literal('client'), clientOrderId: id }),
]);

const request = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('place'), order: newOrder }),
  z.object({
    kind: z.literal('amend'),
    amend: z.object({ accountId: id, symbol: id, order: orderRef, price, quantity, side: side.exactOptional() }),
  }),
  z.object({ kind: z.literal('cancel'), cancel: z.object({ accountId: id, symbol: id, order: orderRef }) }),
  z.object({ kind: z.literal('cancel_all'), accountId: id, symbol: id.exactOptional() }),
]);

const refusalCode = z.enum([
  'unknown_account',
  'unknown_symbol',
  'bad_price',
  'bad_quantity',
  'bad_tick',
  'bad_step',
  'below_min_quantity',
  'above_max_quantity',
  'below_min_notional',
  'price_out_of_band',
  'insufficient_margin',
  'insufficient_balance',
  'post_only_would_take',
  'fok_unfilled',
  'reduce_only_rejected',
  'position_side_mismatch',
  'duplicate_client_order_id',
  'too_many_open_orders',
  'no_liquidity',
  'unknown_order',
  'order_not_open',
  'side_mismatch',
  'nothing_to_amend',
  'bad_leverage',
  'open_orders_exist',
  'positions_exist',
  'wrong_market',
  'market_closed',
]);

const verdict = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), venueOrderId: digits.exactOptional() }),
  z.object({ kind: z.literal('refused'), code: refusalCode }),
]);

const fact = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('request'), request, verdict }),
  z.object({ kind: z.literal('order'), order }),
  z.object({ kind: z.literal('fill'), fill }),
  z.object({ kind: z.literal('balance'), accountId: id, balance }),
  z.object({ kind: z.literal('position'), accountId: id, position }),
  z.object({ kind: z.literal('funding'), payment: funding }),
  z.object({ kind: z.literal('leverage'), accountId: id, symbol: id, leverage: z.int().positive() }),
  z.object({ kind: z.literal('margin_type'), accountId: id, symbol: id, marginType }),
  z.object({ kind: z.literal('position_mode'), accountId: id, positionMode }),
  z.object({ kind: z.literal('ids'), counter: z.enum(['order', 'trade', 'update', 'funding']), below: z.int() }),
]);

const recordSchema: z.ZodType<TruthRecord> = z.object({ timeUs, seq: z.int().nonnegative(), facts: z.array(fact) });
