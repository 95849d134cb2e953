/**
 * Bitget's REST codes as verdicts (bitget.com/api-doc, "RestAPI Error Code" of both markets). Only codes whose text says
 * that an order or setting was refused stand here; all others are unknown.
 *
 * Unknown stay those that speak of a fault or of time on the venue's side: 40010, 40910 and 50008 (timed out), 40015 and
 * 50031 (system), 40200 (server upgrade), 40725 ("service return an error"), 40908 (concurrent operation), 43002, 43003,
 * 45001, 45023 (an order that failed for no reason told).
 *
 * Codes are the same in HTTP 200, in HTTP 400 and in the failure list of a batch.
 */
import { RejectReason as R } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Effect, type ErrorTable, rejected, type Verdict } from '../error-table.ts';

/** Refused as the state that is wanted stands already: "no change in leverage", "... margin mode", "... position mode". */
export const UNCHANGED: ReadonlySet<string> = new Set(['40814', '45054']);

/** Codes of a lookup that found nothing: "the order does not exist", "the data of the order cannot be found". */
export const NO_SUCH_ORDER: ReadonlySet<string> = new Set(['40109', '40768', '43001', '45057']);

/** Stands for the code of a replacement that "failed": such an answer has a text, and never a code. */
export const FAILED_WITHOUT_CODE = 'failure';

/** "You are in Unified Account mode, and the Classic Account API is not supported at this time". */
export const UNIFIED_ACCOUNT = '40085';

const REASONS: readonly (readonly [reason: R, codes: readonly string[], effect?: Effect])[] = [
  // Checked before anything else; 40078 again by the matching engine.
  [R.TIMESTAMP, ['40005', '40008', '40078'], 'resync_clock'],
  [
    R.PERMISSION,
    // Key, signature, passphrase, IP, rights.
    [
      '40001',
      '40002',
      '40003',
      '40006',
      '40009',
      '40011',
      '40012',
      '40014',
      '40018',
      '40036',
      '40037',
      '40038',
      '40041',
    ],
    'bad_credentials',
  ],
  [
    R.PERMISSION,
    [
      // Account frozen, restricted or not verified, region, API closed for opening or closing.
      ...['40000', '40013', '40016', '40022', '40023', '40024', '40025', '40026', '40031', '40035', '40100', '40101'],
      ...['40103', '40104', '40111', '40199', '40301', '40710', '40752', '40753', '40760', '40916', '22010', '45009'],
      ...['45107', '45108', '50019', UNIFIED_ACCOUNT],
    ],
  ],
  [
    R.INSUFFICIENT_FUNDS,
    ['40711', '40712', '40754', '40762', '40798', '40800', '43012', '43132', '45002', '45008', '50020'],
  ],
  [
    R.REDUCE_ONLY,
    // No position, or not enough of it is free, to close.
    [
      '22002',
      '40717',
      '40746',
      '40755',
      '40757',
      '40804',
      '40867',
      '40939',
      '43029',
      '43043',
      '45003',
      '45005',
      '45006',
    ],
  ],
  [
    R.INVALID_PRICE,
    [
      ...['22006', '22007', '22008', '22009', '40706', '40718', '40719', '40748', '40815', '40816', '40820', '40821'],
      ...['40895', '43008', '43009', '43028', '43039', '43040', '45035', '45051', '45115', '41117', '50046', '50047'],
      ...['31017', '31018', '41103'],
    ],
  ],
  [
    R.INVALID_QUANTITY,
    [
      ...['22038', '40921', '40928', '43006', '43007', '45111', '45112', '45120', '50016', '50017', '22029'],
      ...['43041', '43051', '45113'],
    ],
  ],
  [R.MIN_NOTIONAL, ['22034', '43010', '43027', '43037', '43042', '45110', '45114']],
  [R.DUPLICATE_CLIENT_ORDER_ID, ['40708', '40786', '43118', '45034', '50060']],
  [R.UNKNOWN_SYMBOL, ['40034', '40072', '40102', '40309', '40845', '42016', '50024', '50028', '50065']],
  [
    R.ORDER_NOT_OPEN,
    // 40922: "only work order modifications are allowed".
    [...NO_SUCH_ORDER, '22001', '31007', '31054', '40922', '43004', '45031', '45055', '50062'],
  ],
  [R.TOO_MANY_ORDERS, ['40715', '40723', '40761', '43005', '43128', '45116', '45118', '50048']],
  [
    R.MARKET_CLOSED,
    [
      '22039',
      '22040',
      '22041',
      '22043',
      '22067',
      '40308',
      '40844',
      '40919',
      '41114',
      '43115',
      '45043',
      '45119',
      '50025',
      '50026',
      '50027',
      '50030',
    ],
  ],
  [
    R.OTHER,
    [
      // Request and parameters, position mode, settings that the account's state forbids.
      ...[
        '20001',
        '22003',
        '40797',
        '40808',
        '22004',
        '22005',
        '40007',
        '40017',
        '40019',
        '40020',
        '40053',
        '40054',
        '40057',
        '40058',
      ],
      ...['40059', '40064', '40079', '40304', '40305', '40306', '40402', '40404', '40408', '40409', '40704', '40705'],
      ...['40707', '40721', '40722', '40724', '40730', '40774', '40775', '40778', '40805', '40811', '40812', '40813'],
      ...['40824', '40826', '40847', '40862', '40872', '40893', '40912', '40913', '40920', '40923', '40924', '40925'],
      ...['41002', '41100', '41101', '42072', '43011', '43049', '43050', '43058', '43075', '43111', '45021', '45044'],
      ...['45045', '45097', '45099', '45100', '45101', '45109', '45117', '45123', '45129', '48001', '48002', '400172'],
      ...['400171', ...UNCHANGED, FAILED_WITHOUT_CODE],
    ],
  ],
];

const RATE_LIMITED: Verdict = { kind: 'rate_limited', what: 'requests' };

export const BITGET_ERRORS: ErrorTable = {
  codes: new Map<string, Verdict>([
    ...REASONS.flatMap(([reason, codes, effect]) => codes.map((code) => [code, rejected(reason, effect)] as const)),
    ['429', RATE_LIMITED],
    ['30014', RATE_LIMITED],
    ['1001', RATE_LIMITED],
  ]),
  // 40808 names the parameter that failed, and fails for many.
  texts: [
    { code: '40808', begins: 'Parameter verification exception size', verdict: rejected(R.INVALID_QUANTITY) },
    { code: '40808', begins: 'Parameter verification exception price', verdict: rejected(R.INVALID_PRICE) },
  ],
};
