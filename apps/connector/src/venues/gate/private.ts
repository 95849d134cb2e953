/**
 * Gate's private stream: one socket with a signed subscription for each channel. Futures name the user in each; there is
 * no key to renew, so the stream is asked for a sign of life instead.
 *
 * V1  The stream stands when every channel was confirmed; one refusal is the end of all.
 * V2  A channel ping that has no pong by the next one is a lost stream: a peer whose socket stands may still be dead.
 */
import type { PrivateDialect } from '../private-stream.ts';
import type { GateClient } from './client.ts';
import type { MarketKind } from './market-kind.ts';

export const PRIVATE_LANE = 'private';

/** Every contract or pair: which of them are ours is decided here, and a symbol's first order needs no new subscription. */
const ALL = '!all';

export interface PrivateOptions {
  readonly client: Pick<GateClient, 'subscribe' | 'pingLane' | 'closeLane'>;
  readonly kind: MarketKind;
  readonly uid: () => string;
  readonly pingMs: number;
  /** What was subscribed before is gone, and with it what was held of it. */
  readonly dropped: () => void;
}

export interface GatePrivate extends PrivateDialect {
  subscribed(channel: string): void;
  pong(): void;
}

export function gatePrivate({ client, kind, uid, pingMs, dropped }: PrivateOptions): GatePrivate {
  const waiting = new Set<string>();
  let opened = () => {};
  let unanswered = false;

  const subscriptions = (): readonly (readonly [channel: string, payload: readonly string[]])[] =>
    kind.market === 'spot'
      ? [
          ['spot.orders', [ALL]],
          ['spot.usertrades', [ALL]],
          ['spot.balances', []],
        ]
      : [
          ['futures.orders', [uid(), ALL]],
          ['futures.usertrades', [uid(), ALL]],
          ['futures.balances', [uid()]],
          ['futures.positions', [uid(), ALL]],
        ];

  return {
    async prepare() {},
    open(stands) {
      opened = stands;
      unanswered = false;
      waiting.clear();
      const channels = subscriptions();
      for (const [channel] of channels) waiting.add(channel);
      return Promise.race(
        channels.map(([channel, payload]) => client.subscribe(PRIVATE_LANE, channel, payload, 'private')),
      );
    },
    drop() {
      client.closeLane(PRIVATE_LANE);
      dropped();
    },
    keepAlive: {
      everyMs: pingMs,
      async renew() {
        if (unanswered) return 'lost';
        unanswered = true;
        client.pingLane(PRIVATE_LANE);
        return 'kept';
      },
    },
    subscribed(channel) {
      if (waiting.delete(channel) && waiting.size === 0) opened();
    },
    pong() {
      unanswered = false;
    },
  };
}
