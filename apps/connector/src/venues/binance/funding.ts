/**
 * The account's funding payments, page by page, oldest first (GET /fapi/v1/income, incomeType FUNDING_FEE).
 *
 * The venue keeps three months and pages by number. `tranId` is unique among entries of one type.
 */

import { ExchangeError } from '@trunkline/proto/exchange-error';
import { FundingPayment } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  type ListFundingPaymentsRequest,
  ListFundingPaymentsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { type PositionSide, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { amount, type Json, list, optionalText, record, text, timeUs } from '../fields.ts';
import type { QueryOptions } from './queries.ts';
import { COSTS } from './rest.ts';

const USUAL_PAGE = 500;
const MAX_PAGE = 1_000;

export async function listFundingPayments(
  request: ListFundingPaymentsRequest,
  options: QueryOptions,
): Promise<ListFundingPaymentsResponse> {
  const { client, caller, clock, venueSymbol, heard } = options;
  const askedAtUs = clock.wallUs();
  const page = request.pageToken === '' ? 1 : Number(request.pageToken);
  if (!Number.isSafeInteger(page) || page < 1) {
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  }
  const limit = Math.min(request.pageSize === 0 ? USUAL_PAGE : request.pageSize, MAX_PAGE);
  // Without a start the venue tells of the last seven days only.
  const params = {
    ...{ symbol: venueSymbol(request.symbol), incomeType: 'FUNDING_FEE', limit, page },
    startTime: Math.floor(request.sinceUs / 1_000),
  };
  const body = await caller.query(COSTS.income, () => client.fapiPrivateGetIncome(params));
  const payments = list(body, 'income').map((entry) =>
    readFundingPayment(record(entry, 'income'), heard(request.symbol).receivedAtUs, request.symbol),
  );
  const nextPageToken = payments.length < limit ? '' : String(page + 1);
  return ListFundingPaymentsResponse.fromPartial({ payments, nextPageToken, askedAtUs });
}

/** The ledger does not say which side of a hedged position was charged. */
export function readFundingPayment(
  entry: Json,
  receivedAtUs: number,
  symbol: string,
  positionSide?: PositionSide,
): FundingPayment {
  return FundingPayment.fromPartial({
    paymentId: optionalText(entry, 'tranId') ?? text(entry, 'time'),
    symbol,
    ...(positionSide === undefined ? {} : { positionSide }),
    asset: text(entry, 'asset'),
    amount: amount(entry, 'income'),
    venueTimeUs: timeUs(entry, 'time'),
    receivedAtUs,
    source: Source.QUERY,
  });
}
