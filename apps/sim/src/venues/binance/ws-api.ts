/**
 * The WebSocket API: requests as JSON frames, served by the same routes as REST.
 *
 * X1  Each request is signed by itself (no sessions): the signed text is all parameters but `signature`, sorted by
 *     name, joined as `name=value` with `&`, values unescaped.
 * X2  Replies carry the request's id and may come out of order.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Socket, SocketHandler } from '../../server/socket.ts';
import type { Method, Params } from './call.ts';
import type { Desk } from './desk.ts';
import { isRefused, type Refused, refusalBody, refuse } from './errors.ts';
import { type LimitOptions, usedLimitRows } from './limits.ts';
import type { SentParams } from './params.ts';
import { readFields } from './usdm/batch-input.ts';

/** The route that serves each method. */
export type WsMethods = ReadonlyMap<string, readonly [Method, string]>;

/** What a connection keeps between requests. */
export interface WsSession {
  /** What to answer a granted request with; `body` is the route's own answer. */
  granted(request: WsRequest, body: unknown): unknown;
  closed(): void;
}

/** Parameters of the envelope, which the routes do not know. */
const ENVELOPE: ReadonlySet<string> = new Set(['returnRateLimits']);

export interface WsRequest {
  readonly id: string | number | null;
  readonly method: string;
  readonly params: Params;
}

export function serveWsApi(
  socket: Socket,
  options: {
    readonly desk: Desk;
    readonly ip: string;
    readonly limits: LimitOptions;
    readonly methods: WsMethods;
    readonly session?: WsSession;
  },
): SocketHandler {
  const { desk, ip, limits, methods, session } = options;

  const handle = async (text: string): Promise<object> => {
    const request = readRequest(text);
    if (isRefused(request)) return envelope(null, { status: request.status, body: refusalBody(request) });
    const route = methods.get(request.method);
    const sent = route === undefined ? refuse('BAD_VALUE', 'method') : signedParams(request.params);
    const [method, path] = route ?? (['GET', request.method] as const);
    const caller = { apiKey: request.params.get('apiKey'), ip };
    const served = await desk.serve({ method, path, sent, caller });
    const granted = session !== undefined && served.status === 200;
    const reply = granted ? { ...served, body: session.granted(request, served.body) } : served;
    const wantsLimits = request.params.get('returnRateLimits') !== 'false';
    return {
      ...envelope(request.id, reply),
      ...(wantsLimits ? { rateLimits: usedLimitRows(limits, reply.usedWeight, reply.orderCounts) } : {}),
    };
  };

  return {
    message(text) {
      // `handle` answers every failure as a value; a rejection is a bug and must surface.
      handle(text).then(
        (reply) => socket.send(JSON.stringify(reply)),
        (bug: unknown) => {
          socket.drop();
          throw bug;
        },
      );
    },
    closed: () => session?.closed(),
  };
}

function envelope(id: WsRequest['id'], reply: { readonly status: number; readonly body: unknown }): object {
  return reply.status === 200
    ? { id, status: 200, result: reply.body }
    : { id, status: reply.status, error: reply.body };
}

function readRequest(text: string): WsRequest | Refused {
  const parsed = parseJson(text);
  if (!isRecord(parsed)) return refuse('BAD_VALUE', 'request');
  const { id, method, params } = parsed;
  const fields = readFields(params ?? {});
  const isId = id === null || typeof id === 'number' || (typeof id === 'string' && id.length <= 36);
  if (!isId || typeof method !== 'string' || fields === undefined) return refuse('BAD_VALUE', 'request');
  return { id, method, params: fields };
}

/** X1. */
function signedParams(params: Params): SentParams {
  const names = [...params.keys()].filter((name) => name !== 'signature').sort();
  const signedText = names.map((name) => `${name}=${params.get(name) ?? ''}`).join('&');
  const routed = new Map([...params].filter(([name]) => !ENVELOPE.has(name)));
  return { params: routed, signedText };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: refused by the caller.
    return undefined;
  }
}
