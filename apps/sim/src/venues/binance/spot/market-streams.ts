/** The market streams of spot, which one address carries all. */

import { paced } from '../../feed.ts';
import { dayFeed, depthFeed, klineFeed, type OpenFeed, partialDepthFeed, quoteFeed, tradeFeed } from '../feeds.ts';
import { parseDepthTopic, parseKlineTopic, type StreamDialect } from '../stream-name.ts';
import {
  aggTradeFrame,
  averagePriceFrame,
  bookTickerFrame,
  depthFrame,
  klineFrame,
  miniTickerFrame,
  partialDepthFrame,
  tickerFrame,
  tradeFrame,
} from './market-frames.ts';

const KLINE_PACE_MS = 2_000;
const TICKER_PACE_MS = 1_000;
const DEPTH_PACES_MS: ReadonlyMap<string, number> = new Map([
  ['', 1_000],
  ['@1000ms', 1_000],
  ['@100ms', 100],
]);

const averagePrices: OpenFeed = ({ core, clock, instrument, emit }) =>
  paced(clock, TICKER_PACE_MS, ['trade'], () => {
    const frame = averagePriceFrame(core, instrument.symbol, clock.wallUs());
    if (frame !== undefined) emit(frame);
  });

const TOPICS: ReadonlyMap<string, OpenFeed> = new Map([
  ['bookTicker', quoteFeed(bookTickerFrame)],
  ['trade', tradeFeed(tradeFrame)],
  ['aggTrade', tradeFeed(aggTradeFrame)],
  ['ticker', dayFeed(TICKER_PACE_MS, tickerFrame)],
  ['miniTicker', dayFeed(TICKER_PACE_MS, miniTickerFrame)],
  ['avgPrice', averagePrices],
]);

export const SPOT_STREAMS: StreamDialect = {
  feedOf(topic) {
    const depth = parseDepthTopic(topic, DEPTH_PACES_MS);
    if (depth !== undefined) {
      return depth.levels === undefined
        ? depthFeed(depth.intervalMs, depthFrame)
        : partialDepthFeed(depth.levels, depth.intervalMs, partialDepthFrame);
    }
    const kline = parseKlineTopic(topic);
    if (kline !== undefined) return klineFeed(kline.intervalMs, KLINE_PACE_MS, klineFrame(kline.interval));
    return TOPICS.get(topic);
  },
};
