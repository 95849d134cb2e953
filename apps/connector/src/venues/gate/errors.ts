/**
 * Gate's error labels as verdicts (APIv4 documents, "label list"; the WebSocket API carries the same labels in
 * `data.errs`). Only labels whose meaning is that the request was refused stand here; all others are unknown.
 *
 * INTERNAL, SERVER_ERROR and TOO_BUSY are the venue's own faults: they say nothing of the order, whatever status comes
 * with them. REQUEST_EXPIRED is both the stale `Timestamp` and the passed `x-gate-exptime`: each is checked on arrival,
 * so it proves that nothing was executed.
 */
import { RejectReason as R } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type ErrorTable, rejected, STATUS_UNKNOWN, type Verdict } from '../error-table.ts';

const OTHER = rejected(R.OTHER);
const BAD_PRICE = rejected(R.INVALID_PRICE);
const BAD_QUANTITY = rejected(R.INVALID_QUANTITY);
const FUNDS = rejected(R.INSUFFICIENT_FUNDS);
const NOT_OPEN = rejected(R.ORDER_NOT_OPEN);
const POST_ONLY = rejected(R.POST_ONLY);
const REDUCE_ONLY = rejected(R.REDUCE_ONLY);
const UNKNOWN_SYMBOL = rejected(R.UNKNOWN_SYMBOL);
const TOO_MANY = rejected(R.TOO_MANY_ORDERS);
const CLOSED = rejected(R.MARKET_CLOSED);
const DUPLICATE = rejected(R.DUPLICATE_CLIENT_ORDER_ID);
const PERMISSION = rejected(R.PERMISSION);
const CREDENTIALS = rejected(R.PERMISSION, 'bad_credentials');
const LIMITED: Verdict = { kind: 'rate_limited', what: 'requests' };

/** Settings that stand already. */
export const NO_CHANGE = 'NO_CHANGE';
export const POSITION_NOT_FOUND = 'POSITION_NOT_FOUND';
/** No such order: by id, or by a text that is no open order's (any more). */
export const NO_SUCH_ORDER: ReadonlySet<string> = new Set(['ORDER_NOT_FOUND', 'CLIENT_ID_NOT_FOUND']);

