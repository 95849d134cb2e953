/**
 * All market streams of the venue: opens a feed for a stream's first subscriber, closes it with the last, and hands
 * each frame, serialised once, to all of them.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import { marketOf } from '../../core/event-scope.ts';
import type { Feed } from '../feed.ts';
import { parseStreamName, type StreamDialect } from './stream-name.ts';

/** `json` is the frame's text. */
export type Subscriber = (stream: string, json: string) => void;

interface Channel {
  readonly symbol: string;
  readonly feed: Feed;
  readonly subscribers: Set<Subscriber>;
}

export interface MarketHub {
  /** A name that the venue does not carry is taken and stays silent, as the venue does. */
  subscribe(stream: string, subscriber: Subscriber): void;
  unsubscribe(stream: string, subscriber: Subscriber): void;
  close(): void;
}

export function createMarketHub(options: {
  readonly core: Core;
  readonly clock: Clock;
  readonly dialect: StreamDialect;
}): MarketHub {
  const { core, clock, dialect } = options;
  const channels = new Map<string, Channel>();
  const bySymbol = new Map<string, Set<Channel>>();

  const stop = core.subscribe((event) => {
    const symbol = marketOf(event);
    const listening = symbol === undefined ? undefined : bySymbol.get(symbol);
    if (listening === undefined) return;
    for (const channel of listening) channel.feed.on(event);
  });

  const open = (stream: string): Channel | undefined => {
    const named = parseStreamName(stream);
    if (named === undefined) return undefined;
    const { symbol, topic } = named;
    const instrument = core.instrument(symbol);
    const openFeed = dialect.feedOf(topic);
    if (instrument === undefined || openFeed === undefined) return undefined;
    const subscribers = new Set<Subscriber>();
    const emit = (frame: object) => {
      const json = JSON.stringify(frame);
      for (const subscriber of subscribers) subscriber(stream, json);
    };
    const channel = { symbol, subscribers, feed: openFeed({ core, clock, instrument, emit }) };
    channels.set(stream, channel);
    const siblings = bySymbol.get(symbol) ?? new Set();
    bySymbol.set(symbol, siblings.add(channel));
    return channel;
  };

  return {
    subscribe(stream, subscriber) {
      (channels.get(stream) ?? open(stream))?.subscribers.add(subscriber);
    },
    unsubscribe(stream, subscriber) {
      const channel = channels.get(stream);
      if (channel === undefined || !channel.subscribers.delete(subscriber) || channel.subscribers.size > 0) return;
      channel.feed.close();
      channels.delete(stream);
      bySymbol.get(channel.symbol)?.delete(channel);
    },
    close() {
      stop();
      for (const channel of channels.values()) channel.feed.close();
      channels.clear();
      bySymbol.clear();
    },
  };
}
