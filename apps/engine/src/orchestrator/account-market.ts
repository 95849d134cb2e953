/**
 * An account's market data: one feed, the quote board it keeps, and the strategies that it tells.
 */

import type { Logger } from '@trunkline/kit/log';
import type { Clock } from '@trunkline/proto/clock';
import type { Caller, Exchange } from '@trunkline/proto/exchange';
import type { Capabilities } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { CandleInterval, Channel, type Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type { Rng } from '@trunkline/proto/rng';
import { MarketFeed, type MarketUpdate } from '../exchange/market-feed.ts';
import type { StrategyHost } from '../strategies/strategy-host.ts';
import type { QuoteBoard } from './quote-board.ts';

/** Levels a side that the engine keeps of each book, where the venue offers a choice. */
const BOOK_DEPTH = 20;

export interface AccountMarketOptions {
  readonly exchange: Exchange;
  readonly caller: Caller;
  readonly clientId: string;
  readonly symbols: readonly string[];
  readonly capabilities: Capabilities | undefined;
  readonly board: QuoteBoard;
  /** The strategy of a symbol, if it has one. */
  readonly hostOf: (symbol: string) => StrategyHost | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly clockOffsetUs: () => number | undefined;
}

export function openAccountMarket(options: AccountMarketOptions): MarketFeed {
  const { exchange, caller, clientId, clock, rng, clockOffsetUs, log, board, hostOf, symbols } = options;
  const stale = (symbol: string) => {
    board.drop(symbol);
    hostOf(symbol)?.onStale();
  };
  const onUpdate = (update: MarketUpdate): void => {
    switch (update.kind) {
      case 'value': {
        const { topic, value } = update;
        if (value.kind !== 'quote') return;
        board.put(topic.symbol, value);
        hostOf(topic.symbol)?.onQuote({
          bidPrice: value.bid,
          bidQuantity: value.bidQuantity,
          askPrice: value.ask,
          askQuantity: value.askQuantity,
        });
        return;
      }
      case 'stale':
        if (update.topic.channel === Channel.BEST_QUOTE && update.stale) stale(update.topic.symbol);
        return;
      case 'gap':
        log.warn({ symbol: update.topic.symbol, channel: Channel[update.topic.channel], missed: update.missed }, 'gap');
        return;
      case 'refused':
        log.error({ symbol: update.topic.symbol, reason: update.message }, 'market data refused');
        return;
      case 'lost':
        log.warn({ reason: update.reason }, 'market data lost');
        for (const symbol of symbols) stale(symbol);
        return;
      case 'book':
      case 'connected':
        return;
    }
  };
  const topics = topicsOf(symbols, options.capabilities);
  return new MarketFeed({ exchange, caller, clientId, topics, clock, rng, clockOffsetUs, onUpdate });
}

/** Best quote, book, trades and mark price of each symbol, as far as the connector has them. */
function topicsOf(symbols: readonly string[], capabilities: Capabilities | undefined): Topic[] {
  const depths = capabilities?.bookDepths ?? [];
  const depth = depths.find((levels) => levels >= BOOK_DEPTH) ?? 0;
  const wanted = [Channel.BEST_QUOTE, Channel.BOOK, Channel.TRADES, Channel.MARK_PRICE];
  const offered = wanted.filter((channel) => capabilities?.channels.includes(channel));
  return symbols.flatMap((symbol) =>
    offered.map((channel) => ({
      channel,
      symbol,
      depth: channel === Channel.BOOK ? depth : 0,
      interval: CandleInterval.CANDLE_INTERVAL_UNSPECIFIED,
    })),
  );
}
