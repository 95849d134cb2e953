/**
 * Binance spot's error codes as verdicts (binance-spot-api-docs, errors.md). Only codes whose description says that the
 * order was refused stand here; all others are unknown.
 *
 * -1013 is refused before the matching engine, -2010 and -2011 by it; each says which of many reasons in its text
 * ("Messages for -1010, -2010, -2011", "Filter failures"), so their texts are part of the table.
 * -2021 and -2022 speak of two steps: `spot-commands.ts` looks at the steps themselves.
 */
import { RejectReason as R } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type ErrorTable, rejected, STATUS_UNKNOWN, type Verdict } from '../error-table.ts';

const OTHER = rejected(R.OTHER);
const NOT_OPEN = rejected(R.ORDER_NOT_OPEN);
const CREDENTIALS = rejected(R.PERMISSION, 'bad_credentials');
const NO_PERMISSION = rejected(R.PERMISSION);

const REFUSED_CONTENT = [
  ...[-1013, -1014, -1020, -1023, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1111, -1112, -1114, -1115],
  ...[-1116, -1117, -1118, -1119, -1127, -1128, -1130, -1131, -1134, -1135, -1145, -1151, -1165, -1166],
];

const CODES: readonly (readonly [code: number, verdict: Verdict])[] = [
  [-1002, CREDENTIALS],
  [-1003, { kind: 'rate_limited', what: 'requests' }],
  [-1006, STATUS_UNKNOWN],
  [-1007, STATUS_UNKNOWN],
  [-1008, rejected(R.RATE_LIMITED)],
  [-1015, { kind: 'rate_limited', what: 'orders' }],
  [-1021, rejected(R.TIMESTAMP, 'resync_clock')],
  [-1022, CREDENTIALS],
  [-1121, rejected(R.UNKNOWN_SYMBOL)],
  [-2010, OTHER],
  [-2011, NOT_OPEN],
  [-2013, NOT_OPEN],
  [-2014, CREDENTIALS],
  [-2015, CREDENTIALS],
  [-2026, NOT_OPEN],
];

const TEXTS: readonly (readonly [code: number, begins: string, verdict: Verdict])[] = [
  [-2010, 'Duplicate order sent.', rejected(R.DUPLICATE_CLIENT_ORDER_ID)],
  [-2010, 'Account has insufficient balance', rejected(R.INSUFFICIENT_FUNDS)],
  [-2010, 'Order would immediately match and take.', rejected(R.POST_ONLY)],
  [-2010, 'Market is closed.', rejected(R.MARKET_CLOSED)],
  [-2010, 'This action is disabled on this account.', NO_PERMISSION],
  [-2010, 'This account may not place or cancel orders.', NO_PERMISSION],
  [-2010, 'This symbol is not permitted for this account.', NO_PERMISSION],
  [-2010, 'This symbol is restricted for this account.', NO_PERMISSION],
  [-2011, 'This action is disabled on this account.', NO_PERMISSION],
  [-2011, 'This account may not place or cancel orders.', NO_PERMISSION],
  // The cancel was not tried because of the order's state: it may well be open.
  [-2011, 'Order was not canceled due to cancel restrictions.', OTHER],
  [-1013, 'Filter failure: PRICE_FILTER', rejected(R.INVALID_PRICE)],
  [-1013, 'Filter failure: PERCENT_PRICE', rejected(R.INVALID_PRICE)],
  [-1013, 'Filter failure: LOT_SIZE', rejected(R.INVALID_QUANTITY)],
  [-1013, 'Filter failure: MARKET_LOT_SIZE', rejected(R.INVALID_QUANTITY)],
  [-1013, 'Filter failure: MIN_NOTIONAL', rejected(R.MIN_NOTIONAL)],
  [-1013, 'Filter failure: NOTIONAL', rejected(R.MIN_NOTIONAL)],
  [-1013, 'Filter failure: MAX_NUM', rejected(R.TOO_MANY_ORDERS)],
  [-1013, 'Filter failure: EXCHANGE_MAX_NUM', rejected(R.TOO_MANY_ORDERS)],
  [-1013, 'Invalid quantity.', rejected(R.INVALID_QUANTITY)],
  [-1013, 'Invalid price.', rejected(R.INVALID_PRICE)],
];

export const SPOT_ERRORS: ErrorTable = {
  codes: new Map(
    [...REFUSED_CONTENT.map((code) => [code, OTHER] as const), ...CODES].map(([code, verdict]) => [
      String(code),
      verdict,
    ]),
  ),
  texts: TEXTS.map(([code, begins, verdict]) => ({ code: String(code), begins, verdict })),
};
