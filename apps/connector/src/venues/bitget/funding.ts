/**
 * The account's funding payments (GET /api/v2/mix/account/bill, `contract_settle_fee`), oldest first: the venue's bills
 * come newest first, at most 30 days a request, and are kept for 90.
 *
 * N1  A page ends between two bills, at (time, bill id) of the last; the next begins after it.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { FundingPayment } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  type ListFundingPaymentsRequest,
  ListFundingPaymentsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { readFunding } from './account-mapper.ts';
import { HISTORY_KEPT_MS } from './capabilities.ts';
import type { BitgetClient } from './client.ts';
import { type LookupOptions, walkList } from './lookup.ts';
import { costOf } from './rest.ts';

const USUAL_PAGE = 500;
const WINDOW_MS = 30 * 86_400_000;

export interface FundingOptions extends LookupOptions {
  readonly client: BitgetClient;
}

export async function listFundingPayments(
  options: FundingOptions,
  request: ListFundingPaymentsRequest,
): Promise<ListFundingPaymentsResponse> {
  const { client, product, venueSymbol, heard, nowMs } = options;
  const askedAtUs = options.clock.wallUs();
  const limit = request.pageSize === 0 ? USUAL_PAGE : request.pageSize;
  // Read once: time that passes while the venue answers makes no further page.
  const askedMs = nowMs();
  const { startMs, afterId } = cursorOf(request, askedMs);
  const endMs = Math.min(startMs + WINDOW_MS, Math.max(askedMs, startMs));
  const words = {
    endpoint: (own: object) => client.privateMixGetV2MixAccountBill({ ...product.scope, ...own }),
    cost: costOf('bills'),
    name: 'bills',
    id: 'billId',
  } as const;
  const symbol = venueSymbol(request.symbol);
  const { rows, complete } = await walkList(options, words, {
    symbol,
    businessType: 'contract_settle_fee',
    startTime: String(startMs),
    endTime: String(endMs),
  });
  if (!complete) throw new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'more bills than can be read');
  const payments = rows
    // The list is of the account; `symbol` is an optional filter of it.
    .filter((bill) => bill['symbol'] === symbol)
    .map((bill) => readFunding(bill, heard(request.symbol)))
    .filter((payment) => payment.venueTimeUs >= request.sinceUs && isAfter(payment, startMs, afterId))
    .toSorted((a, b) => a.venueTimeUs - b.venueTimeUs || (BigInt(a.paymentId) < BigInt(b.paymentId) ? -1 : 1));
  const page = payments.slice(0, limit);
  const last = page.at(-1);
  const nextPageToken =
    page.length < payments.length && last !== undefined
      ? `${Math.floor(last.venueTimeUs / 1_000)}.${last.paymentId}`
      : endMs < askedMs
        ? `${endMs + 1}.0`
        : '';
  return ListFundingPaymentsResponse.fromPartial({ payments: page, nextPageToken, askedAtUs });
}

function cursorOf({ pageToken, sinceUs }: ListFundingPaymentsRequest, nowMs: number) {
  if (pageToken === '') {
    return { startMs: Math.max(Math.floor(sinceUs / 1_000), nowMs - HISTORY_KEPT_MS), afterId: 0n };
  }
  const [, startMs, afterId] = /^(\d{1,15})\.(\d{1,24})$/.exec(pageToken) ?? [];
  if (startMs === undefined || afterId === undefined)
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  return { startMs: Number(startMs), afterId: BigInt(afterId) };
}

function isAfter(payment: FundingPayment, startMs: number, afterId: bigint): boolean {
  return Math.floor(payment.venueTimeUs / 1_000) > startMs || BigInt(payment.paymentId) > afterId;
}
