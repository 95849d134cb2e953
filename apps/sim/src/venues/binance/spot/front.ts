/** Binance spot as an entry of the registry. */
import type { FrontEntry } from '../../venue-front.ts';
import { readRecordedSpot } from '../recorded-feed.ts';
import { LISTINGS } from './listing.ts';
import { createBinanceSpot } from './venue.ts';

export const BINANCE_SPOT: FrontEntry = {
  listings: [...LISTINGS.values()],
  rules: {
    postOnlyCross: 'refuse',
    fokUnfilled: 'expire',
    duplicateClientId: 'refuse_open',
    selfTradePrevention: 'expire_maker',
    feePlaces: 8,
  },
  /** A ping each 20 seconds, a minute to pong, 24 hours a connection. */
  timing: { pingMs: 20_000, pongTimeoutMs: 60_000, lifetimeMs: 86_400_000 },
  openRecorded: () => readRecordedSpot,
  create: createBinanceSpot,
};
