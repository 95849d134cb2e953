/**
 * What both markets are to a listener: HTTP in front of a desk, and the sockets that are open. Sockets are the
 * listener's to drop at the end.
 */
import type { SocketKind } from '../../server/faults.ts';
import { readBody } from '../../server/request-body.ts';
import type { Socket, SocketHandler } from '../../server/socket.ts';
import type { VenueFront } from '../venue-front.ts';
import type { Desk, Reply } from './desk.ts';
import { refuse } from './errors.ts';
import { type LimitOptions, windowSuffix } from './limits.ts';
import { readParams } from './params.ts';

/** The service that a WebSocket address asks for. */
export interface SocketService {
  readonly kind: SocketKind;
  serve(socket: Socket, ip: string): SocketHandler;
}

export function createApp(options: {
  readonly desk: Desk;
  readonly limits: LimitOptions;
  /** Undefined for an address that is no WebSocket service of the market. */
  readonly serviceAt: (url: URL) => SocketService | undefined;
}): Pick<VenueFront, 'fetch' | 'upgrade' | 'dropSockets'> {
  const { desk, limits, serviceAt } = options;
  const sockets = new Map<Socket, SocketKind>();
  return {
    async fetch(request, { ip }) {
      const url = new URL(request.url);
      const body = await readBody(request);
      const sent = body === undefined ? refuse('BAD_VALUE', 'body') : readParams(url.search.slice(1), body);
      const caller = { apiKey: request.headers.get('x-mbx-apikey') ?? undefined, ip };
      return respond(await desk.serve({ method: request.method, path: url.pathname, sent, caller }), limits);
    },
    upgrade(url) {
      const service = serviceAt(url);
      if (service === undefined) return undefined;
      return (socket, { ip }) => {
        sockets.set(socket, service.kind);
        const handler = service.serve(socket, ip);
        return {
          message: handler.message,
          closed() {
            sockets.delete(socket);
            handler.closed();
          },
        };
      };
    },
    dropSockets(which) {
      const chosen = [...sockets].filter(([, kind]) => which === 'all' || which === kind);
      for (const [socket] of chosen) socket.drop();
      return chosen.length;
    },
  };
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
