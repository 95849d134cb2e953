/** Market topics, as both sides tell them apart. */
import type { Topic } from '../gen/trunkline/exchange/v1/market_data.ts';

/** Two equal topics are one subscription of a stream. */
export function topicKey(topic: Topic): string {
  return `${topic.channel}|${topic.symbol}|${topic.depth}|${topic.interval}`;
}
