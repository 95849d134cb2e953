/** Whether a hello can be served at all, before the session machine judges its claim. */
import type { Caller } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ErrorReason, type Hello, SessionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { parseEngineId } from '@trunkline/proto/ids';
import { type Grants, refuseCaller } from '../../grants.ts';

/** Any caller with a grant may observe; trading needs its own. */
export function refuseHello(hello: Hello, caller: Caller, grants: Grants): ExchangeError | undefined {
  if (hello.mode === SessionMode.OBSERVE) return undefined;
  if (hello.mode !== SessionMode.TRADE) return fault('mode', 'OBSERVE or TRADE');
  if (parseEngineId(hello.engineId) === undefined) return fault('engine_id', '1 to 64 printable characters');
  if (!isCount(hello.epoch)) return fault('epoch', 'a whole number from 1');
  if (!isCount(hello.attempt)) return fault('attempt', 'a whole number from 1');
  return refuseCaller(grants, caller, ['trade']);
}

function fault(field: string, allowed: string): ExchangeError {
  return new ExchangeError(ErrorReason.INVALID_FIELD, `hello.${field} must be ${allowed}`, `hello.${field}`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
