/**
 * The market streams of USD-M futures, and which of its two market paths carries each: `/public` has books, best
 * quotes and trades, `/market` the rest. The old `/ws` and `/stream` carry both.
 */
import {
  dayFeed,
  depthFeed,
  klineFeed,
  markPriceFeed,
  type OpenFeed,
  partialDepthFeed,
  quoteFeed,
  tradeFeed,
} from '../feeds.ts';
import { parseDepthTopic, parseKlineTopic, parseStreamName, type StreamDialect } from '../stream-name.ts';
import {
  aggTradeFrame,
  bookTickerFrame,
  depthFrame,
  klineFrame,
  markPriceFrame,
  miniTickerFrame,
  partialDepthFrame,
  tickerFrame,
  tradeFrame,
} from './market-frames.ts';

export type StreamPath = 'public' | 'market';

const KLINE_PACE_MS = 250;
const MINI_TICKER_PACE_MS = 500;
const TICKER_PACE_MS = 1_000;
const DEPTH_PACES_MS: ReadonlyMap<string, number> = new Map([
  ['', 250],
  ['@0ms', 0],
  ['@100ms', 100],
  ['@250ms', 250],
  ['@500ms', 500],
]);

const TOPICS: ReadonlyMap<string, { readonly path: StreamPath; readonly open: OpenFeed }> = new Map([
  ['bookTicker', { path: 'public', open: quoteFeed(bookTickerFrame) }],
  ['trade', { path: 'public', open: tradeFeed(tradeFrame) }],
  ['aggTrade', { path: 'market', open: tradeFeed(aggTradeFrame) }],
  ['ticker', { path: 'market', open: dayFeed(TICKER_PACE_MS, tickerFrame) }],
  ['miniTicker', { path: 'market', open: dayFeed(MINI_TICKER_PACE_MS, miniTickerFrame) }],
  ['markPrice', { path: 'market', open: markPriceFeed(3_000, markPriceFrame) }],
  ['markPrice@1s', { path: 'market', open: markPriceFeed(1_000, markPriceFrame) }],
]);

export const USDM_STREAMS: StreamDialect = {
  feedOf(topic) {
    const depth = parseDepthTopic(topic, DEPTH_PACES_MS);
    if (depth !== undefined) {
      return depth.levels === undefined
        ? depthFeed(depth.intervalMs, depthFrame)
        : partialDepthFeed(depth.levels, depth.intervalMs, partialDepthFrame);
    }
    const kline = parseKlineTopic(topic);
    if (kline !== undefined) return klineFeed(kline.intervalMs, KLINE_PACE_MS, klineFrame(kline.interval));
    return TOPICS.get(topic)?.open;
  },
};

/** `path` undefined is one of the old addresses. */
export function carriedBy(path: StreamPath | undefined, stream: string): boolean {
  return path === undefined || pathOf(stream) === path;
}

/** Undefined for a name that is no stream. */
export function pathOf(stream: string): StreamPath | undefined {
  const topic = parseStreamName(stream)?.topic;
  if (topic === undefined) return undefined;
  if (parseDepthTopic(topic, DEPTH_PACES_MS) !== undefined) return 'public';
  return parseKlineTopic(topic) === undefined ? TOPICS.get(topic)?.path : 'market';
}
