/**
 * What both markets do with orders, whatever their paths: place, cancel, batches of both, and the lists of orders and
 * fills, newest first.
 *
 * R1  A batch is many single requests in order: each element has its own verdict, and none undoes another. A refused
 *     element stands in `failureList` with the venue's code and message.
 * R2  Placing and canceling answer `{orderId, clientOid}` alone, whatever became of the order.
 */
import type { Rng } from '@trunkline/proto/rng';
import type { Fill, FundingPayment, Order, OrderRef } from '../../core/types.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type VenueContext } from './call.ts';
import { refusedByCore } from './core-refusal.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import type { NewOrderInput } from './order-input.ts';
import { type Params, timeBounds } from './params.ts';
import { readOptionalInstrument, readOrderRef } from './subject.ts';

const MOST_IN_BATCH = 50;
const EVERYTHING = 1_000_000;
const MINTED_DIGITS = 19;

export interface OrderIds {
  readonly orderId: string;
  readonly clientOid: string;
}

export function idsOf(order: Order): OrderIds {
  return { orderId: order.venueOrderId, clientOid: order.clientOrderId };
}

/** The venue mints client ids of 19 digits. */
export function clientOidMinter(rng: Rng): () => string {
  return () => `1${Array.from({ length: MINTED_DIGITS - 1 }, () => rng.integer(10)).join('')}`;
}

export function placeOrder(input: NewOrderInput | Refused, { core, product }: VenueContext): Order | Refused {
  if (isRefused(input)) return input;
  const { instrument, order } = input;
  const verdict = core.place(order);
  return verdict.ok ? verdict.value : refusedByCore(verdict.refusal, { core, product, instrument, side: order.side });
}

export function cancelOrder(
  accountId: string,
  symbol: string,
  order: OrderRef,
  { core, product }: VenueContext,
): Order | Refused {
  const instrument = core.instrument(symbol);
  if (instrument === undefined) return refuse('NO_SUCH_PARAMETER', symbol);
  const verdict = core.cancel({ accountId, symbol, order });
  return verdict.ok ? verdict.value : refusedByCore(verdict.refusal, { core, product, instrument });
}

export function answerIds(result: Order | Refused): Answer {
  return isRefused(result) ? result : answer(idsOf(result));
}

/** R1. `rows` are the elements of the batch, each complete. */
export function answerBatch(
  rows: readonly Params[] | undefined,
  name: string,
  each: (row: Params) => Order | Refused,
): Answer {
  if (rows === undefined || rows.length === 0) return refuse('EMPTY_PARAMETER', name);
  if (rows.length > MOST_IN_BATCH) return refuse('TOO_MANY_CANCELS');
  const results = rows.map((row) => ({ row, result: each(row) }));
  return answer({
    successList: results.flatMap(({ result }) => (isRefused(result) ? [] : [idsOf(result)])),
    failureList: results.flatMap(({ row, result }) => (isRefused(result) ? [failure(row, result)] : [])),
  });
}

export function answerCanceled(orders: readonly Order[]): Answer {
  return answer({ successList: orders.map(idsOf), failureList: [] });
}

/** What `parent` says for all rows and a row does not say itself. */
export function withParent(parent: Params, row: Params): Params {
  return new Map([...parent, ...row]);
}

/** Of one symbol or of all, oldest first, within the request's times. */
export function listOrders(params: Params, account: VenueAccount, context: VenueContext): readonly Order[] | Refused {
  const orders = list(params, context, (symbol, bounds) =>
    context.core.orders(account.name, symbol, { ...bounds, limit: EVERYTHING }),
  );
  return isRefused(orders) ? orders : orders.toSorted(byAcceptance);
}

export function listFills(params: Params, account: VenueAccount, context: VenueContext): readonly Fill[] | Refused {
  const orderId = params.get('orderId') || undefined;
  const fills = list(params, context, (symbol, bounds) =>
    context.core.fills(account.name, symbol, {
      ...bounds,
      ...(orderId === undefined ? {} : { venueOrderId: orderId }),
      limit: EVERYTHING,
    }),
  );
  return isRefused(fills) ? fills : fills.toSorted((a, b) => a.timeUs - b.timeUs);
}

export function isOpen({ status }: Order): boolean {
  return status === 'new' || status === 'partially_filled';
}

export function listFunding(
  params: Params,
  account: VenueAccount,
  context: VenueContext,
): readonly FundingPayment[] | Refused {
  return list(params, context, (symbol, bounds) =>
    context.core.fundingPayments(account.name, symbol, { ...bounds, limit: EVERYTHING }),
  );
}

/** Whether the order is the one that the request asks for, where it asks for one. */
export function isAskedFor(params: Params, order: Order): boolean {
  const ref = readOrderRef(params);
  if (isRefused(ref)) return true;
  return ref.by === 'venue' ? order.venueOrderId === ref.venueOrderId : order.clientOrderId === ref.clientOrderId;
}

function byAcceptance(a: Order, b: Order): number {
  return Number(a.venueOrderId) - Number(b.venueOrderId);
}

function list<T>(
  params: Params,
  { core }: VenueContext,
  read: (symbol: string, bounds: { startUs?: number; endUs?: number }) => readonly T[],
): readonly T[] | Refused {
  const instrument = readOptionalInstrument(params, core);
  if (isRefused(instrument)) return instrument;
  const bounds = timeBounds(params);
  if (isRefused(bounds)) return bounds;
  const instruments = instrument === undefined ? core.instruments() : [instrument];
  return instruments.flatMap(({ symbol }) => read(symbol, bounds));
}

function failure(row: Params, refused: Refused) {
  return {
    orderId: row.get('orderId') ?? '',
    clientOid: row.get('clientOid') ?? '',
    errorMsg: refused.msg,
    errorCode: refused.code,
  };
}
