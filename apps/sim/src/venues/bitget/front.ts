/** Bitget's two markets as entries of the registry. */
import type { CoreRules } from '../../core/core-api.ts';
import type { SocketTiming } from '../../server/socket.ts';
import type { FrontEntry } from '../venue-front.ts';
import { FUTURES_LISTINGS, SPOT_LISTINGS } from './listing.ts';
import { FUTURES, SPOT } from './product.ts';
import { openRecordedFutures, openRecordedSpot } from './recorded-feed.ts';
import { createBitget } from './venue.ts';

const DAY_MS = 86_400_000;
/** The server sends no pings of its own: the client's text `ping` is what keeps a connection (stream-socket.ts). */
const TIMING: SocketTiming = { pingMs: DAY_MS, pongTimeoutMs: DAY_MS, lifetimeMs: DAY_MS };
/** What would take or cannot fill is taken in and canceled at once; a client id is refused while its order is open. */
const RULES: CoreRules = {
  postOnlyCross: 'expire',
  fokUnfilled: 'expire',
  duplicateClientId: 'refuse_open',
  selfTradePrevention: 'none',
  feePlaces: 8,
};

export const BITGET_USDT_FUTURES: FrontEntry = {
  listings: FUTURES_LISTINGS,
  rules: RULES,
  timing: TIMING,
  openRecorded: openRecordedFutures,
  create: (options) => createBitget({ ...options, product: FUTURES }),
};

export const BITGET_SPOT: FrontEntry = {
  listings: SPOT_LISTINGS,
  rules: RULES,
  timing: TIMING,
  openRecorded: openRecordedSpot,
  create: (options) => createBitget({ ...options, product: SPOT }),
};
