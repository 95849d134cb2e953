/**
 * Bitget's REST protocol as data: what each path allows, how an error looks.
 *
 * Limits: bitget.com/api-doc, "Rate limit" of each endpoint, per UID for signed ones and per IP for the others; and 6,000
 * requests a minute of one IP over all. A 429 says that one path's second is used up; it closes that path alone.
 *
 * T1  A futures order carries no expiry of its own: what is promised is that of the signature, which the venue refuses
 *     30 s after its timestamp. A spot order carries `receiveWindow`, too, but batches and replacements cannot; so both
 *     markets promise the signature's.
 */
import { isRecord } from '@trunkline/kit/record';
import type { RestProtocol } from '../caller.ts';
import { optionalText } from '../fields.ts';
import type { Budget, Cost } from '../rate-budget.ts';
import type { MarketName } from '../venue-config.ts';
import { BITGET_ERRORS } from './errors.ts';

/** Refused with code 40008 when its timestamp is older. */
export const SIGNATURE_EXPIRY_MS = 30_000;

const SUCCESS = '00000';
const SECOND_MS = 1_000;

/** Calls a second by path, for [perpetual, spot]. */
const PATHS = {
  place_order: [10, 10],
  place_batch: [5, 5],
  amend_order: [10, 5],
  cancel_order: [10, 10],
  cancel_batch: [10, 10],
  order: [10, 20],
  open_orders: [10, 20],
  order_history: [10, 20],
  fills: [10, 10],
  balances: [10, 10],
  positions: [5, 5],
  account: [10, 10],
  bills: [10, 10],
  set_leverage: [5, 5],
  set_margin_mode: [5, 5],
  set_position_mode: [5, 5],
  fee_rate: [10, 10],
  instruments: [20, 20],
  candles: [20, 20],
  funding_rate: [20, 20],
  time: [20, 20],
} as const satisfies Record<string, readonly [perpetual: number, spot: number]>;

type Path = keyof typeof PATHS;

/** One call of a path; all count for the IP. */
export function costOf(path: Path): Cost {
  return { requests: 1, [path]: 1 };
}

/** One call a second: its own budget would leave queries no share of it. Asked once a start. */
export const KEY_RIGHTS_COST: Cost = { requests: 1 };

export function budgetsOf(market: MarketName): Budget[] {
  const paths = Object.entries(PATHS).map(([kind, [perpetual, spot]]) => ({
    name: `${kind}_1s`,
    kind,
    limit: market === 'spot' ? spot : perpetual,
    windowMs: SECOND_MS,
  }));
  return [{ name: 'requests_1m', kind: 'requests', limit: 6_000, windowMs: 60_000 }, ...paths];
}

export const BITGET_REST: RestProtocol = {
  errors: BITGET_ERRORS,
  requestExpiryMs: SIGNATURE_EXPIRY_MS,
  defaultBackoffMs: SECOND_MS,
  // Its header tells what is left, not of how much.
  usageOf: () => [],
  limitedBy(cost) {
    const kind = Object.keys(cost).find((each) => each !== 'requests');
    return kind === undefined ? undefined : { kind, forMs: SECOND_MS };
  },
  errorOf,
};

/** `{"code":"43012","msg":"Insufficient balance","requestTime":..,"data":null}`, and the entries of a failure list. */
export function errorOf(body: unknown): { code: string; message: string } | undefined {
  if (!isRecord(body)) return undefined;
  const entryCode = optionalText(body, 'errorCode');
  // A failure that has no code says nothing that is documented: its code is empty, which no table knows.
  if (entryCode !== undefined || typeof body['errorMsg'] === 'string')
    return { code: entryCode ?? '', message: optionalText(body, 'errorMsg') ?? '' };
  const code = optionalText(body, 'code');
  if (code === undefined || code === SUCCESS) return undefined;
  return { code, message: optionalText(body, 'msg') ?? '' };
}
