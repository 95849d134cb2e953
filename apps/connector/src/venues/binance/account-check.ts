/**
 * Whether this connector may serve the account at all: a key that cannot withdraw; and how the account holds positions.
 *
 * N1  A refusal is final and names what to do. A network or venue fault is thrown, and tried again by the caller.
 */
import type { Logger } from '@trunkline/kit/log';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { type Caller, type CallResult, toExchangeError } from '../caller.ts';
import { flag, record } from '../fields.ts';
import type { StartRefusal } from '../venue.ts';
import type { BinanceClient } from './client.ts';
import { COSTS } from './rest.ts';

/** USD-M only. Rejects with `ExchangeError` when the venue could not be asked. */
export async function readPositionMode(client: BinanceClient, caller: Caller): Promise<PositionMode | StartRefusal> {
  const mode = await caller.call({ cost: COSTS.positionMode, priority: 'query' }, () =>
    client.fapiPrivateGetPositionSideDual(),
  );
  if (mode.kind !== 'answered') return refusalOf(mode);
  return flag(record(mode.body, 'position mode'), 'dualSidePosition') ? PositionMode.HEDGE : PositionMode.ONE_WAY;
}

/** Undefined: the key may be used. Rejects with `ExchangeError` when the venue could not be asked. */
export async function checkKey(
  client: BinanceClient,
  caller: Caller,
  logger: Logger,
): Promise<StartRefusal | undefined> {
  const rights = await caller.call({ cost: COSTS.apiRestrictions, priority: 'query' }, () =>
    client.sapiGetAccountApiRestrictions(),
  );
  if (rights.kind === 'answered') {
    if (!flag(record(rights.body, 'key rights'), 'enableWithdrawals')) return undefined;
    return {
      code: 'can_withdraw',
      message: 'the API key may withdraw; make one without that right, this connector needs none',
    };
  }
  // Test networks have no such endpoint, and answer in ways of their own.
  if (rights.kind === 'failed' && (rights.verdict.kind === 'rejected' || rights.code.startsWith('HTTP 4'))) {
    const refused = rights.verdict.kind === 'rejected' && rights.verdict.effect === 'bad_credentials';
    if (refused) return refusalOf(rights);
    logger.warn({ code: rights.code }, 'the venue does not tell whether the key may withdraw');
    return undefined;
  }
  return refusalOf(rights);
}

/** The refusal that wrong credentials are; every other failure is thrown. */
export function refusalOf(result: Exclude<CallResult, { kind: 'answered' }>): StartRefusal {
  const bad =
    result.kind === 'failed' && result.verdict.kind === 'rejected' && result.verdict.effect === 'bad_credentials';
  if (!bad) throw toExchangeError(result);
  return {
    code: 'bad_credentials',
    message: `the venue refused the API key or its secret: ${result.code}: ${result.message}`,
  };
}
