/** The results of a market's public channels. One value of it per market: spot/market-frames.ts, futures/market-frames.ts. */
import type { Core } from '../../core/core-api.ts';
import type { BestQuote, BookSnapshot, Candle, Instrument, Level, PublicTrade } from '../../core/types.ts';

/** A change of a book from update `first` to `last`. */
export interface BookChange {
  readonly first: number;
  readonly last: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly timeUs: number;
}

export interface MarketFrames {
  ticker(core: Core, instrument: Instrument, nowUs: number): unknown;
  trade(trade: PublicTrade, instrument: Instrument): unknown;
  bookTicker(quote: BestQuote, instrument: Instrument): unknown;
  /** `name` is the subscription's, `closed` whether its time is over. */
  candle(candle: Candle, name: string, closed: boolean, instrument: Instrument): unknown;
  bookUpdate(change: BookChange, instrument: Instrument, levels: number | undefined): unknown;
  book(book: BookSnapshot, instrument: Instrument, levels: number): unknown;
  /** The event under which `book` is pushed. */
  readonly bookEvent: 'update' | 'all';
  /** A level of the `obu` channel. */
  obuLevel(level: Level, instrument: Instrument): readonly [string, string];
}
