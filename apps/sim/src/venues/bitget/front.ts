/** Bitget's two markets as entries of the registry. */
import type { FrontEntry } from '../venue-front.ts';
import { FUTURES_LISTINGS } from './listing.ts';
import { FUTURES } from './product.ts';
import { openRecordedFutures } from './recorded-feed.ts';
import { createBitget } from './venue.ts';

const DAY_MS = 86_400_000;

export const BITGET_USDT_FUTURES: FrontEntry = {
  listings: FUTURES_LISTINGS,
  rules: {
    postOnlyCross: 'expire',
    fokUnfilled: 'expire',
    duplicateClientId: 'refuse_open',
    selfTradePrevention: 'none',
    feePlaces: 8,
  },
  /** The server sends no pings of its own: the client's text `ping` is what keeps a connection (stream-socket.ts). */
  timing: { pingMs: DAY_MS, pongTimeoutMs: DAY_MS, lifetimeMs: DAY_MS },
  openRecorded: openRecordedFutures,
  create: (options) => createBitget({ ...options, product: FUTURES }),
};
