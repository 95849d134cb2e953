/**
 * Gate's WebSocket API for orders (`spot.login` and `futures.login`, then requests of event `api`; WebSocket v4 documents,
 * "account trade").
 *
 * W1  A connection logs in once; what follows it needs no signature. Its requests carry `x-gate-exptime` as REST does.
 * W2  Placing is acknowledged first, with the request; the answer comes after, and only that is one.
 * W3  Cancels go by REST, where they have a budget of their own of 200 a second: over the WebSocket the venue counts
 *     those of futures together with the orders.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Secret } from '@trunkline/kit/secret';
import { signingTimeMs } from '../ccxt-client.ts';
import type { Json } from '../fields.ts';
import type { SocketProtocol, SocketReply } from '../socket-call.ts';
import type { VenueClock } from '../venue-clock.ts';
import type { MarketKind } from './market-kind.ts';
import { signApi } from './signature.ts';

export interface OrderSocketOptions {
  readonly kind: MarketKind;
  readonly apiKey: Secret;
  readonly secret: Secret;
  readonly venueClock: VenueClock;
  readonly requestExpiryMs: number;
}

export interface OrderSocket extends SocketProtocol {
  /** The frame that asks for `operation`, e.g. `order_place`. */
  request(operation: string, parameters: object): (id: string) => object;
}

export function gateOrderSocket({
  kind,
  apiKey,
  secret,
  venueClock,
  requestExpiryMs,
}: OrderSocketOptions): OrderSocket {
  const frame = (channel: string, seconds: number, payload: object) => ({
    time: seconds,
    channel,
    event: 'api',
    payload,
  });
  return {
    url: kind.socketUrl,
    login(id) {
      const seconds = Math.floor(venueClock.nowUs() / 1_000_000);
      const channel = `${kind.prefix}.login`;
      return frame(channel, seconds, {
        req_id: id,
        timestamp: String(seconds),
        api_key: apiKey.reveal(),
        signature: signApi(secret, channel, '{}', seconds),
        req_param: {},
      });
    },
    request: (operation, parameters) => (id) => {
      const nowMs = signingTimeMs(venueClock);
      return frame(`${kind.prefix}.${operation}`, Math.floor(nowMs / 1_000), {
        req_id: id,
        req_param: parameters,
        req_header: { 'x-gate-exptime': String(nowMs + requestExpiryMs) },
      });
    },
    read: (message) => readReply(message, kind),
    // "The connection will soon be closed for a service upgrade."
    isLeaving: (message) => message['type'] === 'service_upgrade',
  };
}

/** `{"request_id":"1","header":{"status":"200",...},"data":{"result":{...}}}`, or `"data":{"errs":{"label":...}}`. */
function readReply(message: Json, kind: MarketKind): SocketReply | undefined {
  const { request_id: id, ack, header, data } = message;
  if (typeof id !== 'string' || ack === true || !isRecord(header) || !isRecord(data)) return undefined;
  return { id, status: Number(header['status']), body: data['errs'] ?? data['result'], usage: usageOf(header, kind) };
}

/** Spot counts by pair, which the header does not name; a remainder of 0 is left out. */
function usageOf(header: Json, { market }: MarketKind): SocketReply['usage'] {
  const { x_gate_ratelimit_limit: limit, x_gate_ratelimit_requests_remain: left = 0 } = header;
  if (market === 'spot' || typeof limit !== 'number' || typeof left !== 'number') return [];
  return [['place', Math.max(0, limit - left)]];
}
