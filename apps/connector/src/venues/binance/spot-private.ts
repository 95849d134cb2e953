/**
 * Binance spot's user data stream: one subscription on a socket of the WebSocket API, signed in its request; there is no
 * listen key and nothing to renew. The venue ends the socket after 24 h, says `serverShutdown` before an earlier end, and
 * `eventStreamTerminated` when it ends the subscription alone.
 */
import type { PrivateDialect } from '../private-stream.ts';
import type { BinanceClient } from './client.ts';

export interface SpotPrivateOptions {
  readonly client: BinanceClient;
  /** Hands over what to call when the venue confirmed the subscription. */
  readonly onOpened: (opened: () => void) => void;
}

export function spotPrivate({ client, onOpened }: SpotPrivateOptions): PrivateDialect {
  return {
    async prepare() {},
    open(opened) {
      onOpened(opened);
      return client.watchOrders();
    },
    drop() {
      client.closeSockets(({ url }) => url.includes('/ws-api/'));
    },
  };
}
