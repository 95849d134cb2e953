/** The results of the public channels of pairs. */
import { milliseconds } from '../../decimal-text.ts';
import type { MarketFrames } from '../market-frames.ts';
import { seconds } from '../print.ts';
import { bookTickerUpdate, tickerUpdate, tradeUpdate } from './market-view.ts';

export const SPOT_FRAMES: MarketFrames = {
  ticker: (core, { symbol }, nowUs) => tickerUpdate(core, symbol, nowUs),
  trade: tradeUpdate,
  bookTicker: bookTickerUpdate,
  candle: ({ openUs, quoteVolume, close, high, low, open, volume }, name, closed) => ({
    t: String(seconds(openUs)),
    v: quoteVolume,
    c: close,
    h: high,
    l: low,
    o: open,
    n: name,
    a: volume,
    w: closed,
  }),
  bookUpdate: ({ first, last, bids, asks, timeUs }, { symbol }) => ({
    t: milliseconds(timeUs),
    e: 'depthUpdate',
    E: seconds(timeUs),
    s: symbol,
    U: first,
    u: last,
    b: bids,
    a: asks,
  }),
  book: ({ lastUpdateId, bids, asks, timeUs }, { symbol }, levels) => ({
    t: milliseconds(timeUs),
    lastUpdateId,
    s: symbol,
    l: String(levels),
    bids,
    asks,
  }),
  bookEvent: 'update',
  obuLevel: (level) => level,
};
