/**
 * The private channels of a market as data: what a subscription's payload names, and what makes a channel speak.
 *
 * U1  `user` payloads begin with the user's id, which must be the caller's own. A list of markets alone is taken too:
 *     newer documents write it so.
 */
import type { Core } from '../../core/core-api.ts';
import type { VenueAccount } from '../venue-front.ts';
import type { ChannelError } from './frames.ts';
import type { Market } from './market.ts';
import { unknownSymbol } from './topics.ts';

/** `silent` channels are taken and never speak: what they are about is not emulated. */
export type UserChannelKind = 'orders' | 'trades' | 'positions' | 'balances' | 'silent';

const SPOT_CHANNELS: ReadonlyMap<string, UserChannelKind> = new Map([
  ['orders', 'orders'],
  ['usertrades', 'trades'],
  ['balances', 'balances'],
  ['priceorders', 'silent'],
  ['margin_balances', 'silent'],
  ['funding_balances', 'silent'],
  ['cross_balances', 'silent'],
]);

const FUTURES_CHANNELS: ReadonlyMap<string, UserChannelKind> = new Map([
  ['orders', 'orders'],
  ['usertrades', 'trades'],
  ['positions', 'positions'],
  ['balances', 'balances'],
  ['autoorders', 'silent'],
  ['liquidates', 'silent'],
  ['auto_deleverages', 'silent'],
  ['position_closes', 'silent'],
  ['reduce_risk_limits', 'silent'],
  ['position_adl_rank', 'silent'],
]);

const ALL = '!all';

export interface UserTopic {
  readonly channel: string;
  readonly kind: UserChannelKind;
  /** Undefined is every market. */
  readonly symbols: readonly string[] | undefined;
}

/** `name` is the channel without the market's prefix. */
export function userChannel(market: Market, name: string): UserChannelKind | undefined {
  return (market.kind === 'spot' ? SPOT_CHANNELS : FUTURES_CHANNELS).get(name);
}

export function readUserTopic(
  market: Market,
  kind: UserChannelKind,
  name: string,
  payload: unknown,
  account: VenueAccount,
  core: Core,
): UserTopic | ChannelError {
  const channel = `${market.kind}.${name}`;
  const words = Array.isArray(payload) ? payload.map(String) : [];
  const [first] = words;
  const hasUser = market.kind === 'futures' && first !== undefined && /^\d+$/.test(first);
  // U1.
  if (hasUser && first !== account.uid) return { code: 2, message: `invalid argument: user id ${first}` };
  const symbols = hasUser ? words.slice(1) : words;
  if (kind === 'balances' || symbols.includes(ALL)) return { channel, kind, symbols: undefined };
  if (symbols.length === 0) return { code: 2, message: 'invalid argument: payload' };
  const unknown = symbols.find((symbol) => core.instrument(symbol) === undefined);
  return unknown === undefined ? { channel, kind, symbols } : unknownSymbol(market, unknown);
}
