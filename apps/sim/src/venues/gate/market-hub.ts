/**
 * All public channels of a market: opens a feed for a topic's first subscriber, closes it with the last, and hands each
 * message, serialised once, to all of them.
 *
 * H1  `obu` topics are not shared: each subscriber's begins with a whole book of its own.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import { marketOf } from '../../core/event-scope.ts';
import type { Feed } from '../feed.ts';
import { openFeed } from './feeds.ts';
import type { MarketFrames } from './market-frames.ts';
import type { Topic } from './topics.ts';

/** Takes the text of a message. */
export type Deliver = (json: string) => void;

interface Channel {
  readonly symbol: string;
  readonly feed: Feed;
  readonly subscribers: Set<Deliver>;
}

export interface MarketHub {
  /** Ends with the returned call. */
  subscribe(topic: Topic, deliver: Deliver): () => void;
  close(): void;
}

export function createMarketHub(core: Core, clock: Clock, frames: MarketFrames): MarketHub {
  const shared = new Map<string, Channel>();
  const bySymbol = new Map<string, Set<Channel>>();

  const stop = core.subscribe((event) => {
    const symbol = marketOf(event);
    const listening = symbol === undefined ? undefined : bySymbol.get(symbol);
    if (listening === undefined) return;
    for (const channel of listening) channel.feed.on(event);
  });

  const open = (topic: Topic, subscribers: Set<Deliver>): Channel | undefined => {
    const instrument = core.instrument(topic.symbol);
    if (instrument === undefined) return undefined;
    const emit = (frame: object) => {
      const json = JSON.stringify(frame);
      for (const deliver of subscribers) deliver(json);
    };
    const feed = openFeed(topic, { core, clock, frames, instrument, emit });
    const channel = { symbol: topic.symbol, feed, subscribers };
    bySymbol.set(topic.symbol, (bySymbol.get(topic.symbol) ?? new Set<Channel>()).add(channel));
    return channel;
  };

  const shut = (channel: Channel) => {
    channel.feed.close();
    bySymbol.get(channel.symbol)?.delete(channel);
  };

  return {
    subscribe(topic, deliver) {
      const isShared = topic.kind !== 'obu';
      const known = isShared ? shared.get(topic.key) : undefined;
      const channel = known ?? open(topic, new Set([deliver]));
      if (channel === undefined) return () => undefined;
      channel.subscribers.add(deliver);
      if (isShared) shared.set(topic.key, channel);
      return () => {
        if (!channel.subscribers.delete(deliver) || channel.subscribers.size > 0) return;
        shut(channel);
        if (shared.get(topic.key) === channel) shared.delete(topic.key);
      };
    },
    close() {
      stop();
      for (const channels of bySymbol.values()) for (const channel of channels) channel.feed.close();
      shared.clear();
      bySymbol.clear();
    },
  };
}
