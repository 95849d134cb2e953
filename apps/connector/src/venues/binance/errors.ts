/**
 * Binance USD-M's error codes as verdicts (developers.binance.com, derivatives, USD-M futures, error codes). Only codes
 * whose description says that the order was refused stand here; all others are unknown.
 *
 * -1006, -1007 and every 5xx: "execution status unknown". -1021: checked before the matching engine, so it proves that
 * nothing was executed. -5028: the same check by the engine itself.
 */
import { RejectReason as R } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type ErrorTable, rejected, STATUS_UNKNOWN, type Verdict } from '../error-table.ts';

const OTHER = rejected(R.OTHER);
const BAD_PRICE = rejected(R.INVALID_PRICE);
const BAD_QUANTITY = rejected(R.INVALID_QUANTITY);
const NOT_OPEN = rejected(R.ORDER_NOT_OPEN);
const REDUCE_ONLY = rejected(R.REDUCE_ONLY);
const FUNDS = rejected(R.INSUFFICIENT_FUNDS);
const TOO_MANY = rejected(R.TOO_MANY_ORDERS);
const CLOSED = rejected(R.MARKET_CLOSED);
const CLOCK = rejected(R.TIMESTAMP, 'resync_clock');
const CREDENTIALS = rejected(R.PERMISSION, 'bad_credentials');

const CODES: readonly (readonly [code: number, verdict: Verdict])[] = [
  [-1002, CREDENTIALS],
  [-1003, { kind: 'rate_limited', what: 'requests' }],
  [-1006, STATUS_UNKNOWN],
  [-1007, STATUS_UNKNOWN],
  [-1008, rejected(R.RATE_LIMITED)],
  [-1013, OTHER],
  [-1014, OTHER],
  [-1015, { kind: 'rate_limited', what: 'orders' }],
  [-1020, OTHER],
  [-1021, CLOCK],
  [-1022, CREDENTIALS],
  [-1023, OTHER],
  [-1100, OTHER],
  [-1101, OTHER],
  [-1102, OTHER],
  [-1103, OTHER],
  [-1104, OTHER],
  [-1105, OTHER],
  [-1106, OTHER],
  [-1111, OTHER],
  [-1112, OTHER],
  [-1114, OTHER],
  [-1115, OTHER],
  [-1116, OTHER],
  [-1117, OTHER],
  [-1121, rejected(R.UNKNOWN_SYMBOL)],
  [-1125, OTHER],
  [-1127, OTHER],
  [-1128, OTHER],
  [-1130, OTHER],
  [-2010, OTHER],
  [-2011, NOT_OPEN],
  [-2013, NOT_OPEN],
  [-2014, CREDENTIALS],
  [-2015, CREDENTIALS],
  [-2018, FUNDS],
  [-2019, FUNDS],
  [-2020, OTHER],
  [-2021, OTHER],
  [-2022, REDUCE_ONLY],
  [-2023, OTHER],
  [-2024, FUNDS],
  [-2025, TOO_MANY],
  [-2026, NOT_OPEN],
  [-2027, OTHER],
  [-2028, OTHER],
  [-4001, BAD_PRICE],
  [-4002, BAD_PRICE],
  [-4003, BAD_QUANTITY],
  [-4004, BAD_QUANTITY],
  [-4005, BAD_QUANTITY],
  [-4013, BAD_PRICE],
  [-4014, BAD_PRICE],
  [-4015, OTHER],
  [-4016, BAD_PRICE],
  [-4023, BAD_QUANTITY],
  [-4024, BAD_PRICE],
  [-4028, OTHER],
  [-4046, OTHER],
  [-4047, OTHER],
  [-4048, OTHER],
  [-4059, OTHER],
  [-4061, OTHER],
  [-4067, OTHER],
  [-4068, OTHER],
  [-4082, OTHER],
  [-4116, rejected(R.DUPLICATE_CLIENT_ORDER_ID)],
  [-4118, REDUCE_ONLY],
  [-4120, OTHER],
  [-4131, OTHER],
  [-4140, CLOSED],
  [-4141, CLOSED],
  [-4164, rejected(R.MIN_NOTIONAL)],
  [-5021, OTHER],
  [-5022, rejected(R.POST_ONLY)],
  [-5025, OTHER],
  [-5026, OTHER],
  [-5027, OTHER],
  [-5028, CLOCK],
];

export const BINANCE_ERRORS: ErrorTable = {
  codes: new Map(CODES.map(([code, verdict]) => [String(code), verdict])),
};
