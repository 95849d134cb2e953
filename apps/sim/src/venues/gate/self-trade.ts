/**
 * Self-trade prevention (APIv4, "STP"): an order may say with `stp_act` what happens when it meets one of its own group.
 *
 * S1  Outside of a group the field is refused ("an error will be returned when passing the stp_act parameter"), and
 *     orders of one account trade with each other.
 * S2  In a group the taker's choice counts, `cn` when it made none.
 * S3  A group is one account here: prevention between accounts is not emulated.
 */
import type { Order, SelfTradePrevention } from '../../core/types.ts';
import type { Fields } from './call.ts';
import { badValue, isRefused, type Refused } from './errors.ts';
import { optionalWord } from './params.ts';

const ACTIONS = ['cn', 'co', 'cb'] as const;

/** Cancel new, cancel old, cancel both. */
const PREVENTIONS = {
  cn: 'expire_taker',
  co: 'expire_maker',
  cb: 'expire_both',
} as const satisfies Record<(typeof ACTIONS)[number], SelfTradePrevention>;

/** `group` is 0 for accounts in none. */
export function readSelfTrade(
  fields: Fields,
  group: number,
): { readonly selfTradePrevention?: SelfTradePrevention } | Refused {
  const action = optionalWord(fields, 'stp_act', [...ACTIONS, '-']);
  if (isRefused(action)) return action;
  const isSilent = action === undefined || action === '-';
  if (group === 0) return isSilent ? {} : badValue('stp_act', action);
  return { selfTradePrevention: PREVENTIONS[isSilent ? 'cn' : action] };
}

export function selfTradeView(order: Order, group: number): { readonly stp_id: number; readonly stp_act: string } {
  const action = ACTIONS.find((candidate) => PREVENTIONS[candidate] === order.selfTradePrevention);
  return { stp_id: group, stp_act: action ?? '-' };
}
