/**
 * Binance's WebSocket API as `socket-call.ts` takes it (developers.binance.com, "WebSocket API General Info": USD-M's
 * at ws-fapi/v1, spot's at ws-api/v3).
 *
 * Requests are signed one by one, so there is no login. An answer is
 * `{"id":"1","status":200,"result":{..},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":1}]}`
 * or, refused, `{"id":"1","status":400,"error":{"code":-2010,"msg":".."}}`; a ban names its end in `error.data.retryAfter`.
 * The venue ends a socket after 24 h, and says `serverShutdown` before it ends one earlier.
 */
import { isRecord } from '@trunkline/kit/record';
import { type Json, list, optionalText, reading, record, Unreadable, whole } from '../fields.ts';
import { SocketCaller, type SocketProtocol, type SocketReply } from '../socket-call.ts';
import { type MarketName, usualOrderEntry } from '../venue-config.ts';
import type { VenueKit } from '../venue-side.ts';
import { budgetName } from './instrument-mapper.ts';

const URLS: Readonly<Record<MarketName, string>> = {
  perpetual: 'wss://ws-fapi.binance.com/ws-fapi/v1',
  spot: 'wss://ws-api.binance.com:443/ws-api/v3',
};

/** Undefined where orders are to go by REST. */
export function binanceOrderSocket(kit: VenueKit): SocketCaller | undefined {
  const { config, timings, clock, venueClock, rng, logger, tap } = kit;
  if ((config.orderEntry ?? usualOrderEntry(config.venue)) !== 'websocket') return undefined;
  return new SocketCaller({
    clock,
    rng: rng.fork('orders'),
    protocol: orderProtocol(config.market, () => Math.floor(venueClock.nowUs() / 1_000)),
    venueUrl: config.venueUrl,
    ...(tap === undefined ? {} : { tap }),
    connectTimeoutMs: timings.connectTimeoutMs,
    requestTimeoutMs: timings.requestTimeoutMs,
    pingMs: timings.socketPingMs,
    down: (reason) => logger.warn({ reason }, 'the order socket is down; orders go by REST'),
  });
}

export function orderProtocol(market: MarketName, nowMs: () => number): SocketProtocol {
  return {
    url: URLS[market],
    read: (frame) => readReply(frame, nowMs()),
    isLeaving: ({ event }) => isRecord(event) && event['e'] === 'serverShutdown',
  };
}

function readReply(frame: Json, nowMs: number): SocketReply | undefined {
  const id = optionalText(frame, 'id');
  const { status, result, error } = frame;
  if (id === undefined || typeof status !== 'number') return undefined;
  const used = reading(() => usageOf(frame['rateLimits'] ?? []));
  const retryAfterMs = retryAfterOf(error, nowMs);
  return {
    id,
    status,
    body: error === undefined ? result : error,
    usage: used instanceof Unreadable ? [] : used,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function usageOf(rateLimits: unknown): [name: string, used: number][] {
  return list(rateLimits, 'rateLimits').flatMap((entry) => {
    const limit = record(entry, 'rateLimit');
    const name = budgetName(limit);
    return name === undefined || limit['count'] === undefined ? [] : [[name, whole(limit, 'count')]];
  });
}

/** A time in milliseconds. */
function retryAfterOf(error: unknown, nowMs: number): number | undefined {
  const data = isRecord(error) ? error['data'] : undefined;
  const until = isRecord(data) ? data['retryAfter'] : undefined;
  return typeof until === 'number' ? Math.max(0, until - nowMs) : undefined;
}
