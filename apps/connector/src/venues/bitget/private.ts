/**
 * Bitget's private socket: a login, then the account's channels in one message. It stands when the venue has taken all of
 * them: before that a push may be missing.
 */
import { type Clock, sleep } from '@trunkline/proto/clock';
import type { PrivateDialect } from '../private-stream.ts';
import type { ChannelArgument, ChannelSocket } from './channel-socket.ts';
import type { Product } from './product.ts';

/** Until channels that the venue has not confirmed are given up. */
const CONFIRM_TIMEOUT_MS = 15_000;

export interface PrivateOptions {
  readonly socket: ChannelSocket;
  readonly product: Product;
  readonly clock: Clock;
}

/** `account` is keyed by coin, all others by instrument; `default` is all of them. */
export function privateChannels({ instType, market }: Product): ChannelArgument[] {
  const shared: ChannelArgument[] = [
    { instType, channel: 'orders', instId: 'default' },
    { instType, channel: 'fill', instId: 'default' },
    { instType, channel: 'account', coin: 'default' },
  ];
  return market === 'spot' ? shared : [...shared, { instType, channel: 'positions', instId: 'default' }];
}

export function bitgetPrivate({ socket, product, clock }: PrivateOptions): PrivateDialect {
  return {
    async prepare() {},
    async open(opened) {
      await socket.login();
      const channels = privateChannels(product);
      const giveUp = new AbortController();
      let missing = channels.length;
      const confirmed = () => {
        missing--;
        if (missing > 0) return;
        giveUp.abort();
        opened();
      };
      const ended = channels.map((channel) => socket.hold(channel, confirmed));
      const unconfirmed = sleep(clock, CONFIRM_TIMEOUT_MS, giveUp.signal).then(() => {
        if (missing > 0) throw new Error('the private channels were not confirmed');
      });
      unconfirmed.catch(() => {});
      await Promise.race([...ended, unconfirmed.then(() => Promise.race(ended))]).finally(() => giveUp.abort());
    },
    drop() {
      socket.close();
    },
  };
}
