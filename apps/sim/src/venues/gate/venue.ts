/**
 * One market of Gate as one app for a listener: REST, channels and the WebSocket API over one core. `close` ends every
 * subscription, timer and held answer; sockets are the listener's to drop.
 */
import type { Rng } from '@trunkline/proto/rng';
import { readBody } from '../../server/request-body.ts';
import type { AcceptSocket, Socket } from '../../server/socket.ts';
import type { VenueFront, VenueFrontOptions } from '../venue-front.ts';
import type { Route, VenueContext } from './call.ts';
import { commonRoutes } from './common-routes.ts';
import { createDesk, type Reply } from './desk.ts';
import type { Dialect } from './dialect.ts';
import type { ConnectionNames } from './frames.ts';
import { type Allowances, createLimits } from './limits.ts';
import type { Market } from './market.ts';
import type { MarketFrames } from './market-frames.ts';
import { createMarketHub } from './market-hub.ts';
import { createOrderDesk, type OrderDesk } from './order-desk.ts';
import { createRouter } from './routing.ts';
import { serveSocket, type VenueSocket } from './socket.ts';
import { createUserHub, type UserFrames } from './user-hub.ts';

/** What one of the two markets brings to the frame that both share. */
export interface MarketParts {
  readonly market: Market;
  readonly frames: MarketFrames;
  dialect(context: VenueContext): Dialect;
  userFrames(context: VenueContext): UserFrames;
  routes(context: VenueContext, desk: OrderDesk, dialect: Dialect): readonly Route[];
}

export interface GateOptions extends VenueFrontOptions {
  /** The venue's own when absent. */
  readonly allowances?: Allowances;
  /** The self-trade prevention group of all accounts; none when absent. */
  readonly stpGroup?: number;
}

export function createGate(parts: MarketParts, options: GateOptions): VenueFront {
  const { core, clock, accounts, faults, calls } = options;
  const { market, frames } = parts;
  const ends: (() => void)[] = [];
  const { stpGroup = 0 } = options;
  const context: VenueContext = { core, clock, accounts, stpGroup, onClose: (end) => void ends.push(end) };
  const dialect = parts.dialect(context);
  const orders = createOrderDesk(context, dialect);
  const routes = [...parts.routes(context, orders, dialect), ...commonRoutes(context)];
  const limits = createLimits(options.allowances ?? market.allowances);
  const router = createRouter(routes);
  const desk = createDesk({ context, router, symbolField: market.symbolField, accounts, limits, faults, calls });
  const markets = createMarketHub(core, clock, frames);
  const users = createUserHub({ core, clock, accounts, frames: parts.userFrames(context) });
  const sockets = new Map<Socket, VenueSocket>();
  const mint = createNames(options.rng.fork('connections'));

  return {
    async fetch(request, { ip }) {
      const inUs = clock.wallUs();
      const url = new URL(request.url);
      const body = await readBody(request);
      const { headers } = request;
      const reply = await desk.serve({
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        body: body ?? '',
        json: body === undefined ? undefined : parseJson(body),
        caller: {
          kind: 'signed',
          ip,
          credentials: {
            key: headers.get('key') ?? undefined,
            timestamp: headers.get('timestamp') ?? undefined,
            signature: headers.get('sign') ?? undefined,
          },
        },
        expiresMs: headers.get('x-gate-exptime') ?? undefined,
      });
      return respond(reply, headers.get('x-client-request-id'), inUs, clock.wallUs());
    },
    upgrade(url): AcceptSocket | undefined {
      if (url.pathname.replace(/\/$/, '') !== market.socketPath) return undefined;
      return (socket, { ip }) => {
        const served = serveSocket(socket, ip, mint(), { market, core, clock, accounts, markets, users, desk });
        sockets.set(socket, served);
        return {
          message: served.message,
          closed() {
            sockets.delete(socket);
            served.closed();
          },
        };
      };
    },
    dropSockets(which) {
      const chosen = [...sockets].filter(([, served]) => which === 'all' || served.serves(which));
      for (const [socket] of chosen) socket.drop();
      return chosen.length;
    },
    close() {
      for (const end of ends) end();
      desk.close();
      markets.close();
      users.close();
    },
  };
}

/** Names of a connection: 16 and 32 hexadecimal digits. */
function createNames(rng: Rng): () => ConnectionNames {
  const hex = (digits: number) => Array.from({ length: digits }, () => rng.integer(16).toString(16)).join('');
  return () => ({ connId: hex(16), traceId: hex(32) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: refused by whoever needs it.
    return undefined;
  }
}

/** `X-In-Time` and `X-Out-Time` are microseconds. */
function respond(reply: Reply, clientRequestId: string | null, inUs: number, outUs: number): Response {
  const headers = new Headers({
    'content-type': 'application/json',
    'x-in-time': String(inUs),
    'x-out-time': String(outUs),
  });
  if (clientRequestId !== null) headers.set('x-client-request-id', clientRequestId);
  if (reply.spent !== undefined) {
    const { remaining, limit, resetMs } = reply.spent;
    headers.set('x-gate-ratelimit-requests-remain', String(remaining));
    headers.set('x-gate-ratelimit-limit', String(limit));
    headers.set('x-gate-ratelimit-reset-timestamp', String(Math.ceil(resetMs / 1_000)));
  }
  if (reply.retryAfterSeconds !== undefined) headers.set('retry-after', String(reply.retryAfterSeconds));
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
}
