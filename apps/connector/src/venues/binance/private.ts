/**
 * Binance USD-M's user data stream: a listen key (valid 60 min, kept by a PUT), then one socket without a subscribe
 * frame. The venue ends it after 24 h, or with `listenKeyExpired`, which ccxt does not handle.
 */
import type { Caller } from '../caller.ts';
import { record, text } from '../fields.ts';
import type { PrivateDialect } from '../private-stream.ts';
import type { BinanceClient } from './client.ts';
import { COSTS } from './rest.ts';

/** "This listenKey does not exist." */
const NO_SUCH_KEY = '-1125';

export interface PrivateOptions {
  readonly client: BinanceClient;
  readonly caller: Caller;
  readonly keepAliveMs: number;
  /** Hands over what to call when the private socket stands. */
  readonly onOpened: (opened: () => void) => void;
}

export function binancePrivate({ client, caller, keepAliveMs, onOpened }: PrivateOptions): PrivateDialect {
  return {
    async prepare() {
      const body = await caller.query(COSTS.listenKey, () => client.fapiPrivatePostListenKey());
      client.useListenKey(text(record(body, 'listen key'), 'listenKey'));
    },
    open(opened) {
      onOpened(opened);
      return client.watchOrders();
    },
    drop() {
      client.closeSockets(({ url }) => url.includes('/private/'));
    },
    keepAlive: {
      everyMs: keepAliveMs,
      async renew() {
        const spec = { cost: COSTS.listenKey, priority: 'query' } as const;
        const result = await caller.call(spec, () => client.fapiPrivatePutListenKey());
        if (result.kind === 'answered') return 'kept';
        if (result.kind === 'failed' && result.code === NO_SUCH_KEY) return 'lost';
        throw new Error('the listen key could not be renewed now');
      },
    },
  };
}
