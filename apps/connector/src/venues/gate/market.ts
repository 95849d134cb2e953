/** Gate's market streams: which channel opens a topic, and which event a frame is. Every topic has a socket lane. */
import { CandleInterval, Channel, type Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Json, reading, record, text, Unreadable, whole } from '../fields.ts';
import type { MarketData, MarketDialect, MarketFeed } from '../market-feed.ts';
import type { Asking } from './asking.ts';
import type { GateClient } from './client.ts';
import { DEPTH_RULE, readBookFrame, readBookSnapshot } from './depth.ts';
import {
  entriesOf,
  readBookTicker,
  readFuturesCandle,
  readFuturesMarketTrade,
  readFuturesTicker,
  readMarkPrice,
  readOpenInterest,
  readSpotCandle,
  readSpotMarketTrade,
  readSpotTicker,
} from './market-mapper.ts';
import { timeAt } from './numbers.ts';
import { costOf } from './rest.ts';
import { intervalName } from './words.ts';

/** A lane's topic; undefined for lanes that are no topic's. */
export type TopicOf = (lane: string) => Topic | undefined;

export interface GateMarket extends MarketDialect {
  /** Hands a frame to the feed. Undefined, or why it could not be read. */
  route(lane: string, frame: Json, feed: MarketFeed): Unreadable | undefined;
  subscribed(lane: string, feed: MarketFeed): void;
}

export function gateMarket(
  asking: Asking,
  sockets: Pick<GateClient, 'subscribe' | 'closeLane'>,
  channels: readonly Channel[],
): GateMarket {
  const { client, caller, kind, symbols, venueSymbol } = asking;
  const isSpot = kind.market === 'spot';
  const topics = new Map<string, Topic>();

  const dialect: MarketDialect = {
    sequenceRule: DEPTH_RULE,
    refuse: (topic) => refuse(topic, asking, channels),
    async open(topic) {
      const lane = laneOf(topic);
      topics.set(lane, topic);
      const market = venueSymbol(topic.symbol);
      return sockets.subscribe(lane, channelOf(topic, asking), payloadOf(topic, market, asking), 'public');
    },
    close(topic) {
      const lane = laneOf(topic);
      topics.delete(lane);
      sockets.closeLane(lane);
    },
    ...(isSpot
      ? {}
      : {
          async snapshot(symbol: string) {
            const query = { contract: venueSymbol(symbol), limit: kind.bookLevels, with_id: true };
            const body = await caller.query(costOf('order_book'), () =>
              client.ask({ method: 'GET', path: `${kind.root}/order_book`, query, isPublic: true }),
            );
            return readBookSnapshot(record(body, 'book'), symbols().contractSize(symbol));
          },
        }),
  };

  return {
    ...dialect,
    route(lane, frame, feed) {
      const topic = topics.get(lane);
      if (topic === undefined) return undefined;
      const result = reading(() => {
        if (topic.channel === Channel.BOOK) routeBook(topic.symbol, record(frame['result'], 'result'), feed);
        else routeData(topic, frame, feed);
        return undefined;
      });
      if (result instanceof Unreadable && topic.channel === Channel.BOOK) feed.delta(topic.symbol, undefined);
      return result;
    },
    subscribed(lane, feed) {
      const topic = topics.get(lane);
      if (topic?.channel === Channel.BOOK) feed.bookBegan(topic.symbol);
    },
  };

  function routeBook(symbol: string, result: Json, feed: MarketFeed): void {
    const frame = readBookFrame(result, symbols().contractSize(symbol));
    if (frame.kind === 'snapshot') feed.snapshot(symbol, frame.snapshot);
    else feed.delta(symbol, frame.delta);
  }

  function routeData(topic: Topic, frame: Json, feed: MarketFeed): void {
    const sentUs = timeAt(frame, 'time_ms', 'time');
    for (const entry of entriesOf(frame['result'])) {
      const read = readData(topic, entry, asking);
      if (read === undefined) continue;
      feed.data(topic.channel, topic.symbol, read.event, read.sequence ?? 0, read.venueTimeUs ?? sentUs);
    }
  }
}

