/** Gate's USDT futures as an entry of the registry. */
import type { FrontEntry, VenueFrontOptions } from '../venue-front.ts';
import { futuresAccountRoutes } from './futures/account-routes.ts';
import { futuresDialect } from './futures/dialect.ts';
import { FUTURES_FRAMES } from './futures/market-frames.ts';
import { futuresMarketRoutes } from './futures/market-routes.ts';
import { futuresTradeRoutes } from './futures/trade-routes.ts';
import { createFuturesUserFrames } from './futures/user-frames.ts';
import { FUTURES_LISTINGS } from './listing.ts';
import { FUTURES } from './market.ts';
import { readRecordedFutures } from './recorded-feed.ts';
import { createGate, type GateOptions, type MarketParts } from './venue.ts';

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

const RULES = {
  postOnlyCross: 'refuse',
  fokUnfilled: 'expire',
  duplicateClientId: 'refuse_open',
  selfTradePrevention: 'none',
  feePlaces: 8,
} as const;

/** The server pings about every 20 seconds and gives up on a silent peer after three; connections live a day. */
const TIMING = { pingMs: 20_000, pongTimeoutMs: 60_000, lifetimeMs: 86_400_000 } as const;

export function createGateFutures(options: GateOptions) {
  return createGate(FUTURES_PARTS, options);
}

export const GATE_USDT_FUTURES: FrontEntry = {
  listings: FUTURES_LISTINGS,
  rules: RULES,
  timing: TIMING,
  openRecorded: () => readRecordedFutures,
  create: (options: VenueFrontOptions) => createGateFutures(options),
};
