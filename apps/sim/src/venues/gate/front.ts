/** Gate's two markets as entries of the registry. */
import type { FrontEntry, VenueFrontOptions } from '../venue-front.ts';
import { futuresAccountRoutes } from './futures/account-routes.ts';
import { futuresDialect } from './futures/dialect.ts';
import { FUTURES_FRAMES } from './futures/market-frames.ts';
import { futuresMarketRoutes } from './futures/market-routes.ts';
import { futuresTradeRoutes } from './futures/trade-routes.ts';
import { createFuturesUserFrames } from './futures/user-frames.ts';
import { FUTURES_LISTINGS, SPOT_LISTINGS } from './listing.ts';
import { FUTURES, SPOT } from './market.ts';
import { readRecordedFutures, readRecordedSpot } from './recorded-feed.ts';
import { spotDialect } from './spot/dialect.ts';
import { SPOT_FRAMES } from './spot/market-frames.ts';
import { spotMarketRoutes } from './spot/market-routes.ts';
import { spotTradeRoutes } from './spot/trade-routes.ts';
import { createSpotUserFrames } from './spot/user-frames.ts';
import { createGate, type GateOptions, type MarketParts } from './venue.ts';

const SPOT_PARTS: MarketParts = {
  market: SPOT,
  frames: SPOT_FRAMES,
  dialect: spotDialect,
  userFrames: createSpotUserFrames,
  routes: (context, desk, dialect) => [...spotMarketRoutes(context), ...spotTradeRoutes(context, desk, dialect)],
};

const FUTURES_PARTS: MarketParts = {
  market: FUTURES,
  frames: FUTURES_FRAMES,
  dialect: futuresDialect,
  userFrames: createFuturesUserFrames,
  routes: (context, desk, dialect) => [
    ...futuresMarketRoutes(context),
    ...futuresAccountRoutes(context),
    ...futuresTradeRoutes(context, desk, dialect),
  ],
};

/** The same text may be used again while its order is open: the documents promise no uniqueness. */
const RULES = {
  postOnlyCross: 'refuse',
  fokUnfilled: 'expire',
  duplicateClientId: 'allow',
  selfTradePrevention: 'none',
} as const;

/** The server pings about every 20 seconds and gives up on a silent peer after three; connections live a day. */
const TIMING = { pingMs: 20_000, pongTimeoutMs: 60_000, lifetimeMs: 86_400_000 } as const;

export function createGateSpot(options: GateOptions) {
  return createGate(SPOT_PARTS, options);
}

export function createGateFutures(options: GateOptions) {
  return createGate(FUTURES_PARTS, options);
}

export const GATE_SPOT: FrontEntry = {
  listings: SPOT_LISTINGS,
  rules: { ...RULES, feePlaces: 14 },
  timing: TIMING,
  openRecorded: () => readRecordedSpot,
  create: (options: VenueFrontOptions) => createGateSpot(options),
};

export const GATE_USDT_FUTURES: FrontEntry = {
  listings: FUTURES_LISTINGS,
  rules: { ...RULES, feePlaces: 10 },
  timing: TIMING,
  openRecorded: () => readRecordedFutures,
  create: (options: VenueFrontOptions) => createGateFutures(options),
};
