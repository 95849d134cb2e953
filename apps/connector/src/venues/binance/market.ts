/** Binance's market streams: which ccxt call opens a topic, and which topic a frame belongs to. */
import { CandleInterval, Channel, type Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { Delta, SequenceRule } from '../book-sync.ts';
import type { Caller } from '../caller.ts';
import { type Json, reading, record, text, timeUs, Unreadable, whole } from '../fields.ts';
import type { MarketData, MarketDialect, MarketFeed } from '../market-feed.ts';
import type { Poller } from '../poller.ts';
import type { Cost } from '../rate-budget.ts';
import type { SymbolTable } from '../symbol-table.ts';
import { BOOK_DEPTH } from './capabilities.ts';
import type { BinanceClient } from './client.ts';
import { readSnapshot } from './depth.ts';
import { readBookTicker, readDayTicker, readKline, readMarkPrice, readTrade } from './market-mapper.ts';
import { intervalName, intervalOf } from './words.ts';

export interface MarketOptions {
  readonly client: BinanceClient;
  readonly caller: Caller;
  readonly symbols: () => SymbolTable;
  readonly sequenceRule: SequenceRule;
  readonly channels: readonly Channel[];
  readonly depthCost: Cost;
  readonly askDepth: (parameters: { readonly symbol: string | undefined; readonly limit: number }) => Promise<unknown>;
  /** What no stream tells, asked for instead. */
  readonly poll?: { readonly poller: Poller; readonly ask: (topic: Topic) => Promise<void> };
}

export function binanceMarket(options: MarketOptions): MarketDialect {
  const { client, caller, symbols, poll } = options;
  return {
    sequenceRule: options.sequenceRule,
    refuse: (topic) => refuse(topic, symbols(), options.channels),
    open: async (topic) => {
      if (topic.channel !== Channel.OPEN_INTEREST) return watch(client, topic);
      return poll?.poller.open(topic.symbol, () => poll.ask(topic));
    },
    close: (topic) => {
      if (topic.channel === Channel.OPEN_INTEREST) poll?.poller.close(topic.symbol);
      const hash = messageHash(topic);
      client.closeSockets(({ subscriptions }) => hash in subscriptions);
    },
    async snapshot(symbol) {
      const request = { symbol: symbols().toVenue(symbol), limit: BOOK_DEPTH };
      return readSnapshot(record(await caller.query(options.depthCost, () => options.askDepth(request)), 'depth'));
    },
  };
}

/** Hands a market frame to the feed. Undefined, or why it could not be read. */
export function routeMarketFrame(
  frame: Json,
  feed: MarketFeed,
  symbols: SymbolTable,
  readDelta: (frame: Json) => Delta,
): Unreadable | undefined {
  const symbol = symbols.fromVenue(typeof frame['s'] === 'string' ? frame['s'] : '');
  if (symbol === undefined) return undefined;
  if (frame['e'] === 'depthUpdate') {
    const delta = reading(() => readDelta(frame));
    feed.delta(symbol, delta instanceof Unreadable ? undefined : delta);
    return delta instanceof Unreadable ? delta : undefined;
  }
  const routed = reading(() => read(frame));
  if (routed instanceof Unreadable) return routed;
  if (routed !== undefined) feed.data(routed.channel, symbol, routed.event, routed.sequence, routed.venueTimeUs);
  return undefined;
}

interface Routed {
  readonly channel: Channel;
  readonly event: MarketData;
  readonly sequence: number;
  readonly venueTimeUs: number;
}

function read(frame: Json): Routed | undefined {
  switch (frame['e']) {
    case 'bookTicker':
      return {
        channel: Channel.BEST_QUOTE,
        event: { $case: 'bestQuote', value: readBookTicker(frame) },
        sequence: whole(frame, 'u'),
        // Spot's has no time.
        venueTimeUs: frame['T'] === undefined ? 0 : timeUs(frame, 'T'),
      };
    case 'trade':
    case 'aggTrade': {
      const trade = readTrade(frame);
      if (trade === undefined) return undefined;
      const venueTimeUs = timeUs(frame, 'T');
      return {
        channel: Channel.TRADES,
        event: { $case: 'trade', value: trade },
        sequence: Number(trade.tradeId),
        venueTimeUs,
      };
    }
    case 'kline': {
      const k = record(frame['k'], 'k');
      const interval = intervalOf(text(k, 'i'));
      if (interval === undefined) return undefined;
      return {
        channel: Channel.CANDLES,
        event: { $case: 'candle', value: readKline(k, interval) },
        sequence: 0,
        venueTimeUs: timeUs(frame, 'E'),
      };
    }
    case 'markPriceUpdate': {
      const event = { $case: 'markPrice', value: readMarkPrice(frame) } as const;
      return { channel: Channel.MARK_PRICE, event, sequence: 0, venueTimeUs: timeUs(frame, 'E') };
    }
    case '24hrTicker': {
      const event = { $case: 'ticker', value: readDayTicker(frame) } as const;
      return { channel: Channel.TICKER, event, sequence: 0, venueTimeUs: timeUs(frame, 'E') };
    }
    default:
      return undefined;
  }
}

function watch(client: BinanceClient, { channel, symbol, interval }: Topic): Promise<unknown> {
  switch (channel) {
    case Channel.BEST_QUOTE:
      return client.watchBidsAsks([symbol]);
    case Channel.BOOK:
      return client.watchOrderBook(symbol);
    case Channel.TRADES:
      return client.watchTrades(symbol);
    case Channel.CANDLES:
      return client.watchOHLCV(symbol, intervalName(interval) ?? '');
    case Channel.MARK_PRICE:
      return client.watchMarkPrice(symbol);
    case Channel.TICKER:
      return client.watchTicker(symbol, { name: 'ticker' });
    default:
      return Promise.reject(new Error('no such channel'));
  }
}

/** The name under which ccxt keeps the subscription on its socket. */
function messageHash({ channel, symbol, interval }: Topic): string {
  switch (channel) {
    case Channel.BEST_QUOTE:
      return `bidask:bookTicker@${symbol}`;
    case Channel.BOOK:
      return `orderbook::${symbol}`;
    case Channel.TRADES:
      return `trade::${symbol}`;
    case Channel.CANDLES:
      return `ohlcv::${symbol}::${intervalName(interval) ?? ''}`;
    case Channel.MARK_PRICE:
      return `markPrice:markPrice@${symbol}`;
    case Channel.TICKER:
      return `ticker:ticker@${symbol}`;
    default:
      return '';
  }
}

function refuse(
  topic: Topic,
  symbols: SymbolTable,
  channels: readonly Channel[],
): { reason: ErrorReason; message: string } | undefined {
  if (symbols.toVenue(topic.symbol) === undefined) {
    const message = `not a symbol of this connector: ${symbols.symbols.join(', ')}`;
    return { reason: ErrorReason.UNKNOWN_SYMBOL, message };
  }
  if (!channels.includes(topic.channel)) return { reason: ErrorReason.UNSUPPORTED, message: 'no such channel' };
  const wantsInterval = topic.channel === Channel.CANDLES;
  if (wantsInterval !== (topic.interval !== CandleInterval.CANDLE_INTERVAL_UNSPECIFIED)) {
    return { reason: ErrorReason.INVALID_FIELD, message: 'candles, and only candles, have an interval' };
  }
  if (topic.depth !== 0 && (topic.channel !== Channel.BOOK || topic.depth !== BOOK_DEPTH)) {
    return { reason: ErrorReason.INVALID_FIELD, message: `books have depth ${BOOK_DEPTH}` };
  }
  return undefined;
}
