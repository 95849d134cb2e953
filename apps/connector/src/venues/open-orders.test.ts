import { expect, test } from 'bun:test';
import { ListOpenOrdersRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { openOrdersPage } from './open-orders.ts';

const ORDERS = ['9', '100', '20'].map((venueOrderId) => Order.fromPartial({ venueOrderId }));
const page = (pageSize: number, pageToken: string) =>
  openOrdersPage(ORDERS, ListOpenOrdersRequest.fromPartial({ pageSize, pageToken }), 1);

test('pages follow each other by the number of the order, and the last has no token', () => {
  const first = page(2, '');
  expect(first.orders.map(({ venueOrderId }) => venueOrderId)).toEqual(['9', '20']);
  const second = page(2, first.nextPageToken);
  expect(second.orders.map(({ venueOrderId }) => venueOrderId)).toEqual(['100']);
  expect(second.nextPageToken).toBe('');
});

test('a token that was never given is refused, not read as the first page', () => {
  expect(() => page(2, 'not-a-token')).toThrow('page_token');
});
