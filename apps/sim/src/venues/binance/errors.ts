/**
 * Every refusal that both markets share and those of USD-M futures as data: Binance's code, message and HTTP status
 * (developers.binance.com, error codes; messages as the live services send them). `%s` is filled in by `refuse`. What
 * spot alone says, or says in other words, is in spot/errors.ts.
 *
 * E1  A refused order placing leaves no order behind: `GTX` that would take is -5022 whatever `newOrderRespType` is
 *     ("the order will not be recorded in the order history").
 * E2  A `FOK` order that cannot fill whole is accepted and EXPIRED at once, not refused with -5021: both are documented,
 *     and an order that the truth holds must not be answered as if it never was.
 */
export const ERRORS = {
  UNKNOWN: [500, -1000, 'An unknown error occurred while processing the request.'],
  TOO_MANY_REQUESTS: [
    429,
    -1003,
    'Too many requests; current limit of IP(%s) is %s requests per minute. Please use the websocket for live updates to avoid polling the API.',
  ],
  IP_BANNED: [
    418,
    -1003,
    'Way too many requests; IP(%s) banned until %s. Please use the websocket for live updates to avoid bans.',
  ],
  BACKEND_TIMEOUT: [
    408,
    -1007,
    'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  ],
  UNKNOWN_COMPOSITION: [400, -1014, 'Unsupported order combination.'],
  TOO_MANY_ORDERS: [429, -1015, 'Too many new orders; current limit is %s orders per %s.'],
  UNSUPPORTED_OPERATION: [400, -1020, 'This operation is not supported.'],
  OUTSIDE_RECV_WINDOW: [400, -1021, 'Timestamp for this request is outside of the recvWindow.'],
  AHEAD_OF_SERVER: [400, -1021, "Timestamp for this request was 1000ms ahead of the server's time."],
  BAD_SIGNATURE: [400, -1022, 'Signature for this request is not valid.'],
  START_AFTER_END: [400, -1023, 'Start time is greater than end time.'],
  ILLEGAL_CHARACTERS: [400, -1100, "Illegal characters found in parameter '%s'; legal range is '%s'."],
  DUPLICATE_PARAMETER: [400, -1101, 'Duplicate values for a parameter detected.'],
  MANDATORY_MISSING: [400, -1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed."],
  ONE_OF_MISSING: [400, -1102, "Param '%s' or '%s' must be sent, but both were empty/null!"],
  UNREAD_PARAMETERS: [400, -1104, "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'."],
  EMPTY_PARAMETER: [400, -1105, "Parameter '%s' was empty."],
  NOT_REQUIRED: [400, -1106, "Parameter '%s' sent when not required."],
  OVER_PRECISION: [400, -1111, 'Precision is over the maximum defined for this asset.'],
  NO_DEPTH: [400, -1112, 'No orders on book for symbol.'],
  BAD_TIME_IN_FORCE: [400, -1115, 'Invalid timeInForce.'],
  BAD_ORDER_TYPE: [400, -1116, 'Invalid orderType.'],
  BAD_SIDE: [400, -1117, 'Invalid side.'],
  BAD_INTERVAL: [400, -1120, 'Invalid interval.'],
  BAD_SYMBOL: [400, -1121, 'Invalid symbol.'],
  NO_LISTEN_KEY: [400, -1125, 'This listenKey does not exist.'],
  BAD_COMBINATION: [400, -1128, 'Combination of optional parameters invalid.'],
  BAD_VALUE: [400, -1130, "Data sent for parameter '%s' is not valid."],
  BAD_RECV_WINDOW: [400, -1131, 'recvWindow must be less than 60000'],
  BAD_RESPONSE_TYPE: [400, -1136, 'Invalid newOrderRespType.'],
  UNKNOWN_ORDER: [400, -2011, 'Unknown order sent.'],
  NO_SUCH_ORDER: [400, -2013, 'Order does not exist.'],
  BAD_API_KEY_FORMAT: [401, -2014, 'API-key format invalid.'],
  REJECTED_API_KEY: [401, -2015, 'Invalid API-key, IP, or permissions for action, request ip: %s'],
  MARGIN_INSUFFICIENT: [400, -2019, 'Margin is insufficient.'],
  REDUCE_ONLY_REJECTED: [400, -2022, 'ReduceOnly Order is rejected.'],
  MAX_OPEN_ORDERS: [400, -2025, 'Reach max open order limit.'],
  PRICE_NOT_POSITIVE: [400, -4001, 'Price less than 0.'],
  QUANTITY_NOT_POSITIVE: [400, -4003, 'Quantity less than or equal to zero.'],
  QUANTITY_BELOW_MIN: [400, -4004, 'Quantity less than min quantity.'],
  QUANTITY_ABOVE_MAX: [400, -4005, 'Quantity greater than max quantity.'],
  OFF_TICK: [400, -4014, 'Price not increased by tick size.'],
  LONG_CLIENT_ORDER_ID: [400, -4015, 'Client order id length should be less than 36 chars'],
  PRICE_ABOVE_CAP: [400, -4016, "Limit price can't be higher than %s."],
  BAD_DEPTH_LIMIT: [400, -4021, 'Limit %s not valid, please use 5, 10, 20, 50, 100, 500 or 1000.'],
  OFF_STEP: [400, -4023, 'Quantity not increased by step size.'],
  PRICE_BELOW_FLOOR: [400, -4024, "Limit price can't be lower than %s."],
  BAD_LEVERAGE: [400, -4028, 'Leverage %s is not valid'],
  SAME_MARGIN_TYPE: [400, -4046, 'No need to change margin type.'],
  SAME_POSITION_SIDE: [400, -4059, 'No need to change position side.'],
  MARGIN_TYPE_WITH_ORDERS: [400, -4047, 'Margin type cannot be changed if there exists open orders.'],
  MARGIN_TYPE_WITH_POSITION: [400, -4048, 'Margin type cannot be changed if there exists position.'],
  POSITION_SIDE_WITH_ORDERS: [400, -4067, 'Position side cannot be changed if there exists open orders.'],
  POSITION_SIDE_WITH_POSITION: [400, -4068, 'Position side cannot be changed if there exists position.'],
  POSITION_SIDE_MISMATCH: [400, -4061, "Order's position side does not match user's setting."],
  BAD_BATCH_SIZE: [400, -4082, 'Invalid number of batch place orders.'],
  DUPLICATE_CLIENT_ORDER_ID: [400, -4116, 'ClientOrderId is duplicated.'],
  CONDITIONAL_ORDER: [
    400,
    -4120,
    'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
  ],
  SYMBOL_CLOSED: [400, -4141, 'Symbol is closed.'],
  BELOW_MIN_NOTIONAL: [400, -4164, "Order's notional must be no smaller than %s (unless you choose reduce only)."],
  NO_SUCH_PATH: [404, -5000, 'Path %s, Method %s is invalid'],
  POST_ONLY_WOULD_TAKE: [
    400,
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.',
  ],
  LIMIT_ORDERS_ONLY: [400, -5025, 'Only limit order is supported.'],
  NOTHING_TO_AMEND: [400, -5027, 'No need to modify the order.'],
} as const satisfies Record<string, readonly [status: number, code: number, message: string]>;

export type ErrorName = keyof typeof ERRORS;
/** `%s` in the message is filled in. */
export type ErrorRow = readonly [status: number, code: number, message: string];

/** What the venue answers instead of a result. */
export interface Refused {
  readonly refused: true;
  /** HTTP status. */
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  /** What the body carries besides. */
  readonly data?: unknown;
  /** Seconds, with 429 and 418 only. */
  readonly retryAfterSeconds?: number;
}

/** What the two markets say in different words. */
export interface Wording {
  tooMuchWeight(ip: string, limitPerMinute: number): Refused;
  banned(ip: string, untilMs: number): Refused;
  rejectedKey(ip: string): Refused;
}

export const USDM_WORDING: Wording = {
  tooMuchWeight: (ip, limitPerMinute) => refuse('TOO_MANY_REQUESTS', ip, String(limitPerMinute)),
  banned: (ip, untilMs) => refuse('IP_BANNED', ip, String(untilMs)),
  rejectedKey: (ip) => refuse('REJECTED_API_KEY', ip),
};

export function refuse(name: ErrorName, ...values: readonly string[]): Refused {
  return refusedAs(ERRORS[name], values);
}

export function refusedAs([status, code, template]: ErrorRow, values: readonly string[]): Refused {
  let next = 0;
  return { refused: true, status, code, msg: template.replace(/%s/g, () => values[next++] ?? '') };
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value && value.refused === true;
}

/** The JSON of a refusal. */
export function refusalBody({ code, msg, data }: Refused) {
  return data === undefined ? { code, msg } : { code, msg, data };
}
