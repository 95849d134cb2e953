/**
 * Every refusal of the venue as data: Gate's label and the HTTP status it comes with (APIv4 documents, "label list";
 * "401 indicates a problem with the certification", other 4xx an invalid request). `%s` is filled in by `refuse`.
 *
 * G1  `REQUEST_EXPIRED` comes with 403: so the live service answers a stale `Timestamp`, though its documents file it
 *     under authentication.
 * G2  A `FOK` order that cannot fill whole is accepted and finished at once (`finish_as: "fok"`), not refused: both are
 *     documented, and an order that the truth holds must not be answered as if it never was.
 */
export const ERRORS = {
  INVALID_PARAM_VALUE: [400, 'Invalid parameter `%s` with value: %s'],
  INVALID_REQUEST_BODY: [400, 'Invalid request body'],
  MISSING_REQUIRED_PARAM: [400, 'Missing required parameter: %s'],
  NOT_FOUND: [404, 'Request URL not exists: %s'],
  METHOD_NOT_ALLOWED: [405, 'Request method is not allowed'],
  MISSING_REQUIRED_HEADER: [401, 'Missing required header: %s'],
  INVALID_KEY: [401, 'Invalid key provided'],
  INVALID_SIGNATURE: [401, 'Signature mismatch'],
  INVALID_CREDENTIALS: [401, 'Invalid credentials provided'],
  AUTHENTICATION_FAILED: [401, 'Not login'],
  REQUEST_EXPIRED: [403, '%s'],
  TOO_MANY_REQUESTS: [429, 'Request Rate Limit Exceeded'],
  INTERNAL: [500, 'Internal server error'],
  SERVER_ERROR: [504, 'Internal server error'],
  TOO_BUSY: [503, 'Server is too busy at the moment'],
  INVALID_CURRENCY_PAIR: [400, 'Invalid currency pair: %s'],
  INVALID_PRECISION: [400, '%s'],
  BALANCE_NOT_ENOUGH: [400, 'Not enough balance'],
  POC_FILL_IMMEDIATELY: [400, 'Order would match and take immediately so its cancelled'],
  ORDER_NOT_FOUND: [404, 'Order not found'],
  CLIENT_ID_NOT_FOUND: [404, 'Order with client ID %s not found'],
  ORDER_CLOSED: [400, 'Order already closed'],
  ORDER_CANCELLED: [400, 'Order already cancelled'],
  TOO_MANY_CURRENCY_PAIRS: [400, 'Too many currency pairs in batch orders creation'],
  TOO_MANY_ORDERS: [400, 'Too many open orders'],
  ORDER_BOOK_NOT_FOUND: [400, 'Insufficient liquidity'],
  NO_CHANGE: [400, 'No change is made'],
  AMOUNT_TOO_LITTLE: [400, '%s'],
  PRICE_THRESHOLD_EXCEEDED: [400, '%s'],
  AMOUNT_TOO_MUCH: [400, 'Amount exceeds maximum allowed'],
  TRADE_RESTRICTED: [400, 'Trading is restricted'],
  USER_NOT_FOUND: [400, 'please transfer funds first to make futures account'],
  CONTRACT_NOT_FOUND: [400, 'Contract not found'],
  CONTRACT_NO_COUNTER: [400, 'No counter order found'],
  CONTRACT_IN_DELISTING: [400, 'Contract is delisting'],
  INSUFFICIENT_AVAILABLE: [400, 'Balance is not enough'],
  LEVERAGE_TOO_HIGH: [400, 'leverage too high'],
  LEVERAGE_TOO_LOW: [400, 'leverage too low'],
  ORDER_FINISHED: [400, 'Order already finished'],
  FOK_NOT_FILL: [400, 'FOK order cannot be filled completely'],
  ORDER_FOK: [400, 'Killed for FOK'],
  ORDER_POC_IMMEDIATE: [400, 'POC order will be finished immediately'],
  PRICE_TOO_DEVIATED: [400, 'Order price deviates too much from mark price'],
  SIZE_TOO_LARGE: [400, 'Order size exceeds maximum'],
  SIZE_TOO_SMALL: [400, 'Order size does not reach minimum'],
  POSITION_EMPTY: [400, 'Position is empty'],
  POSITION_DUAL_MODE: [400, 'Operation forbidden in dual-mode'],
  POSITION_HOLDING: [400, 'Operation forbidden with holding position'],
  ORDER_PENDING: [400, 'Operation forbidden with pending orders'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type Label = keyof typeof ERRORS;

/** What the venue answers instead of a result. */
export interface Refused {
  readonly refused: true;
  /** HTTP status. */
  readonly status: number;
  readonly label: string;
  readonly message: string;
}

export function refuse(label: Label, ...values: readonly string[]): Refused {
  const [status, template] = ERRORS[label];
  let next = 0;
  return { refused: true, status, label, message: template.replace(/%s/g, () => values[next++] ?? '') };
}

/** A field with a value that the venue does not take. */
export function badValue(name: string, value: unknown): Refused {
  return refuse('INVALID_PARAM_VALUE', name, typeof value === 'string' ? value : JSON.stringify(value ?? null));
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value && value.refused === true;
}

/** The JSON of a refusal. */
export function refusalBody({ label, message }: Refused): { readonly label: string; readonly message: string } {
  return { label, message };
}
