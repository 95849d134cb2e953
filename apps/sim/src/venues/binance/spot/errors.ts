/**
 * What spot alone refuses, or refuses in other words than USD-M: Binance's code, message and HTTP status
 * (binance-spot-api-docs, errors.md). What both share is in ../errors.ts.
 */
import { type ErrorRow, type Refused, refusedAs, type Wording } from '../errors.ts';

const SPOT_ERRORS = {
  TOO_MUCH_WEIGHT: [
    429,
    -1003,
    'Too much request weight used; current limit is %s request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.',
  ],
  IP_BANNED: [
    418,
    -1003,
    'Way too much request weight used; IP banned until %s. Please use WebSocket Streams for live updates to avoid bans.',
  ],
  FILTER: [400, -1013, 'Filter failure: %s'],
  BAD_QUANTITY: [400, -1013, 'Invalid quantity.'],
  BAD_PRICE: [400, -1013, 'Invalid price.'],
  MARKET_CLOSED: [400, -1013, 'Market is closed.'],
  SELF_TRADE_MODE: [400, -1013, 'This symbol does not allow the specified self-trade prevention mode.'],
  TOO_PRECISE: [400, -1111, "Parameter '%s' has too much precision."],
  LONG_INTERVAL: [400, -1127, 'More than %s hours between startTime and endTime.'],
  BAD_CANCEL_RESTRICTIONS: [400, -1145, '`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`.'],
  DUPLICATE_SYMBOLS: [400, -1151, 'Symbol is present multiple times in the list.'],
  /** Spoken by the matching engine, in one of many sentences. */
  NEW_ORDER: [400, -2010, '%s'],
  CANCEL_RESTRICTED: [400, -2011, 'Order was not canceled due to cancel restrictions.'],
  REJECTED_API_KEY: [401, -2015, 'Invalid API-key, IP, or permissions for action.'],
  CANCEL_REPLACE_PARTLY: [409, -2021, 'Order cancel-replace partially failed.'],
  CANCEL_REPLACE_FAILED: [400, -2022, 'Order cancel-replace failed.'],
  /** Only Ed25519 keys log a connection on. */
  LOGON_WITH_HMAC: [400, -4056, 'HMAC_SHA256 API key is not supported.'],
} as const satisfies Record<string, ErrorRow>;

export function refuseSpot(name: keyof typeof SPOT_ERRORS, ...values: readonly string[]): Refused {
  return refusedAs(SPOT_ERRORS[name], values);
}

export const SPOT_WORDING: Wording = {
  tooMuchWeight: (_ip, limitPerMinute) => refuseSpot('TOO_MUCH_WEIGHT', String(limitPerMinute)),
  banned: (_ip, untilMs) => refuseSpot('IP_BANNED', String(untilMs)),
  rejectedKey: () => refuseSpot('REJECTED_API_KEY'),
};
