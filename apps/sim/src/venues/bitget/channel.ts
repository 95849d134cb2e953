/**
 * What a subscription names: `{instType, channel, instId | coin}`, parsed once into a value.
 *
 * C1  A channel that the venue does not know is 30016 (param error) for books of an odd depth, else 30001; `books50`
 *     is one of them: the documents list `books`, `books1`, `books5` and `books15`, and the live socket refuses it.
 * C2  A symbol of another market of the venue is acknowledged and stays silent, as the live socket does.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Product } from './product.ts';

/** The subscription as the client sent it: acknowledgements and data repeat it. */
export interface Arg {
  readonly instType: string;
  readonly channel: string;
  readonly instId?: string;
  readonly coin?: string;
}

export type PublicChannel =
  | { readonly kind: 'ticker' }
  | { readonly kind: 'trade' }
  | { readonly kind: 'books' }
  | { readonly kind: 'top_books'; readonly levels: number }
  | { readonly kind: 'candle'; readonly intervalMs: number };

export type PrivateChannel = 'orders' | 'fill' | 'account' | 'positions' | 'positions-history';

const INST_TYPES: ReadonlySet<string> = new Set(['SPOT', 'USDT-FUTURES', 'COIN-FUTURES', 'USDC-FUTURES', 'MARGIN']);
const TOP_BOOKS: ReadonlyMap<string, number> = new Map([
  ['books1', 1],
  ['books5', 5],
  ['books15', 15],
]);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Intervals of candle channels and of the futures' candle requests; all begin at 00:00 UTC here (a month is left out). */
export const GRANULARITIES: ReadonlyMap<string, number> = new Map([
  ['1m', MINUTE_MS],
  ['3m', 3 * MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['30m', 30 * MINUTE_MS],
  ['1H', HOUR_MS],
  ['2H', 2 * HOUR_MS],
  ['4H', 4 * HOUR_MS],
  ['6H', 6 * HOUR_MS],
  ['12H', 12 * HOUR_MS],
  ['1D', DAY_MS],
  ['3D', 3 * DAY_MS],
  ['1W', 7 * DAY_MS],
  ['6Hutc', 6 * HOUR_MS],
  ['12Hutc', 12 * HOUR_MS],
  ['1Dutc', DAY_MS],
  ['3Dutc', 3 * DAY_MS],
  ['1Wutc', 7 * DAY_MS],
]);
/** The same in the words of the spot market's candle requests. */
export const SPOT_GRANULARITIES: ReadonlyMap<string, number> = new Map([
  ['1min', MINUTE_MS],
  ['3min', 3 * MINUTE_MS],
  ['5min', 5 * MINUTE_MS],
  ['15min', 15 * MINUTE_MS],
  ['30min', 30 * MINUTE_MS],
  ['1h', HOUR_MS],
  ['4h', 4 * HOUR_MS],
  ['6h', 6 * HOUR_MS],
  ['12h', 12 * HOUR_MS],
  ['1day', DAY_MS],
  ['3day', 3 * DAY_MS],
  ['1week', 7 * DAY_MS],
  ['6Hutc', 6 * HOUR_MS],
  ['12Hutc', 12 * HOUR_MS],
  ['1Dutc', DAY_MS],
  ['3Dutc', 3 * DAY_MS],
  ['1Wutc', 7 * DAY_MS],
]);
const PRIVATE_CHANNELS = ['orders', 'fill', 'account', 'positions', 'positions-history'] as const;
/** Private channels of things that this venue does not have: taken, and silent. */
const SILENT: ReadonlySet<string> = new Set(['orders-algo', 'equity', 'adl-notification']);

/** Undefined when it is no subscription at all. */
export function readArg(value: unknown): Arg | undefined {
  if (!isRecord(value)) return undefined;
  const { instType, channel, instId, coin } = value;
  if (typeof instType !== 'string' || typeof channel !== 'string') return undefined;
  return {
    instType,
    channel,
    ...(typeof instId === 'string' ? { instId } : {}),
    ...(typeof coin === 'string' ? { coin } : {}),
  };
}

export function argKey({ instType, channel, instId = '', coin = '' }: Arg): string {
  return `${instType} ${channel} ${instId} ${coin}`;
}

/** `unknown` is 30001, `malformed` 30016, `silent` is acknowledged and never sends (C2). */
export type Resolved<C> = { readonly kind: 'open'; readonly channel: C } | 'silent' | 'unknown' | 'malformed';

export function resolvePublic(
  arg: Arg,
  product: Product,
  isListed: (symbol: string) => boolean,
): Resolved<PublicChannel> {
  const channel = publicChannel(arg.channel);
  if (channel === undefined) return arg.channel.startsWith('books') ? 'malformed' : 'unknown';
  if (!INST_TYPES.has(arg.instType)) return 'unknown';
  if (arg.instType !== product.instType) return 'silent';
  return isListed(arg.instId ?? '') ? { kind: 'open', channel } : 'unknown';
}

export function resolvePrivate(
  arg: Arg,
  product: Product,
  isListed: (symbol: string) => boolean,
): Resolved<PrivateChannel> {
  const channel = PRIVATE_CHANNELS.find((name) => name === arg.channel);
  if (channel === undefined) return SILENT.has(arg.channel) ? 'silent' : 'unknown';
  if (!INST_TYPES.has(arg.instType)) return 'unknown';
  if (arg.instType !== product.instType) return 'silent';
  if (product.market === 'spot' && channel.startsWith('positions')) return 'unknown';
  const subject = (channel === 'account' ? arg.coin : arg.instId) ?? 'default';
  return subject === 'default' || (channel !== 'account' && isListed(subject)) ? { kind: 'open', channel } : 'unknown';
}

function publicChannel(name: string): PublicChannel | undefined {
  if (name === 'ticker' || name === 'trade' || name === 'books') return { kind: name };
  const levels = TOP_BOOKS.get(name);
  if (levels !== undefined) return { kind: 'top_books', levels };
  const intervalMs = name.startsWith('candle') ? GRANULARITIES.get(name.slice('candle'.length)) : undefined;
  return intervalMs === undefined ? undefined : { kind: 'candle', intervalMs };
}
