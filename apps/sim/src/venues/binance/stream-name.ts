/**
 * Names of market streams (`btcusdt@depth@100ms`): a symbol in lower case and a topic. Which topics there are is a
 * market's own; the parts that both markets form alike are read here.
 */
import { INTERVALS_MS } from '../intervals.ts';
import type { OpenFeed } from './feeds.ts';

/** What a market answers for a topic; undefined when it is no stream of it. */
export interface StreamDialect {
  feedOf(topic: string): OpenFeed | undefined;
}

export interface StreamName {
  /** As instruments have it. It may be one that is not listed. */
  readonly symbol: string;
  readonly topic: string;
}

/** Undefined for a name that cannot be a stream: the venue's are in lower case up to the `@`. */
export function parseStreamName(name: string): StreamName | undefined {
  const at = name.indexOf('@');
  const lower = name.slice(0, at);
  if (at < 1 || lower !== lower.toLowerCase()) return undefined;
  return { symbol: lower.toUpperCase(), topic: name.slice(at + 1) };
}

export interface DepthTopic {
  /** Undefined for all changes; the best so many levels else. */
  readonly levels: number | undefined;
  readonly intervalMs: number;
}

/** `depth`, `depth@100ms`, `depth20@500ms`; `pacesMs` by what may follow the name. */
export function parseDepthTopic(topic: string, pacesMs: ReadonlyMap<string, number>): DepthTopic | undefined {
  const match = /^depth(|5|10|20)(|@\d+ms)$/.exec(topic);
  if (match === null) return undefined;
  const [, levels = '', pace = ''] = match;
  const intervalMs = pacesMs.get(pace);
  if (intervalMs === undefined) return undefined;
  return { levels: levels === '' ? undefined : Number(levels), intervalMs };
}

export interface KlineTopic {
  readonly interval: string;
  readonly intervalMs: number;
}

/** `kline_1m`. */
export function parseKlineTopic(topic: string): KlineTopic | undefined {
  if (!topic.startsWith('kline_')) return undefined;
  const interval = topic.slice('kline_'.length);
  const intervalMs = INTERVALS_MS.get(interval);
  return intervalMs === undefined ? undefined : { interval, intervalMs };
}
