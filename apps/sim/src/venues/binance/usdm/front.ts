/** Binance USD-M as an entry of the registry. */
import type { FrontEntry } from '../../venue-front.ts';
import { readRecordedUsdm } from '../recorded-feed.ts';
import { LISTINGS } from './listing.ts';
import { createBinanceUsdm } from './venue.ts';

export const BINANCE_USDM: FrontEntry = {
  listings: [...LISTINGS.values()],
  rules: {
    postOnlyCross: 'refuse',
    fokUnfilled: 'expire',
    duplicateClientId: 'refuse_open',
    selfTradePrevention: 'none',
    feePlaces: 8,
  },
  /** A ping each 3 minutes, 10 minutes to pong, 24 hours a connection. */
  timing: { pingMs: 180_000, pongTimeoutMs: 600_000, lifetimeMs: 86_400_000 },
  openRecorded: () => readRecordedUsdm,
  create: createBinanceUsdm,
};
