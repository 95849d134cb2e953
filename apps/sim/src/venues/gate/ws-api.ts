/**
 * The WebSocket API (event `api`): requests as JSON frames, served by the same routes as REST.
 *
 * W1  A connection logs in once; the requests after it need no signature. A connection that has not is told so.
 * W2  Placing is acknowledged at once (`ack: true`, with the request), then answered; everything else is answered only.
 * W3  A list of parameters is the batch of the same request.
 */
import { isRecord } from '@trunkline/kit/record';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { identifyLogin } from './access.ts';
import type { Method } from './call.ts';
import type { Desk } from './desk.ts';
import { isRefused, type Refused, refusalBody, refuse } from './errors.ts';
import type { ConnectionNames } from './frames.ts';
import type { Spent } from './limits.ts';
import type { Market } from './market.ts';
import { seconds } from './print.ts';
import { API_ROOT } from './routing.ts';

interface Operation {
  readonly method: Method;
  /** Below the market's root. `{order_id}` comes from the parameters. */
  readonly path: string;
  readonly acknowledged?: true;
}

function operationsOf(market: Market): ReadonlyMap<string, Operation> {
  const isSpot = market.kind === 'spot';
  const batch = { method: 'POST', path: '/batch_orders', acknowledged: true } as const;
  const one = '/orders/{order_id}';
  return new Map<string, Operation>([
    ['order_place', { method: 'POST', path: '/orders', acknowledged: true }],
    ['order_cancel', { method: 'DELETE', path: one }],
    ['order_cancel_ids', { method: 'POST', path: isSpot ? '/cancel_batch_orders' : '/batch_cancel_orders' }],
    ['order_cancel_cp', { method: 'DELETE', path: '/orders' }],
    ['order_amend', { method: market.amendMethod, path: one }],
    ['order_status', { method: 'GET', path: one }],
    ['order_list', { method: 'GET', path: '/orders' }],
    // Spot places a batch as a list under `order_place`.
    ...(isSpot ? [] : [['order_batch_place', batch] as const]),
  ]);
}

const BATCH_PATH = '/batch_orders';

export interface WsApi {
  /** A frame of event `api`; answers through `send`. */
  serve(channel: string, payload: unknown): Promise<void>;
  isLoggedIn(): boolean;
}

export function createWsApi(options: {
  readonly market: Market;
  readonly desk: Desk;
  readonly accounts: readonly VenueAccount[];
  readonly ip: string;
  readonly names: ConnectionNames;
  readonly nowUs: () => number;
  readonly send: (frame: object) => void;
}): WsApi {
  const { market, desk, accounts, ip, names, nowUs, send } = options;
  const operations = operationsOf(market);
  let session: VenueAccount | undefined;

  const header = (channel: string, status: number, inUs: number, spent?: Spent) => ({
    response_time: String(milliseconds(nowUs())),
    // What REST answers with 201 is 200 here.
    status: String(status < 300 ? 200 : status),
    channel,
    event: 'api',
    client_id: `${ip}-${names.connId}`,
    x_in_time: inUs,
    x_out_time: nowUs(),
    conn_id: names.connId,
    conn_trace_id: names.traceId,
    trace_id: names.traceId,
    ...(spent === undefined || spent.remaining === 0 ? {} : { x_gate_ratelimit_requests_remain: spent.remaining }),
    ...(spent === undefined ? {} : { x_gate_ratelimit_limit: spent.limit }),
    ...(spent === undefined ? {} : { x_gat_ratelimit_reset_timestamp: spent.resetMs }),
  });

  const fail = (requestId: string, channel: string, refused: Refused, inUs: number) =>
    send({
      request_id: requestId,
      header: header(channel, refused.status, inUs),
      data: { errs: refusalBody(refused) },
    });

  const login = (channel: string, requestId: string, payload: Record<string, unknown>, inUs: number) => {
    const { api_key: key, signature, timestamp, req_param: parameters } = payload;
    if (typeof key !== 'string' || typeof signature !== 'string' || typeof timestamp !== 'string')
      return fail(requestId, channel, refuse('INVALID_CREDENTIALS'), inUs);
    const auth = { key, signature, timestamp };
    const account = identifyLogin(accounts, auth, channel, parameters, seconds(nowUs()));
    if (isRefused(account)) return fail(requestId, channel, account, inUs);
    session = account;
    const result = { api_key: key, uid: account.uid };
    send({ request_id: requestId, header: header(channel, 200, inUs), data: { result } });
  };

  const order = async (
    operation: Operation,
    channel: string,
    requestId: string,
    payload: Record<string, unknown>,
    account: VenueAccount,
  ): Promise<void> => {
    const inUs = nowUs();
    const parameters = parsed(payload['req_param']);
    const headers = isRecord(payload['req_header']) ? payload['req_header'] : undefined;
    if (operation.acknowledged === true) {
      const { api_key = '', timestamp = '', signature = '' } = payload;
      const result = { req_id: requestId, req_header: headers ?? null, req_param: parameters };
      send({
        request_id: requestId,
        ack: true,
        header: header(channel, 200, inUs),
        data: { result: { ...result, api_key, timestamp, signature } },
      });
    }
    const id = isRecord(parameters) ? String(parameters['order_id'] ?? '') : '';
    const below = Array.isArray(parameters) && operation.path === '/orders' ? BATCH_PATH : operation.path;
    const reply = await desk.serve({
      method: operation.method,
      path: `${API_ROOT}${market.root}${below.replace('{order_id}', () => id)}`,
      query: '',
      body: JSON.stringify(parameters ?? {}),
      json: parameters ?? {},
      caller: { kind: 'session', ip, account },
      expiresMs: expiryIn(headers),
    });
    const data = reply.status < 300 ? { result: reply.body } : { errs: reply.body };
    send({ request_id: requestId, header: header(channel, reply.status, inUs, reply.spent), data });
  };

  return {
    async serve(channel, payload) {
      const inUs = nowUs();
      if (!isRecord(payload)) return fail('', channel, refuse('INVALID_REQUEST_BODY'), inUs);
      const requestId = String(payload['req_id'] ?? '');
      const name = channel.slice(market.kind.length + 1);
      if (name === 'login') return login(channel, requestId, payload, inUs);
      const operation = operations.get(name);
      if (operation === undefined) return fail(requestId, channel, refuse('NOT_FOUND', channel), inUs);
      if (session === undefined) return fail(requestId, channel, refuse('AUTHENTICATION_FAILED'), inUs);
      await order(operation, channel, requestId, payload, session);
    },
    isLoggedIn: () => session !== undefined,
  };
}

/** The documents' samples send the parameters as JSON text as well. */
function parsed(parameters: unknown): unknown {
  if (typeof parameters !== 'string') return parameters;
  try {
    return JSON.parse(parameters);
  } catch {
    // Not JSON: an empty text stands for no parameters.
    return undefined;
  }
}

function expiryIn(headers: Record<string, unknown> | undefined): string | undefined {
  for (const [name, value] of Object.entries(headers ?? {}))
    if (name.toLowerCase() === 'x-gate-exptime') return String(value);
  return undefined;
}
