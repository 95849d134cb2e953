/**
 * Who may do what, by the name in the caller's certificate. The connector's own config says so; nothing that arrives
 * over the wire changes it.
 *
 *   trade    opens trading sessions, and all that `observe` may
 *   observe  queries, market data, and the order lane as an observer
 *   tool     queries, market data, observing, settings, and the unary commands while no trading session is held
 */
import type { Caller } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

export const GRANTS = ['trade', 'observe', 'tool'] as const;
export type Grant = (typeof GRANTS)[number];

/** By `role/name`, e.g. `engine/main`. */
export type Grants = Readonly<Record<string, Grant>>;

export function grantOf(grants: Grants, { role, name }: Caller): Grant | undefined {
  const key = `${role}/${name}`;
  return Object.hasOwn(grants, key) ? grants[key] : undefined;
}

/** Why the caller is refused; undefined if it holds one of the grants. */
export function refuseCaller(grants: Grants, caller: Caller, needed: readonly Grant[]): ExchangeError | undefined {
  const grant = grantOf(grants, caller);
  if (grant !== undefined && needed.includes(grant)) return undefined;
  const message = `${caller.role}/${caller.name} is granted ${grant ?? 'nothing'}; this needs ${needed.join(' or ')}`;
  return new ExchangeError(ErrorReason.NOT_GRANTED, message);
}
