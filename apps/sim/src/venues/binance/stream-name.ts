/**
 * Names of market streams (`btcusdt@depth@100ms`) and which of the venue's two market paths carries them:
 * `/public` has books, best quotes and trades, `/market` the rest. The old `/ws` and `/stream` carry both.
 */
import { INTERVALS_MS } from '../intervals.ts';

export type StreamPath = 'public' | 'market';

export type Stream = { readonly symbol: string; readonly path: StreamPath } & (
  | { readonly kind: 'book_ticker' | 'trade' | 'agg_trade' | 'ticker' | 'mini_ticker' }
  /** All changes, merged over `intervalMs`; 0 sends each as it happens. */
  | { readonly kind: 'depth'; readonly intervalMs: number }
  /** The best `levels` of each side. */
  | { readonly kind: 'partial_depth'; readonly levels: number; readonly intervalMs: number }
  | { readonly kind: 'kline'; readonly interval: string; readonly intervalMs: number }
  | { readonly kind: 'mark_price'; readonly intervalMs: number }
);

const DEPTH_PACES_MS: ReadonlyMap<string, number> = new Map([
  ['', 250],
  ['@0ms', 0],
  ['@100ms', 100],
  ['@250ms', 250],
  ['@500ms', 500],
]);

/** Undefined for a name that is no stream of this venue; the symbol may be one that is not listed. */
export function parseStream(name: string): Stream | undefined {
  const at = name.indexOf('@');
  if (at < 1) return undefined;
  const symbol = name.slice(0, at).toUpperCase();
  const topic = name.slice(at + 1);
  switch (topic) {
    case 'bookTicker':
      return { symbol, path: 'public', kind: 'book_ticker' };
    case 'trade':
      return { symbol, path: 'public', kind: 'trade' };
    case 'aggTrade':
      return { symbol, path: 'market', kind: 'agg_trade' };
    case 'ticker':
      return { symbol, path: 'market', kind: 'ticker' };
    case 'miniTicker':
      return { symbol, path: 'market', kind: 'mini_ticker' };
    case 'markPrice':
      return { symbol, path: 'market', kind: 'mark_price', intervalMs: 3_000 };
    case 'markPrice@1s':
      return { symbol, path: 'market', kind: 'mark_price', intervalMs: 1_000 };
    default:
      return parseDepth(symbol, topic) ?? parseKline(symbol, topic);
  }
}

function parseDepth(symbol: string, topic: string): Stream | undefined {
  const match = /^depth(|5|10|20)(|@\d+ms)$/.exec(topic);
  if (match === null) return undefined;
  const [, levels = '', pace = ''] = match;
  const intervalMs = DEPTH_PACES_MS.get(pace);
  if (intervalMs === undefined) return undefined;
  if (levels === '') return { symbol, path: 'public', kind: 'depth', intervalMs };
  return { symbol, path: 'public', kind: 'partial_depth', levels: Number(levels), intervalMs };
}

function parseKline(symbol: string, topic: string): Stream | undefined {
  if (!topic.startsWith('kline_')) return undefined;
  const interval = topic.slice('kline_'.length);
  const intervalMs = INTERVALS_MS.get(interval);
  return intervalMs === undefined ? undefined : { symbol, path: 'market', kind: 'kline', interval, intervalMs };
}
