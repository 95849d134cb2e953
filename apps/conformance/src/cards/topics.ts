/** Topics of the symbol under test. */
import { type CandleInterval, Channel, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type { Bench } from '../suite/bench.ts';

export function topicOf(bench: Bench, channel: Channel, changes: Partial<Topic> = {}): Topic {
  const interval = channel === Channel.CANDLES ? firstInterval(bench) : 0;
  return Topic.fromPartial({ channel, symbol: bench.symbol, interval, ...changes });
}

/** One of each channel that is offered. */
export function allTopics(bench: Bench): Topic[] {
  return bench.target.capabilities.channels.map((channel) => topicOf(bench, channel));
}

export function firstInterval({ target }: Bench): CandleInterval {
  return target.capabilities.candleIntervals[0] ?? 0;
}
