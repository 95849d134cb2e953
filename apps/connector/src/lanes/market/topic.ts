/**
 * Topics: which are served, which share one venue subscription, and how they are told apart.
 *
 * T1  Books of every depth share the venue's deepest; all else is one subscription a topic.
 * T2  What a topic's channel does not use (a depth without a book) must be absent: two spellings of one topic would
 *     be two subscriptions.
 */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { Capabilities } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { CandleInterval, Channel, type Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** The longest text of a refused topic that is echoed. */
const MAX_ECHO = 64;

/** Tells venue subscriptions apart: a book's depth does not count (T1). */
export function feedKey(topic: Topic): string {
  return `${topic.channel}|${topic.symbol}|${topic.interval}`;
}

/** The topic that the venue is asked for. */
export function venueTopic(topic: Topic, capabilities: Capabilities): Topic {
  return topic.channel === Channel.BOOK ? { ...topic, depth: Math.max(0, ...capabilities.bookDepths) } : topic;
}

/** Why a topic is not served, or undefined. */
export function refuseTopic(
  topic: Topic,
  capabilities: Capabilities,
  symbols: ReadonlySet<string>,
): ExchangeError | undefined {
  const { channel, symbol, depth, interval } = topic;
  if (!capabilities.channels.includes(channel)) {
    return new ExchangeError(
      ErrorReason.UNSUPPORTED,
      `channel ${Channel[channel] ?? channel} is not served`,
      'topic.channel',
    );
  }
  if (!symbols.has(symbol)) {
    return new ExchangeError(
      ErrorReason.UNKNOWN_SYMBOL,
      `not a symbol of this connector; it has ${[...symbols].join(', ')}`,
      'topic.symbol',
    );
  }
  const depths = channel === Channel.BOOK ? [0, ...capabilities.bookDepths] : [0];
  if (!depths.includes(depth)) {
    return new ExchangeError(
      ErrorReason.INVALID_FIELD,
      `depth ${depth} is not served; allowed: ${depths.join(', ')}`,
      'topic.depth',
    );
  }
  const intervals =
    channel === Channel.CANDLES ? capabilities.candleIntervals : [CandleInterval.CANDLE_INTERVAL_UNSPECIFIED];
  if (!intervals.includes(interval)) {
    const allowed = intervals.map((each) => CandleInterval[each]).join(', ');
    return new ExchangeError(
      ErrorReason.INVALID_FIELD,
      `interval ${interval} is not served; allowed: ${allowed}`,
      'topic.interval',
    );
  }
  return undefined;
}

/** A refused topic as it is sent back: whatever was asked, its echo is small. */
export function echoOf(topic: Topic): Topic {
  return { ...topic, symbol: topic.symbol.slice(0, MAX_ECHO) };
}
