/**
 * What a public subscription asks for: channel and payload read into topics, each of one market.
 *
 * T1  A payload is taken whole or not at all: one unknown market or parameter refuses it.
 */
import type { Core } from '../../core/core-api.ts';
import type { ChannelError } from './frames.ts';
import { INTERVALS_MS } from './intervals.ts';
import type { Market } from './market.ts';

export type Topic = {
  readonly channel: string;
  readonly symbol: string;
  /** Equal for equal topics. */
  readonly key: string;
} & (
  | { readonly kind: 'ticker' | 'trade' | 'book_ticker' }
  | { readonly kind: 'candle'; readonly intervalMs: number; readonly name: string }
  /** Changed levels; undefined levels follow the whole book. */
  | { readonly kind: 'book_update'; readonly intervalMs: number; readonly levels: number | undefined }
  /** The best levels, whole. */
  | { readonly kind: 'book'; readonly intervalMs: number; readonly levels: number }
  /** The best levels whole at first, then what changes of them. */
  | { readonly kind: 'obu'; readonly intervalMs: number; readonly levels: number; readonly name: string }
);

const LISTS: ReadonlyMap<string, 'ticker' | 'trade' | 'book_ticker'> = new Map([
  ['tickers', 'ticker'],
  ['trades', 'trade'],
  ['book_ticker', 'book_ticker'],
]);

const FREQUENCIES_MS: ReadonlyMap<string, number> = new Map([
  ['20ms', 20],
  ['100ms', 100],
  ['1000ms', 1_000],
]);
/** Levels of the `obu` channels, and how often each is pushed. */
const OBU_PACES_MS: ReadonlyMap<string, number> = new Map([
  ['50', 20],
  ['400', 100],
]);
const UPDATE_LEVELS = ['20', '50', '100'];
const SNAPSHOT_LEVELS = ['1', '5', '10', '20', '50', '100'];
/** `futures.order_book` has an interval of 0: it is pushed as the book changes. */
const SOON_MS = 100;

export function isPublicChannel(name: string): boolean {
  return LISTS.has(name) || ['candlesticks', 'order_book', 'order_book_update', 'obu'].includes(name);
}

/** `name` is the channel without the market's prefix. */
export function readTopics(
  market: Market,
  name: string,
  payload: unknown,
  core: Core,
): readonly Topic[] | ChannelError {
  if (!Array.isArray(payload) || payload.length === 0) return bad('payload');
  const words = payload.map(String);
  const channel = `${market.kind}.${name}`;
  const [first = '', second = '', third = ''] = words;
  const listed = LISTS.get(name);
  const topics: (Topic | ChannelError)[] =
    listed === undefined
      ? [readOne(market, name, channel, [first, second, third])]
      : words.map((symbol) => ({ channel, symbol, key: `${channel} ${symbol}`, kind: listed }));
  const known: Topic[] = [];
  for (const topic of topics) {
    if ('code' in topic) return topic;
    if (core.instrument(topic.symbol) === undefined) return unknownSymbol(market, topic.symbol);
    known.push(topic);
  }
  return known;
}

function readOne(
  market: Market,
  name: string,
  channel: string,
  [first, second, third]: readonly [string, string, string],
): Topic | ChannelError {
  switch (name) {
    case 'candlesticks': {
      const intervalMs = INTERVALS_MS.get(first);
      const title = `${first}_${second}`;
      if (intervalMs === undefined) return bad('interval');
      return { channel, symbol: second, key: `${channel} ${title}`, kind: 'candle', intervalMs, name: title };
    }
    case 'order_book': {
      const intervalMs = market.kind === 'futures' && third === '0' ? SOON_MS : FREQUENCIES_MS.get(third);
      if (intervalMs === undefined) return bad('interval');
      if (!SNAPSHOT_LEVELS.includes(second)) return bad('level');
      const key = `${channel} ${first} ${second} ${third}`;
      return { channel, symbol: first, key, kind: 'book', intervalMs, levels: Number(second) };
    }
    case 'order_book_update': {
      const intervalMs = FREQUENCIES_MS.get(second);
      if (intervalMs === undefined) return bad('frequency');
      if (third !== '' && !UPDATE_LEVELS.includes(third)) return bad('level');
      const key = `${channel} ${first} ${second} ${third}`;
      const levels = third === '' ? undefined : Number(third);
      return { channel, symbol: first, key, kind: 'book_update', intervalMs, levels };
    }
    default: {
      const [, symbol = '', levels = ''] = /^ob\.(\w+)\.(\d+)$/.exec(first) ?? [];
      const intervalMs = OBU_PACES_MS.get(levels);
      if (intervalMs === undefined) return bad('payload');
      return {
        channel,
        symbol,
        key: `${channel} ${first}`,
        kind: 'obu',
        intervalMs,
        levels: Number(levels),
        name: first,
      };
    }
  }
}

function bad(what: string): ChannelError {
  return { code: 2, message: `invalid argument: ${what}` };
}

export function unknownSymbol({ kind }: Market, symbol: string): ChannelError {
  return { code: 2, message: `unknown ${kind === 'spot' ? 'currency pair:' : 'contract'} ${symbol}` };
}
