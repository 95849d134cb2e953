/**
 * Every refusal of the venue as data: HTTP status, Bitget's code and message. Codes and messages are those of the REST
 * error table in Bitget's classic API documents; `%s` stands for the table's `{0}` and is filled in by `refuse`.
 *
 * E1  Refusals come with HTTP 400 whatever the code; a limit with 429, an unknown path with 404.
 * E2  A duplicate client id is 40786 on futures and 43118 on spot: the table lists both, and the documents' example of
 *     a spot batch carries the message of 43118.
 */
export const ERRORS = {
  TOO_MANY_REQUESTS: [429, '429', 'Too Many Requests'],
  NO_ORDER_TO_CANCEL: [400, '22001', 'No order to cancel'],
  NO_POSITION_TO_CLOSE: [400, '22002', 'No position to close'],
  NO_NEW_CLIENT_OID: [400, '22003', 'modify price and size, please pass in newClientOid'],
  PRICE_ABOVE_RISK: [400, '22006', 'limit price > risk price'],
  PRICE_BELOW_RISK: [400, '22007', 'limit price < risk price'],
  NO_KEY: [400, '40001', 'ACCESS_KEY cannot be empty'],
  NO_SIGNATURE: [400, '40003', 'Signature cannot be empty'],
  BAD_TIMESTAMP: [400, '40005', 'Invalid ACCESS_TIMESTAMP'],
  BAD_KEY: [400, '40006', 'Invalid ACCESS_KEY'],
  BAD_CONTENT_TYPE: [400, '40007', 'Invalid Content_Type'],
  EXPIRED: [400, '40008', 'Request timestamp expired'],
  BAD_SIGNATURE: [400, '40009', 'sign signature error'],
  NO_PASSPHRASE: [400, '40011', 'ACCESS_PASSPHRASE cannot be empty'],
  BAD_PASSPHRASE: [400, '40012', 'apikey/password is incorrect'],
  BAD_PARAMETER: [400, '40017', 'Parameter verification failed %s'],
  VERIFICATION_FAILED: [400, '400172', 'Parameter verification failed'],
  EMPTY_PARAMETER: [400, '40019', 'Parameter %s cannot be empty'],
  NO_SUCH_PARAMETER: [400, '40034', 'Parameter %s does not exist'],
  OUTSIDE_RECEIVE_WINDOW: [400, '40078', 'Timestamp for this request is outside of the ME receiveWindow.'],
  LONG_RECEIVE_WINDOW: [400, '40079', 'receiveWindow timestamp must be less than 60s'],
  CLASSIC_ACCOUNT: [400, '25245', 'The account is not the unified account mode'],
  NO_SUCH_ORDER: [400, '40109', 'The data of the order cannot be found, please confirm the order number'],
  BAD_CLIENT_OID: [
    400,
    '40305',
    'clientOid or clientOrderId length cannot greater than 64, and cannot be Martian characters',
  ],
  NO_SUCH_PATH: [404, '40404', 'Request URL NOT FOUND'],
  START_AFTER_END: [400, '40707', 'Start time is greater than end time'],
  SERVICE_ERROR: [503, '40725', 'service return an error'],
  MAX_OPEN_ORDERS: [400, '40761', 'The total number of unfilled orders is too high'],
  BALANCE_EXCEEDED: [400, '40762', 'The order amount exceeds the balance'],
  NO_ORDER_TO_CHANGE: [400, '40768', 'Order does not exist'],
  ONE_WAY_ORDER_IN_HEDGE: [
    400,
    '40774',
    'The order type for unilateral position must also be the unilateral position type.',
  ],
  DUPLICATE_CLIENT_OID: [400, '40786', 'Duplicate clientOid'],
  LEVERAGE_TOO_HIGH: [400, '40797', 'Exceeded the maximum settable leverage'],
  SCALE: [400, '40808', 'Parameter verification exception %s checkBDScale error value=%s checkScale=%s'],
  NO_DEPTH: [400, '40825', 'Contract opponent depth does not exist'],
  UNDER_MAINTENANCE: [400, '40844', 'This contract is under temporary maintenance'],
  TIMED_OUT: [504, '40910', 'Operation timed out'],
  TOO_MANY_CANCELS: [400, '40912', 'single cancel cannot exceed 50'],
  POSITION_MODE_LOCKED: [400, '40920', 'Position or order exists, the position mode cannot be switched'],
  NEW_ORDERS_ONLY: [400, '40922', 'Only work order modifications are allowed'],
  NOTHING_TO_CHANGE: [400, '40923', 'Order size and price have not changed'],
  NO_ORDER_ID: [400, '40924', 'orderId and clientOid must have one'],
  PRICE_AND_SIZE: [400, '40925', 'price or size must be passed in together'],
  SPOT_UNDER_MAINTENANCE: [
    400,
    '41114',
    'The current trading pair is under maintenance, please refer to the official announcement for the opening time',
  ],
  SPOT_NO_SUCH_ORDER: [400, '43001', 'The order does not exist'],
  SPOT_NO_ORDER_TO_CANCEL: [400, '43004', 'There is no order to cancel'],
  SPOT_MAX_OPEN_ORDERS: [400, '43005', 'Exceed the maximum number of orders'],
  SPOT_SIZE_BELOW_MIN: [400, '43006', 'The order quantity is less than the minimum transaction quantity'],
  SPOT_SIZE_ABOVE_MAX: [400, '43007', 'The order quantity is greater than the maximum transaction quantity'],
  SPOT_PRICE_BELOW_FLOOR: [400, '43008', 'The current order price cannot be less than %s%s'],
  SPOT_PRICE_ABOVE_CAP: [400, '43009', 'The current order price exceeds the limit %s%s'],
  BAD_VALUE: [400, '43011', 'The parameter does not meet the specification %s'],
  INSUFFICIENT_BALANCE: [400, '43012', 'Insufficient balance'],
  SPOT_OFF_TICK: [400, '43028', 'Please enter an integer multiple of %s for price'],
  SPOT_DUPLICATE_CLIENT_OID: [400, '43118', 'clientOrderId duplicate'],
  BELOW_MIN_NOTIONAL: [400, '45110', 'less than the minimum amount %s USDT'],
  SIZE_BELOW_MIN: [400, '45111', 'less than the minimum order quantity'],
  SIZE_ABOVE_MAX: [400, '45112', 'more than the maximum order quantity'],
  OFF_TICK: [400, '45115', 'The price you enter should be a multiple of %s'],
  MARGIN_MODE_LOCKED: [400, '45117', 'Currently holding positions or orders, the margin mode cannot be adjusted'],
} as const satisfies Record<string, readonly [status: number, code: string, message: string]>;

export type ErrorName = keyof typeof ERRORS;

/** What the venue answers instead of a result. */
export interface Refused {
  readonly refused: true;
  /** HTTP status. */
  readonly status: number;
  readonly code: string;
  readonly msg: string;
}

export function refuse(name: ErrorName, ...values: readonly string[]): Refused {
  const [status, code, template] = ERRORS[name];
  let next = 0;
  return { refused: true, status, code, msg: template.replace(/%s/g, () => values[next++] ?? '').trimEnd() };
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value && value.refused === true;
}
