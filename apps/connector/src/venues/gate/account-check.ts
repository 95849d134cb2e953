/**
 * Whether this connector may serve the account at all: a classic account, a key that cannot withdraw.
 *
 * N1  A refusal is final and names what to do. A network or venue fault is thrown, and tried again by the caller.
 * N2  Unified accounts are refused: their spot orders draw on another account, and their futures balance is the margin of
 *     everything. GET /account/detail tells a portfolio account (`key.mode` 2), the futures account its `margin_mode`, and
 *     GET /unified/unified_mode the mode to keys that may ask.
 */
import type { Logger } from '@trunkline/kit/log';
import type { Secret } from '@trunkline/kit/secret';
import { type CallResult, toExchangeError } from '../caller.ts';
import { flag, list, optionalText, record, text } from '../fields.ts';
import type { StartRefusal } from '../venue.ts';
import type { Asking } from './asking.ts';
import { costOf, type Endpoint } from './rest.ts';

export interface Account {
  readonly uid: string;
}

const UNIFIED: StartRefusal = {
  code: 'unsupported_account',
  message: 'the account is a unified one; this connector serves classic accounts (a sub-account can be one)',
};

/** Rejects with `ExchangeError` when the venue could not be asked. */
export async function checkAccount(asking: Asking, apiKey: Secret, logger: Logger): Promise<Account | StartRefusal> {
  const detail = await ask(asking, 'account_detail', '/account/detail');
  if (detail.kind !== 'answered') return refusalOf(detail);
  const account = record(detail.body, 'account detail');
  if (optionalText(record(account['key'] ?? {}, 'key'), 'mode') === '2') return UNIFIED;
  const unified = await checkMargin(asking);
  if (unified !== undefined) return unified;
  const refusal = await checkRights(asking, apiKey, logger);
  return refusal ?? { uid: text(account, 'user_id') };
}

async function checkMargin(asking: Asking): Promise<StartRefusal | undefined> {
  if (asking.kind.market === 'spot') return checkMode(asking);
  const result = await ask(asking, 'accounts', `${asking.kind.root}/accounts`);
  if (result.kind !== 'answered') return refusalOf(result);
  const mode = optionalText(record(result.body, 'futures account'), 'margin_mode') ?? '0';
  return mode === '0' ? undefined : UNIFIED;
}

/** A key without the right to unified accounts is refused here, and then belongs to none. */
async function checkMode(asking: Asking): Promise<StartRefusal | undefined> {
  const result = await ask(asking, 'unified_mode', '/unified/unified_mode');
  if (result.kind === 'answered') {
    return text(record(result.body, 'account mode'), 'mode') === 'classic' ? undefined : UNIFIED;
  }
  if (result.kind === 'failed' && (result.verdict.kind === 'rejected' || result.code.startsWith('HTTP 4'))) {
    return undefined;
  }
  return refusalOf(result);
}

/** Keys of sub-accounts cannot ask for this, and cannot withdraw either. */
async function checkRights(asking: Asking, apiKey: Secret, logger: Logger): Promise<StartRefusal | undefined> {
  const rights = await ask(asking, 'main_keys', '/account/main_keys');
  if (rights.kind === 'answered') {
    const keys = Array.isArray(rights.body) ? rights.body : [rights.body];
    const own = keys.map((entry) => record(entry, 'key')).find((key) => optionalText(key, 'key') === apiKey.reveal());
    const canWithdraw = list(own?.['perms'] ?? [], 'perms').some((entry) => {
      const permission = record(entry, 'permission');
      return text(permission, 'name') === 'withdraw' && !flag(permission, 'read_only');
    });
    if (own === undefined)
      logger.warn({}, 'the venue does not list this key: it does not tell whether it may withdraw');
    if (!canWithdraw) return undefined;
    const message = 'the API key may withdraw; make one without that right, this connector needs none';
    return { code: 'can_withdraw', message };
  }
  if (rights.kind === 'failed' && (rights.verdict.kind === 'rejected' || rights.code.startsWith('HTTP 4'))) {
    logger.warn({ code: rights.code }, 'the venue does not tell whether the key may withdraw');
    return undefined;
  }
  return refusalOf(rights);
}

function ask({ client, caller }: Asking, endpoint: Endpoint, path: string): Promise<CallResult> {
  return caller.call({ cost: costOf(endpoint), priority: 'query' }, () => client.ask({ method: 'GET', path }));
}

/** The refusal that wrong credentials are; every other failure is thrown. */
function refusalOf(result: Exclude<CallResult, { kind: 'answered' }>): StartRefusal {
  const bad =
    result.kind === 'failed' && result.verdict.kind === 'rejected' && result.verdict.effect === 'bad_credentials';
  if (!bad) throw toExchangeError(result);
  return {
    code: 'bad_credentials',
    message: `the venue refused the API key or its secret: ${result.code}: ${result.message}`,
  };
}
