/** Which of the venue's codes prove what; the texts are those of its REST error table. */
import { expect, test } from 'bun:test';
import { RejectReason as R, UnknownCause } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { classify } from '../error-table.ts';
import { BITGET_ERRORS, FAILED_WITHOUT_CODE } from './errors.ts';
import { BITGET_REST, budgetsOf, costOf, errorOf } from './rest.ts';

test.each([
  ['40008', 'Request timestamp expired', R.TIMESTAMP],
  ['40078', 'Timestamp for this request is outside of the ME receiveWindow.', R.TIMESTAMP],
  ['40009', 'sign signature error', R.PERMISSION],
  ['40012', 'apikey/password is incorrect', R.PERMISSION],
  ['40014', 'Incorrect permissions, need {0} permissions', R.PERMISSION],
  ['40085', 'You are in Unified Account mode', R.PERMISSION],
  ['40762', 'The order amount exceeds the balance', R.INSUFFICIENT_FUNDS],
  ['43012', 'Insufficient balance', R.INSUFFICIENT_FUNDS],
  ['22002', 'No position to close', R.REDUCE_ONLY],
  ['45115', 'The price you enter should be a multiple of 0.1', R.INVALID_PRICE],
  ['40808', 'Parameter verification exception size checkBDScale error value=2293.577 checkScale=2', R.INVALID_QUANTITY],
  ['40808', 'Parameter verification exception price checkBDScale error value=1.234 checkScale=1', R.INVALID_PRICE],
  ['40808', 'Parameter verification exception margin mode == FIXED', R.OTHER],
  ['45111', 'less than the minimum order quantity', R.INVALID_QUANTITY],
  ['45110', 'less than the minimum amount 5 USDT', R.MIN_NOTIONAL],
  ['40786', 'Duplicate clientOid', R.DUPLICATE_CLIENT_ORDER_ID],
  ['43118', 'clientOrderId duplicate', R.DUPLICATE_CLIENT_ORDER_ID],
  ['40102', 'Symbol does not exist', R.UNKNOWN_SYMBOL],
  ['40768', 'Order does not exist', R.ORDER_NOT_OPEN],
  ['43001', 'The order does not exist', R.ORDER_NOT_OPEN],
  ['22001', 'No order to cancel', R.ORDER_NOT_OPEN],
  ['40761', 'The total number of unfilled orders is too high', R.TOO_MANY_ORDERS],
  ['40844', 'This contract is under temporary maintenance', R.MARKET_CLOSED],
  ['40774', 'The order type for unilateral position must also be the unilateral position type.', R.OTHER],
  [FAILED_WITHOUT_CODE, '', R.OTHER],
])('%s %s is a refusal', (code, message, reason) => {
  for (const status of [200, 400]) {
    expect(classify(BITGET_ERRORS, status, code, message)).toMatchObject({ kind: 'rejected', reason });
  }
});

test.each(['40010', '40015', '40200', '40725', '40908', '40910', '43002', '45001', '45023', '50031', '99999', ''])(
  'code %p proves nothing',
  (code) => {
    expect(classify(BITGET_ERRORS, 400, code, '')).toEqual({ kind: 'unknown', cause: UnknownCause.VENUE_ERROR });
  },
);

test('a server error proves nothing, whatever code comes with it', () => {
  expect(classify(BITGET_ERRORS, 503, '43012', 'Insufficient balance').kind).toBe('unknown');
});

test('codes that speak of the clock or the key say so', () => {
  expect(classify(BITGET_ERRORS, 400, '40008', '')).toMatchObject({ effect: 'resync_clock' });
  expect(classify(BITGET_ERRORS, 400, '40006', '')).toMatchObject({ effect: 'bad_credentials' });
});

test('a limit closes the path that was called, and no other', () => {
  expect(classify(BITGET_ERRORS, 429, '429', 'Too Many Requests').kind).toBe('rate_limited');
  expect(BITGET_REST.limitedBy?.(costOf('place_order'))).toEqual({ kind: 'place_order', forMs: 1_000 });
});

test('every call has a budget for its path and counts for the address', () => {
  for (const market of ['perpetual', 'spot'] as const) {
    const kinds = budgetsOf(market).map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const kind of Object.keys(costOf('cancel_order'))) expect(kinds).toContain(kind);
    // A query's share of every budget is at least one call.
    for (const { limit } of budgetsOf(market)) expect(Math.floor(limit * 0.75)).toBeGreaterThan(0);
  }
});

test('an error is a code other than success, in an envelope or in a failure list', () => {
  expect(errorOf({ code: '00000', msg: 'success', data: {} })).toBeUndefined();
  expect(errorOf({ orderId: '1', clientOid: 'a' })).toBeUndefined();
  expect(errorOf([])).toBeUndefined();
  expect(errorOf({ code: '43012', msg: 'Insufficient balance' })).toEqual({
    code: '43012',
    message: 'Insufficient balance',
  });
  const entry = { orderId: '', clientOid: 'a', errorMsg: 'less than the minimum amount 5 USDT', errorCode: '45110' };
  expect(errorOf(entry)).toEqual({ code: '45110', message: 'less than the minimum amount 5 USDT' });
  // One without a code proves nothing that is documented.
  expect(errorOf({ ...entry, errorCode: '' })?.code).toBe('');
  expect(classify(BITGET_ERRORS, 400, '', 'some words').kind).toBe('unknown');
});