const LABELS: readonly (readonly [label: string, verdict: Verdict])[] = [
  // Requests.
  ['INVALID_PARAM_VALUE', OTHER],
  ['INVALID_PROTOCOL', OTHER],
  ['INVALID_ARGUMENT', OTHER],
  ['INVALID_REQUEST_BODY', OTHER],
  ['MISSING_REQUIRED_PARAM', OTHER],
  ['BAD_REQUEST', OTHER],
  ['INVALID_CONTENT_TYPE', OTHER],
  ['NOT_ACCEPTABLE', OTHER],
  ['METHOD_NOT_ALLOWED', OTHER],
  ['NOT_FOUND', OTHER],
  // Authentication.
  ['INVALID_CREDENTIALS', CREDENTIALS],
  ['INVALID_KEY', CREDENTIALS],
  ['INVALID_SIGNATURE', CREDENTIALS],
  ['AUTHENTICATION_FAILED', CREDENTIALS],
  ['MISSING_REQUIRED_HEADER', CREDENTIALS],
  ['IP_FORBIDDEN', CREDENTIALS],
  ['READ_ONLY', PERMISSION],
  ['FORBIDDEN', PERMISSION],
  ['ACCOUNT_LOCKED', PERMISSION],
  ['SUB_ACCOUNT_LOCKED', PERMISSION],
  ['REQUEST_EXPIRED', rejected(R.TIMESTAMP, 'resync_clock')],
  // Rates.
  ['TOO_MANY_REQUESTS', LIMITED],
  ['TOO_FAST', LIMITED],
  // The venue's own faults.
  ['INTERNAL', STATUS_UNKNOWN],
  ['SERVER_ERROR', STATUS_UNKNOWN],
  ['TOO_BUSY', STATUS_UNKNOWN],
  // Orders in general.
  ['ORDER_NOT_FOUND', NOT_OPEN],
  ['CLIENT_ID_NOT_FOUND', NOT_OPEN],
  ['ORDER_NOT_OWNED', NOT_OPEN],
  ['INVALID_CLIENT_ORDER_ID', OTHER],
  ['DUPLICATE_REQUEST', DUPLICATE],
  ['ORDER_EXISTS', DUPLICATE],
  ['REPEATED_CREATION', DUPLICATE],
  ['TOO_MANY_ORDERS', TOO_MANY],
  ['NO_CHANGE', OTHER],
  // Spot.
  ['INVALID_PRECISION', OTHER],
  ['INVALID_CURRENCY', UNKNOWN_SYMBOL],
  ['INVALID_CURRENCY_PAIR', UNKNOWN_SYMBOL],
  ['POC_FILL_IMMEDIATELY', POST_ONLY],
  ['FOK_NOT_FILL', OTHER],
  ['ORDER_CLOSED', NOT_OPEN],
  ['ORDER_CANCELLED', NOT_OPEN],
  ['QUANTITY_NOT_ENOUGH', FUNDS],
  ['BALANCE_NOT_ENOUGH', FUNDS],
  ['MARGIN_NOT_SUPPORTED', OTHER],
  ['MARGIN_BALANCE_NOT_ENOUGH', FUNDS],
  ['AMOUNT_TOO_LITTLE', rejected(R.MIN_NOTIONAL)],
  ['AMOUNT_TOO_MUCH', BAD_QUANTITY],
  ['TOO_MANY_CURRENCY_PAIRS', OTHER],
  ['MIXED_ACCOUNT_TYPE', OTHER],
  ['AUTO_BORROW_TOO_MUCH', FUNDS],
  ['TRADE_RESTRICTED', CLOSED],
  ['INITIAL_MARGIN_TOO_LOW', FUNDS],
  ['ORDER_BOOK_NOT_FOUND', OTHER],
  ['PRICE_THRESHOLD_EXCEEDED', BAD_PRICE],
  // Futures.
  ['USER_NOT_FOUND', PERMISSION],
  ['CONTRACT_NO_COUNTER', OTHER],
  ['CONTRACT_NOT_FOUND', UNKNOWN_SYMBOL],
  ['RISK_LIMIT_EXCEEDED', FUNDS],
  ['INSUFFICIENT_AVAILABLE', FUNDS],
  ['FUTURES_BALANCE_NOT_ENOUGH', FUNDS],
  ['LIQUIDATE_IMMEDIATELY', OTHER],
  ['LEVERAGE_TOO_HIGH', OTHER],
  ['LEVERAGE_TOO_LOW', OTHER],
  ['ORDER_FINISHED', NOT_OPEN],
  ['POSITION_CROSS_MARGIN', OTHER],
  ['POSITION_IN_LIQUIDATION', OTHER],
  ['POSITION_IN_CLOSE', OTHER],
  ['POSITION_EMPTY', REDUCE_ONLY],
  ['POSITION_NOT_FOUND', OTHER],
  ['POSITION_DUAL_MODE', OTHER],
  ['POSITION_HOLDING', OTHER],
  ['ORDER_PENDING', OTHER],
  ['REMOVE_TOO_MUCH', OTHER],
  ['RISK_LIMIT_NOT_MULTIPLE', OTHER],
  ['RISK_LIMIT_TOO_HIGH', OTHER],
  ['RISK_LIMIT_TOO_LOW', OTHER],
  ['PRICE_TOO_DEVIATED', BAD_PRICE],
  ['PRICE_OVER_LIQUIDATION', BAD_PRICE],
  ['PRICE_OVER_BANKRUPT', BAD_PRICE],
  ['SIZE_TOO_LARGE', BAD_QUANTITY],
  ['SIZE_TOO_SMALL', BAD_QUANTITY],
  ['ORDER_POC_IMMEDIATE', POST_ONLY],
  ['INCREASE_POSITION', REDUCE_ONLY],
  ['REDUCE_EXCEEDED', REDUCE_ONLY],
  ['CONTRACT_IN_DELISTING', CLOSED],
  ['AMEND_WITH_STOP', OTHER],
  ['ORDER_FOK', OTHER],
];

export const GATE_ERRORS: ErrorTable = {
  codes: new Map(LABELS),
  // One label for many faults; these two texts are on record.
  texts: [
    { code: 'INVALID_PARAM_VALUE', begins: 'Your order size', verdict: rejected(R.MIN_NOTIONAL) },
    { code: 'INVALID_ARGUMENT', begins: 'invalid size', verdict: BAD_QUANTITY },
  ],
};
