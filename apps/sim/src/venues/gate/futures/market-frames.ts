/** The results of the public channels of contracts; lists where the venue pushes lists. */
import { milliseconds } from '../../decimal-text.ts';
import type { MarketFrames } from '../market-frames.ts';
import { contracts, seconds, wireId } from '../print.ts';
import { bookTickerUpdate, level, tickerView, tradeSize } from './market-view.ts';

export const FUTURES_FRAMES: MarketFrames = {
  ticker: (core, instrument, nowUs) => [tickerView(core, instrument, nowUs)],
  trade: (trade, instrument) => [
    {
      size: tradeSize(trade, instrument),
      id: wireId(trade.tradeId),
      create_time: seconds(trade.timeUs),
      create_time_ms: milliseconds(trade.timeUs),
      price: trade.price,
      contract: trade.symbol,
    },
  ],
  bookTicker: bookTickerUpdate,
  candle: ({ openUs, close, high, low, open, volume }, name, closed, instrument) => [
    {
      t: seconds(openUs),
      v: contracts(volume, instrument),
      c: close,
      h: high,
      l: low,
      o: open,
      n: name,
      a: volume,
      w: closed,
    },
  ],
  bookUpdate: ({ first, last, bids, asks, timeUs }, instrument, levels) => ({
    t: milliseconds(timeUs),
    s: instrument.symbol,
    U: first,
    u: last,
    b: bids.map((entry) => level(entry, instrument)),
    a: asks.map((entry) => level(entry, instrument)),
    ...(levels === undefined ? {} : { l: String(levels) }),
  }),
  book: ({ lastUpdateId, bids, asks, timeUs }, instrument, levels) => ({
    t: milliseconds(timeUs),
    contract: instrument.symbol,
    id: lastUpdateId,
    asks: asks.map((entry) => level(entry, instrument)),
    bids: bids.map((entry) => level(entry, instrument)),
    l: String(levels),
  }),
  bookEvent: 'all',
  obuLevel: ([price, quantity], instrument) => [price, String(contracts(quantity, instrument))],
};
