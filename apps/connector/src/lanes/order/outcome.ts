/** Makers of outcomes that this connector decides by itself. */
import { assertNever } from '@trunkline/proto/assert';
import type { Denied, DenyRule, OrderOutcome } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { UnknownCause } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Command } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** What a command named: enough to tell whose outcome it is. */
export interface Named {
  readonly clientOrderId: string;
  readonly venueOrderId?: string;
}

/** Outcomes of a batch that is denied as a whole: one larger than any venue takes is not repeated order by order. */
const MAX_DENIED = 256;
/** Longest text of a peer that is echoed in an outcome. */
const MAX_ECHO = 64;

export function denied(rule: DenyRule, message: string, field = ''): Denied {
  return { rule, field, message };
}

export function deniedOutcome(named: Named, value: Denied, receivedAtUs: number): OrderOutcome {
  return { ...base(named, receivedAtUs), fate: { $case: 'denied', value } };
}

/** For a venue layer that broke its promise not to throw: the request may have left. */
export function brokenOutcome(named: Named, message: string, receivedAtUs: number): OrderOutcome {
  const value = { cause: UnknownCause.UNREADABLE, venueCode: '', message };
  return { ...base(named, receivedAtUs), fate: { $case: 'unknown', value } };
}

/** The orders that a command names, in its order; none for cancel_all, whose orders are found later. */
export function namesOf(command: Command['command']): readonly Named[] {
  switch (command?.$case) {
    case 'place':
      return [command.value];
    case 'placeBatch':
    case 'cancelBatch':
      return command.value.orders;
    case 'amend':
      return [{ clientOrderId: command.value.newClientOrderId }];
    case 'cancel':
      return command.value.order === undefined ? [] : [command.value.order];
    case 'cancelAll':
    case undefined:
      return [];
    default:
      return assertNever(command);
  }
}

/** One outcome for each order of a command that is denied as a whole: always at least one, never more than a line takes. */
export function denyCommand(command: Command['command'], value: Denied, receivedAtUs: number): OrderOutcome[] {
  const names = namesOf(command);
  const shown = names.length === 0 ? [{ clientOrderId: '' }] : names.slice(0, MAX_DENIED);
  return shown.map((named) => deniedOutcome(named, value, receivedAtUs));
}

/** A peer's text, short enough to repeat. */
export function echo(text: string): string {
  return text.length <= MAX_ECHO ? text : `${text.slice(0, MAX_ECHO)}...`;
}

function base(named: Named, receivedAtUs: number): OrderOutcome {
  return {
    clientOrderId: echo(named.clientOrderId),
    venueOrderId: echo(named.venueOrderId ?? ''),
    fate: undefined,
    receivedAtUs,
  };
}
