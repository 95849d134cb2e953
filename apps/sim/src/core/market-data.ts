/**
 * What a market published lately, kept for queries: trades, candles, best quote, mark price. Also draws up the mark
 * price: the middle of the book.
 */
import { add, asPrice, decimal, divide, type Price } from '@trunkline/proto/decimal';
import { type CandleStore, createCandleStore } from './candles.ts';
import type { UpcomingFunding } from './funding.ts';
import type { Market, MarketEvent } from './market.ts';
import { MONEY_PLACES } from './position.ts';
import type { BestQuote, MarkPrice, PublicTrade } from './types.ts';

/** What Binance's `GET /fapi/v1/trades` can answer at most. */
const MAX_TRADES_KEPT = 1_000;
const TWO = decimal('2');

export interface MarketData {
  readonly candles: CandleStore;
  note(event: MarketEvent): void;
  trades(limit: number): readonly PublicTrade[];
  quote(): BestQuote | undefined;
  mark(): MarkPrice | undefined;
}

export function createMarketData(): MarketData {
  const candles = createCandleStore();
  const trades: PublicTrade[] = [];
  let quote: BestQuote | undefined;
  let mark: MarkPrice | undefined;
  return {
    candles,
    note(event) {
      if (event.kind === 'trade') {
        candles.add(event.trade);
        trades.push(event.trade);
        if (trades.length > MAX_TRADES_KEPT) trades.shift();
      } else if (event.kind === 'best_quote') quote = event.quote;
      else if (event.kind === 'mark_price') mark = event.mark;
    },
    trades: (limit) => (limit <= 0 ? [] : trades.slice(-limit)),
    quote: () => quote,
    mark: () => mark,
  };
}

/** Undefined while a side of the book is empty. */
export function midPrice(market: Market): Price | undefined {
  const bid = market.bestPrice('buy');
  const ask = market.bestPrice('sell');
  if (bid === undefined || ask === undefined) return undefined;
  return asPrice(divide(add(bid, ask), TWO, MONEY_PLACES, 'half-even'));
}

/** The index is taken to be the mark. */
export function markAt(symbol: string, price: Price, funding: UpcomingFunding, timeUs: number): MarkPrice {
  const { rate, timeUs: nextFundingUs } = funding;
  return { symbol, markPrice: price, indexPrice: price, fundingRate: rate, nextFundingUs, timeUs };
}