interface Read {
  readonly event: MarketData;
  readonly sequence?: number;
  readonly venueTimeUs?: number;
}

function readData({ channel, symbol, interval }: Topic, entry: Json, asking: Asking): Read | undefined {
  const isSpot = asking.kind.market === 'spot';
  const size = asking.symbols().contractSize(symbol);
  switch (channel) {
    case Channel.BEST_QUOTE: {
      const value = readBookTicker(entry, size);
      if (value === undefined) return undefined;
      return { event: { $case: 'bestQuote', value }, sequence: whole(entry, 'u'), venueTimeUs: timeAt(entry, 't') };
    }
    case Channel.TRADES: {
      const value = isSpot ? readSpotMarketTrade(entry) : readFuturesMarketTrade(entry, size);
      if (value === undefined) return undefined;
      const venueTimeUs = timeAt(entry, 'create_time_ms', 'create_time');
      return { event: { $case: 'trade', value }, sequence: Number(value.tradeId), venueTimeUs };
    }
    case Channel.CANDLES: {
      const at = { interval, nowUs: asking.nowUs() };
      const value = isSpot ? readSpotCandle(entry, at) : readFuturesCandle(entry, size, at);
      return { event: { $case: 'candle', value } };
    }
    case Channel.MARK_PRICE:
      return { event: { $case: 'markPrice', value: readMarkPrice(entry) } };
    case Channel.OPEN_INTEREST:
      return { event: { $case: 'openInterest', value: readOpenInterest(entry, size) } };
    case Channel.TICKER:
      return { event: { $case: 'ticker', value: isSpot ? readSpotTicker(entry) : readFuturesTicker(entry) } };
    default:
      throw new Unreadable(`a frame of ${text(entry, 'channel')}`);
  }
}

function channelOf({ channel }: Topic, { kind }: Asking): string {
  const names: Partial<Record<Channel, string>> = {
    [Channel.BEST_QUOTE]: 'book_ticker',
    [Channel.BOOK]: kind.market === 'spot' ? 'obu' : 'order_book_update',
    [Channel.TRADES]: 'trades',
    [Channel.CANDLES]: 'candlesticks',
    [Channel.MARK_PRICE]: 'tickers',
    [Channel.OPEN_INTEREST]: 'tickers',
    [Channel.TICKER]: 'tickers',
  };
  return `${kind.prefix}.${names[channel] ?? ''}`;
}

function payloadOf({ channel, interval }: Topic, market: string, { kind }: Asking): string[] {
  if (channel === Channel.CANDLES) return [intervalName(interval) ?? '', market];
  if (channel !== Channel.BOOK) return [market];
  return kind.market === 'spot' ? [`ob.${market}.${kind.bookLevels}`] : [market, '100ms', String(kind.bookLevels)];
}

function laneOf({ channel, symbol, interval }: Topic): string {
  return `${Channel[channel]}|${symbol}|${interval}`;
}

function refuse(topic: Topic, { symbols, kind }: Asking, channels: readonly Channel[]) {
  const table = symbols();
  if (table.toVenue(topic.symbol) === undefined) {
    const message = `not a symbol of this connector: ${table.symbols.join(', ')}`;
    return { reason: ErrorReason.UNKNOWN_SYMBOL, message };
  }
  if (!channels.includes(topic.channel)) return { reason: ErrorReason.UNSUPPORTED, message: 'no such channel' };
  const wantsInterval = topic.channel === Channel.CANDLES;
  if (wantsInterval !== (topic.interval !== CandleInterval.CANDLE_INTERVAL_UNSPECIFIED)) {
    return { reason: ErrorReason.INVALID_FIELD, message: 'candles, and only candles, have an interval' };
  }
  if (topic.depth !== 0 && (topic.channel !== Channel.BOOK || topic.depth !== kind.bookLevels)) {
    return { reason: ErrorReason.INVALID_FIELD, message: `books have depth ${kind.bookLevels}` };
  }
  return undefined;
}
