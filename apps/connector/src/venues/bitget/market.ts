/**
 * Bitget's market channels: which channel carries a topic, and what a push of it becomes.
 *
 * K1  `ticker` of futures carries three topics: they hold one channel together.
 * K2  The first push of `trade` and `candle` shows the past. Of trades nothing of it is said, of candles the last one.
 * K3  No push tells that a candle has ended: it has when the next one begins, and is said then as it was last pushed. The
 *     channel pushes a candle once a second while it trades, and in order.
 */
import {
  type Candle,
  CandleInterval,
  Channel,
  type Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Json, list, reading, record, timeUs, Unreadable } from '../fields.ts';
import type { MarketData, MarketDialect, MarketFeed } from '../market-feed.ts';
import type { SymbolTable } from '../symbol-table.ts';
import type { ChannelArgument, ChannelSocket } from './channel-socket.ts';
import { BookChecksum } from './checksum.ts';
import { BOOK_DEPTH, BOOKS_RULE, readDelta, readSnapshot, sequenceOf } from './depth.ts';
import { readBestQuote, readCandle, readMarkPrice, readOpenInterest, readTicker, readTrade } from './market-mapper.ts';
import type { Product } from './product.ts';
import { intervalOf, intervalWords } from './words.ts';

const CANDLE = 'candle';

export interface MarketOptions {
  readonly socket: ChannelSocket;
  readonly product: Product;
  readonly symbols: () => SymbolTable;
  readonly feed: () => MarketFeed;
}

export interface BitgetMarket extends MarketDialect {
  /** Hands a push to the feed. Undefined, or why it could not be read. */
  take(argument: ChannelArgument, frame: Json): Unreadable | undefined;
}

export function bitgetMarket({ socket, product, symbols, feed }: MarketOptions): BitgetMarket {
  const checksums = new Map<string, BookChecksum>();
  const candles = new Map<string, Candle>();
  /** Channels of which the first push has come. */
  const begun = new Set<string>();

  const book = (symbol: string, entry: Json, snapshot: boolean): Unreadable | undefined => {
    const checksum = checksums.get(symbol) ?? new BookChecksum();
    checksums.set(symbol, checksum);
    const read = reading(() => {
      if (!checksum.agrees(entry, snapshot ? 'snapshot' : 'update')) throw new Unreadable('a checksum that differs');
      if (snapshot) feed().snapshot(symbol, readSnapshot(entry));
      else feed().delta(symbol, readDelta(entry));
    });
    if (!(read instanceof Unreadable)) return undefined;
    feed().delta(symbol, undefined);
    return read;
  };

  const say = (channel: Channel, symbol: string, event: MarketData, venueTimeUs: number, sequence = 0) =>
    feed().data(channel, symbol, event, sequence, venueTimeUs);

  const ticker = (symbol: string, entry: Json) => {
    const venueTimeUs = timeUs(entry, 'ts');
    say(Channel.TICKER, symbol, { $case: 'ticker', value: readTicker(entry) }, venueTimeUs);
    if (product.market === 'spot') return;
    say(Channel.MARK_PRICE, symbol, { $case: 'markPrice', value: readMarkPrice(entry) }, venueTimeUs);
    say(Channel.OPEN_INTEREST, symbol, { $case: 'openInterest', value: readOpenInterest(entry) }, venueTimeUs);
  };

  const trade = (symbol: string, entry: Json) =>
    say(Channel.TRADES, symbol, { $case: 'trade', value: readTrade(entry) }, timeUs(entry, 'ts'));

  const candle = (symbol: string, value: Candle, venueTimeUs: number) => {
    const key = `${symbol} ${value.interval}`;
    const last = candles.get(key);
    if (last !== undefined && last.openTimeUs > value.openTimeUs) return;
    candles.set(key, value);
    if (last !== undefined && last.openTimeUs < value.openTimeUs)
      say(Channel.CANDLES, symbol, { $case: 'candle', value: { ...last, closed: true } }, venueTimeUs);
    say(Channel.CANDLES, symbol, { $case: 'candle', value }, venueTimeUs);
  };

  const bestQuote = (symbol: string, entry: Json) => {
    const value = readBestQuote(entry);
    if (value === undefined) return;
    say(Channel.BEST_QUOTE, symbol, { $case: 'bestQuote', value }, timeUs(entry, 'ts'), sequenceOf(entry, 'seq'));
  };

  const push = (symbol: string, channel: string, frame: Json): Unreadable | undefined => {
    const rows = list(frame['data'], 'data');
    const snapshot = frame['action'] === 'snapshot';
    const past = snapshot && !begun.has(`${symbol} ${channel}`);
    begun.add(`${symbol} ${channel}`);
    const entries = () => rows.map((row) => record(row, channel));
    switch (channel) {
      case 'books':
        return book(symbol, record(rows[0], channel), snapshot);
      case 'books1':
        for (const entry of entries()) bestQuote(symbol, entry);
        return undefined;
      case 'trade':
        // Newest first.
        if (!past) for (const entry of entries().toReversed()) trade(symbol, entry);
        return undefined;
      case 'ticker':
        for (const entry of entries()) ticker(symbol, entry);
        return undefined;
      default: {
        const interval = intervalOf(channel.slice(CANDLE.length));
        if (!channel.startsWith(CANDLE) || interval === undefined) return undefined;
        const read = rows
          .map((row) => readCandle(row, interval, false))
          .toSorted((a, b) => a.openTimeUs - b.openTimeUs);
        for (const each of past ? read.slice(-1) : read) candle(symbol, each, timeUs(frame, 'ts'));
        return undefined;
      }
    }
  };

  const argumentOf = (topic: Topic): ChannelArgument => ({
    instType: product.instType,
    channel: channelOf(topic) ?? '',
    instId: symbols().toVenue(topic.symbol) ?? '',
  });

  return {
    sequenceRule: BOOKS_RULE,
    tradeIds: 'opaque',
    refuse: (topic) => refuse(topic, symbols(), product),
    open: (topic) => socket.hold(argumentOf(topic)),
    close(topic) {
      if (topic.channel === Channel.CANDLES) candles.delete(`${topic.symbol} ${topic.interval}`);
      if (topic.channel === Channel.BOOK) checksums.delete(topic.symbol);
      const argument = argumentOf(topic);
      begun.delete(`${topic.symbol} ${argument.channel}`);
      socket.letGo(argument);
    },
    take({ channel, instId }, frame) {
      const symbol = symbols().fromVenue(instId ?? '');
      if (symbol === undefined) return undefined;
      const result = reading(() => push(symbol, channel, frame));
      return result instanceof Unreadable ? result : undefined;
    },
  };
}

