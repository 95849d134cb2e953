/**
 * Pages over a list of open orders that a venue gives whole.
 *
 * By venue id, so that a page's token names the last one seen and orders that end between two pages leave no hole: at
 * these venues ids are whole numbers that only grow.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type ListOpenOrdersRequest,
  ListOpenOrdersResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

const USUAL_PAGE = 500;

export function openOrdersPage(
  orders: readonly Order[],
  request: ListOpenOrdersRequest,
  askedAtUs: number,
): ListOpenOrdersResponse {
  const sorted = [...orders].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const { pageToken } = request;
  if (!/^\d{0,20}$/.test(pageToken)) {
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'page_token is not one that was given', 'page_token');
  }
  const seen = pageToken === '' ? -1n : BigInt(pageToken);
  const rest = sorted.filter((order) => idOf(order) > seen);
  const page = rest.slice(0, request.pageSize === 0 ? USUAL_PAGE : request.pageSize);
  const nextPageToken = page.length < rest.length ? (page.at(-1)?.venueOrderId ?? '') : '';
  return ListOpenOrdersResponse.fromPartial({ orders: page, nextPageToken, askedAtUs });
}

function idOf(order: Order): bigint {
  return BigInt(order.venueOrderId);
}
