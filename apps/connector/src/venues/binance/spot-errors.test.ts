import { expect, test } from 'bun:test';
import { RejectReason, UnknownCause } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { classify } from '../error-table.ts';
import { SPOT_ERRORS } from './spot-errors.ts';

const verdict = (status: number, code: number, message: string) => classify(SPOT_ERRORS, status, String(code), message);

test.each([
  [-2010, 'Duplicate order sent.', RejectReason.DUPLICATE_CLIENT_ORDER_ID],
  [-2010, 'Account has insufficient balance for requested action.', RejectReason.INSUFFICIENT_FUNDS],
  [-2010, 'Order would immediately match and take.', RejectReason.POST_ONLY],
  [-2010, 'Market is closed.', RejectReason.MARKET_CLOSED],
  [-2010, 'This symbol is restricted for this account.', RejectReason.PERMISSION],
  [-2010, 'Stop price would trigger immediately.', RejectReason.OTHER],
  [-2010, 'a text of later days', RejectReason.OTHER],
  [-2011, 'Unknown order sent.', RejectReason.ORDER_NOT_OPEN],
  [-2011, 'Order was not canceled due to cancel restrictions.', RejectReason.OTHER],
  [-2013, 'Order does not exist.', RejectReason.ORDER_NOT_OPEN],
  [-1013, 'Filter failure: PRICE_FILTER', RejectReason.INVALID_PRICE],
  [-1013, 'Filter failure: PERCENT_PRICE_BY_SIDE', RejectReason.INVALID_PRICE],
  [-1013, 'Filter failure: LOT_SIZE', RejectReason.INVALID_QUANTITY],
  [-1013, 'Filter failure: NOTIONAL', RejectReason.MIN_NOTIONAL],
  [-1013, 'Filter failure: MAX_NUM_ORDERS', RejectReason.TOO_MANY_ORDERS],
  [-1021, 'Timestamp for this request is outside of the recvWindow.', RejectReason.TIMESTAMP],
  [-2015, 'Invalid API-key, IP, or permissions for action.', RejectReason.PERMISSION],
])('%d "%s" is a refusal of its own kind', (code, message, reason) => {
  expect(verdict(400, code, message)).toMatchObject({ kind: 'rejected', reason });
});

test.each([
  [400, -1006, 'An unexpected response was received from the message bus. Execution status unknown.'],
  [400, -1007, 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.'],
  [400, -1000, 'An unknown error occurred while processing the request.'],
  [400, -9999, 'Account has insufficient balance for requested action.'],
  [503, -2010, 'Duplicate order sent.'],
])('HTTP %d with %d proves nothing, whatever its text', (status, code, message) => {
  expect(verdict(status, code, message)).toEqual({ kind: 'unknown', cause: UnknownCause.VENUE_ERROR });
});