/** The channel that carries a topic; undefined for a topic that has none. */
function channelOf({ channel, interval }: Topic): string | undefined {
  switch (channel) {
    case Channel.BEST_QUOTE:
      return 'books1';
    case Channel.BOOK:
      return 'books';
    case Channel.TRADES:
      return 'trade';
    case Channel.CANDLES: {
      const words = intervalWords(interval);
      return words === undefined ? undefined : `${CANDLE}${words.channel}`;
    }
    case Channel.TICKER:
    case Channel.MARK_PRICE:
    case Channel.OPEN_INTEREST:
      return 'ticker';
    default:
      return undefined;
  }
}

const FUTURES_ONLY: ReadonlySet<Channel> = new Set([Channel.MARK_PRICE, Channel.OPEN_INTEREST]);

function refuse(
  topic: Topic,
  symbols: SymbolTable,
  { market }: Product,
): { reason: ErrorReason; message: string } | undefined {
  if (symbols.toVenue(topic.symbol) === undefined) {
    const message = `not a symbol of this connector: ${symbols.symbols.join(', ')}`;
    return { reason: ErrorReason.UNKNOWN_SYMBOL, message };
  }
  const wantsInterval = topic.channel === Channel.CANDLES;
  if (wantsInterval !== (topic.interval !== CandleInterval.CANDLE_INTERVAL_UNSPECIFIED)) {
    return { reason: ErrorReason.INVALID_FIELD, message: 'candles, and only candles, have an interval' };
  }
  if (channelOf(topic) === undefined || (market === 'spot' && FUTURES_ONLY.has(topic.channel))) {
    return { reason: ErrorReason.UNSUPPORTED, message: 'no such channel' };
  }
  if (topic.depth !== 0 && (topic.channel !== Channel.BOOK || topic.depth !== BOOK_DEPTH)) {
    return { reason: ErrorReason.INVALID_FIELD, message: `books have depth ${BOOK_DEPTH}` };
  }
  return undefined;
}
