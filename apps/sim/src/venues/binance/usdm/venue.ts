/**
 * Binance USD-M futures as one app for a listener: REST, market streams, user data streams and the WebSocket API over
 * one core. `close` ends every subscription, timer and held answer; sockets are the listener's to drop.
 */
import { isRecord } from '@trunkline/kit/record';
import { assertNever } from '@trunkline/proto/assert';
import type { SocketKind } from '../../../server/faults.ts';
import type { AcceptSocket, Socket, SocketHandler } from '../../../server/socket.ts';
import type { VenueFront, VenueFrontOptions } from '../../venue-front.ts';
import { createDesk, type Reply } from '../desk.ts';
import { refuse } from '../errors.ts';
import { createLimits, type LimitOptions, windowSuffix } from '../limits.ts';
import { createMarketHub } from '../market-hub.ts';
import { serveMarketSocket } from '../market-socket.ts';
import { readParams } from '../params.ts';
import { serveWsApi } from '../ws-api.ts';
import { accountRoutes } from './account-routes.ts';
import { createListenKeys, USUAL_VALIDITY_MS } from './listen-keys.ts';
import { marketRoutes } from './market-routes.ts';
import { carriedBy, USDM_STREAMS } from './market-streams.ts';
import { readSocketRequest, type SocketRequest } from './paths.ts';
import { tradeRoutes } from './trade-routes.ts';
import { createUserHub } from './user-hub.ts';

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
  const limits = createLimits(options.limits ?? USUAL_LIMITS);
  const listenKeys = createListenKeys({
    clock,
    rng: options.rng.fork('listen-keys'),
    validityMs: options.listenKeyValidityMs ?? USUAL_VALIDITY_MS,
    onExpired: (_account, key) => users.expired(key),
  });
  const users = createUserHub({ core, clock, accountOf: listenKeys.accountOf });
  const markets = createMarketHub({ core, clock, dialect: USDM_STREAMS });
  const context = { core, clock, listenKeys };
  const routes = [
    ...marketRoutes(context, limits.options),
    ...tradeRoutes(context, options.rng.fork('client-order-ids')),
    ...accountRoutes(context),
  ];
  const desk = createDesk({ context, routes, accounts, limits, faults, calls });
  const sockets = new Map<Socket, SocketKind>();

  const serve = (asked: SocketRequest, socket: Socket, ip: string): SocketHandler => {
    switch (asked.kind) {
      case 'ws_api':
        return serveWsApi(socket, { desk, ip, limits: limits.options });
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

  return {
    async fetch(request, { ip }) {
      const url = new URL(request.url);
      const body = await readBody(request);
      const sent = body === undefined ? refuse('BAD_VALUE', 'body') : readParams(url.search.slice(1), body);
      const caller = { apiKey: request.headers.get('x-mbx-apikey') ?? undefined, ip };
      const reply = await desk.serve({ method: request.method, path: url.pathname, sent, caller });
      return respond(reply, limits.options);
    },
    upgrade(url): AcceptSocket | undefined {
      const asked = readSocketRequest(url);
      if (asked === undefined) return undefined;
      return (socket, { ip }) => {
        sockets.set(socket, asked.kind);
        const handler = serve(asked, socket, ip);
        return {
          message: handler.message,
          closed() {
            sockets.delete(socket);
            handler.closed();
          },
        };
      };
    },
    expireListenKey: listenKeys.expire,
    dropSockets(which) {
      const chosen = [...sockets].filter(([, kind]) => which === 'all' || which === kind);
      for (const [socket] of chosen) socket.drop();
      return chosen.length;
    },
    close() {
      desk.close();
      markets.close();
      users.close();
      listenKeys.close();
    },
  };
}

/** Requests on a user stream connection get an empty acknowledgement; its one stream is in its address. */
function serveUserSocket(
  socket: Socket,
  { listenKey, combined }: Extract<SocketRequest, { kind: 'user' }>,
  attach: (listenKey: string, deliver: (json: string) => void) => () => void,
): SocketHandler {
  const name = JSON.stringify(listenKey);
  const detach = attach(listenKey, (json) => socket.send(combined ? `{"stream":${name},"data":${json}}` : json));
  return {
    message(text) {
      const id = requestId(text);
      if (id !== undefined) socket.send(JSON.stringify({ result: null, id }));
    },
    closed: detach,
  };
}

function requestId(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed.id : undefined;
  } catch {
    // Not JSON: nothing to acknowledge.
    return undefined;
  }
}

async function readBody(request: Request): Promise<string | undefined> {
  try {
    return request.method === 'GET' ? '' : await request.text();
  } catch {
    // The peer went away, or sent more than it announced.
    return undefined;
  }
}

function respond(reply: Reply, limits: LimitOptions): Response {
  const headers = new Headers({
    'content-type': 'application/json;charset=utf-8',
    'x-mbx-used-weight-1m': String(reply.usedWeight),
  });
  if (reply.orderCounts !== undefined) {
    headers.set(`x-mbx-order-count-${windowSuffix(limits.orders.short)}`, String(reply.orderCounts.short));
    headers.set(`x-mbx-order-count-${windowSuffix(limits.orders.long)}`, String(reply.orderCounts.long));
  }
  if (reply.retryAfterSeconds !== undefined) headers.set('retry-after', String(reply.retryAfterSeconds));
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
}
