/**
 * Binance spot as one app for a listener: REST, market streams and the WebSocket API with its user data over one core.
 * `close` ends every subscription, timer and held answer; sockets are the listener's to drop.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Rng } from '@trunkline/proto/rng';
import type { Socket, SocketHandler } from '../../../server/socket.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueFront, VenueFrontOptions } from '../../venue-front.ts';
import { createApp, type SocketService } from '../app.ts';
import { createDesk } from '../desk.ts';
import { createLimits, type LimitOptions } from '../limits.ts';
import { createMarketHub } from '../market-hub.ts';
import { serveMarketSocket } from '../market-socket.ts';
import { mintClientId } from '../print.ts';
import { serveWsApi } from '../ws-api.ts';
import { accountRoutes } from './account-routes.ts';
import { createCancelIds } from './cancel-ids.ts';
import { SPOT_WORDING } from './errors.ts';
import { marketRoutes } from './market-routes.ts';
import { SPOT_STREAMS } from './market-streams.ts';
import { createOrderDesk } from './order-desk.ts';
import { orderRoutes } from './order-routes.ts';
import { readSocketRequest, type SocketRequest } from './paths.ts';
import { createUserHub } from './user-hub.ts';
import { createUserSession, sessionRoutes } from './user-session.ts';
import { SPOT_WS_METHODS } from './ws-methods.ts';

export interface BinanceSpotOptions extends VenueFrontOptions {
  /** The venue's own when absent. */
  readonly limits?: LimitOptions;
}

/** `rateLimits` of Binance's exchangeInfo for spot. */
const USUAL_LIMITS: LimitOptions = {
  weightPerMinute: 6_000,
  orders: {
    short: { interval: 'SECOND', intervalNum: 10, limit: 100 },
    long: { interval: 'DAY', intervalNum: 1, limit: 200_000 },
  },
  graceRequests: 20,
};

/** Incoming messages on a market stream connection. */
const MAX_MESSAGES_PER_SECOND = 5;

export function createBinanceSpot(options: BinanceSpotOptions): VenueFront {
  const { core, clock, accounts, faults, calls } = options;
  const context = { core, clock };
  const mint = minter(options.rng.fork('client-order-ids'));
  const limits = createLimits(options.limits ?? USUAL_LIMITS, SPOT_WORDING);
  const cancelIds = createCancelIds(mint);
  const users = createUserHub({ core, clock, cancelIds });
  const markets = createMarketHub({ core, clock, dialect: SPOT_STREAMS });
  const routes = [
    ...marketRoutes(context, limits.options),
    ...orderRoutes(context, createOrderDesk(context, mint, cancelIds)),
    ...accountRoutes(context, limits),
    ...sessionRoutes(),
  ];
  // Only unfilled orders count: the first fill of an order takes it off (order_count_decrement.md).
  const stopCounting = core.subscribe((event) => {
    if (event.kind !== 'fill' || event.order.executedQuantity !== event.fill.quantity) return;
    limits.uncountOrder(event.order.accountId, milliseconds(clock.wallUs()));
  });
  const desk = createDesk({ context, routes, accounts, limits, faults, calls, wording: SPOT_WORDING });

  const serve = (asked: SocketRequest, socket: Socket, ip: string): SocketHandler => {
    switch (asked.kind) {
      case 'ws_api': {
        const session = createUserSession({ socket, hub: users, clock, accounts });
        return serveWsApi(socket, { desk, ip, limits: limits.options, methods: SPOT_WS_METHODS, session });
      }
      case 'market':
        return serveMarketSocket(socket, {
          ...asked,
          hub: markets,
          clock,
          maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND,
          carries: () => true,
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
    /** Spot has no listen keys; what expires is the subscription. */
    expireListenKey: (account) => users.terminate(account) > 0,
    close() {
      desk.close();
      stopCounting();
      markets.close();
      users.close();
    },
  };
}

function minter(rng: Rng): () => string {
  return () => mintClientId(rng);
}
