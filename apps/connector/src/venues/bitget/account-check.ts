/**
 * Whether this connector may serve the account at all: a classic account, a key that works and cannot withdraw.
 *
 * N1  A refusal is final and names what to do. A network or venue fault is thrown, and tried again by the caller.
 * N2  What the key may do is told by the spot API alone, and only to a key that may read spot. Where it does not tell,
 *     that is said in the log and the account is served.
 */
import type { Logger } from '@trunkline/kit/log';
import { type Caller, type CallResult, toExchangeError } from '../caller.ts';
import { list, record } from '../fields.ts';
import type { StartRefusal } from '../venue.ts';
import type { BitgetClient } from './client.ts';
import { dataOf } from './endpoints.ts';
import { UNIFIED_ACCOUNT } from './errors.ts';
import { KEY_RIGHTS_COST } from './rest.ts';

/** "wallet withdrawal, read and write". */
const MAY_WITHDRAW: ReadonlySet<unknown> = new Set(['wwow', 'withdraw']);
/** "Incorrect permissions, need {0} permissions". */
const NO_SUCH_RIGHT = '40014';

/** Undefined: the account may be traded. Rejects with `ExchangeError` when the venue could not be asked. */
export async function checkKey(
  client: BitgetClient,
  caller: Caller,
  logger: Logger,
): Promise<StartRefusal | undefined> {
  const spec = { cost: KEY_RIGHTS_COST, priority: 'query' } as const;
  const rights = await caller.call(spec, () => client.privateSpotGetV2SpotAccountInfo({}));
  if (rights.kind === 'answered') {
    const authorities = list(record(dataOf(rights.body), 'account info')['authorities'], 'authorities');
    if (!authorities.some((right) => MAY_WITHDRAW.has(right))) return undefined;
    return {
      code: 'can_withdraw',
      message: 'the API key may withdraw; make one without that right, this connector needs none',
    };
  }
  if (rights.kind === 'failed' && rights.code === NO_SUCH_RIGHT) {
    logger.warn({ code: rights.code }, 'the key may not read spot, so the venue does not tell whether it may withdraw');
    return undefined;
  }
  return refusalOf(rights);
}

/** The refusal that wrong credentials or a wrong kind of account are; every other failure is thrown. */
export function refusalOf(result: Exclude<CallResult, { kind: 'answered' }>): StartRefusal {
  if (result.kind === 'failed' && result.code === UNIFIED_ACCOUNT) {
    return {
      code: 'unsupported_account',
      message: `the account is a unified one, this connector serves classic accounts: ${result.code}: ${result.message}`,
    };
  }
  const bad =
    result.kind === 'failed' && result.verdict.kind === 'rejected' && result.verdict.effect === 'bad_credentials';
  if (!bad) throw toExchangeError(result);
  return {
    code: 'bad_credentials',
    message: `the venue refused the API key, its secret or its passphrase: ${result.code}: ${result.message}`,
  };
}
