/** Self-trade prevention as spot names it. The venue has more modes (DECREMENT, TRANSFER); these pairs allow three. */
import type { SelfTradePrevention } from '../../../core/types.ts';
import type { Params } from '../call.ts';
import type { Refused } from '../errors.ts';
import { optional } from '../params.ts';
import { SELF_TRADE_MODES } from '../print.ts';
import { refuseSpot } from './errors.ts';

export const DEFAULT_SELF_TRADE_MODE = 'EXPIRE_MAKER';

const MODES: ReadonlyMap<string, SelfTradePrevention> = new Map([
  ['EXPIRE_TAKER', 'expire_taker'],
  ['EXPIRE_MAKER', 'expire_maker'],
  ['EXPIRE_BOTH', 'expire_both'],
]);

export const ALLOWED_SELF_TRADE_MODES: readonly string[] = [...MODES.keys()];

export function readSelfTradeMode(params: Params): SelfTradePrevention | Refused {
  const name = optional(params, 'selfTradePreventionMode') ?? DEFAULT_SELF_TRADE_MODE;
  return MODES.get(name) ?? refuseSpot('SELF_TRADE_MODE');
}

export function selfTradeModeOf(order: { readonly selfTradePrevention?: SelfTradePrevention }): string {
  return order.selfTradePrevention === undefined
    ? DEFAULT_SELF_TRADE_MODE
    : SELF_TRADE_MODES[order.selfTradePrevention];
}
