/**
 * Binance USD-M futures as one app for a listener: REST, market streams, user data streams and the WebSocket API over
 * one core. `close` ends every subscription, timer and held answer; sockets are the listener's to drop.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Socket, SocketHandler } from '../../../server/socket.ts';
import { createFundingHistory } from '../../funding-history.ts';
import type { VenueFront, VenueFrontOptions } from '../../venue-front.ts';
import { createApp, type SocketService } from '../app.ts';
import { createDesk } from '../desk.ts';
import { USDM_WORDING } from '../errors.ts';
import { createLimits, type LimitOptions } from '../limits.ts';
import { createMarketHub } from '../market-hub.ts';
import { serveMarketSocket } from '../market-socket.ts';
import { serveWsApi } from '../ws-api.ts';
import { accountRoutes } from './account-routes.ts';
import { createListenKeys, USUAL_VALIDITY_MS } from './listen-keys.ts';
import { marketRoutes } from './market-routes.ts';
import { carriedBy, USDM_STREAMS } from './market-streams.ts';
import { readSocketRequest, type SocketRequest } from './paths.ts';
import { settingsRoutes } from './settings-routes.ts';
import { tradeRoutes } from './trade-routes.ts';
import { createUserHub } from './user-hub.ts';
import { serveUserSocket } from './user-socket.ts';
import { USDM_WS_METHODS } from './ws-methods.ts';

export interface BinanceUsdmOptions extends VenueFrontOptions {
  /** The venue's own when absent. */
  readonly limits?: LimitOptions;
  /** 60 minutes when absent. */
  readonly listenKeyValidityMs?: number;
}

/** `rateLimits` of Binance's exchangeInfo for USD-M. */
const USUAL_LIMITS: LimitOptions = {
  weightPerMinute: 2_400,
  orders: {
    short: { interval: 'SECOND', intervalNum: 10, limit: 300 },
    long: { interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
  },
  graceRequests: 20,
};

/** Incoming messages on a market stream connection. */
const MAX_MESSAGES_PER_SECOND = 10;

export function createBinanceUsdm(options: BinanceUsdmOptions): VenueFront {
  const { core, clock, accounts, faults, calls } = options;
  const limits = createLimits(options.limits ?? USUAL_LIMITS, USDM_WORDING);
  const listenKeys = createListenKeys({
    clock,
    rng: options.rng.fork('listen-keys'),
    validityMs: options.listenKeyValidityMs ?? USUAL_VALIDITY_MS,
    onExpired: (_account, key) => users.expired(key),
  });
  const users = createUserHub({ core, clock, accountOf: listenKeys.accountOf });
  const markets = createMarketHub({ core, clock, dialect: USDM_STREAMS });
  const fundings = createFundingHistory(core);
  const context = { core, clock, listenKeys };
  const routes = [
    ...marketRoutes(context, limits.options, fundings),
    ...tradeRoutes(context, options.rng.fork('client-order-ids')),
    ...accountRoutes(context),
    ...settingsRoutes(context),
  ];
  const desk = createDesk({ context, routes, accounts, limits, faults, calls, wording: USDM_WORDING });

  const serve = (asked: SocketRequest, socket: Socket, ip: string): SocketHandler => {
    switch (asked.kind) {
      case 'ws_api':
        return serveWsApi(socket, { desk, ip, limits: limits.options, methods: USDM_WS_METHODS });
      case 'user':
        return serveUserSocket(socket, asked, users.attach);
      case 'market':
        return serveMarketSocket(socket, {
          ...asked,
          hub: markets,
          clock,
          maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND,
          carries: (stream) => carriedBy(asked.path, stream),
        });
      default:
        return assertNever(asked);
    }
  };
  const serviceAt = (url: URL): SocketService | undefined => {
    const asked = readSocketRequest(url);
    return asked === undefined ? undefined : { kind: asked.kind, serve: (socket, ip) => serve(asked, socket, ip) };
  };

  return {
    ...createApp({ desk, limits: limits.options, serviceAt }),
    expireListenKey: listenKeys.expire,
    close() {
      desk.close();
      markets.close();
      fundings.close();
      users.close();
      listenKeys.close();
    },
  };
}
