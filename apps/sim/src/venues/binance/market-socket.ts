/**
 * One market stream connection: the streams named in its address, and the SUBSCRIBE protocol on it.
 *
 * N1  A reply carries the request's id and nothing of other requests; events and replies share the socket in order.
 * N2  At most `MAX_STREAMS` streams and so many incoming messages a second; more messages close the socket.
 * N3  A stream that this address does not carry is taken and stays silent.
 */

import { isRecord } from '@trunkline/kit/record';
import type { Clock } from '@trunkline/proto/clock';
import type { Socket, SocketHandler } from '../../server/socket.ts';
import type { MarketHub, Subscriber } from './market-hub.ts';

const MAX_STREAMS = 1_024;
const SECOND_US = 1_000_000;
const POLICY_VIOLATION = 1008;

export interface MarketSocketOptions {
  readonly hub: MarketHub;
  readonly clock: Clock;
  /** Incoming messages, protocol pings and pongs not among them. */
  readonly maxMessagesPerSecond: number;
  /** N3. */
  readonly carries: (stream: string) => boolean;
  /** Wrap frames as `{"stream":...,"data":...}`. */
  readonly combined: boolean;
  readonly streams: readonly string[];
}

export function serveMarketSocket(socket: Socket, options: MarketSocketOptions): SocketHandler {
  const { hub, clock, carries } = options;
  const subscribed = new Set<string>();
  let combined = options.combined;
  let window = { startUs: 0, messages: 0 };

  const deliver: Subscriber = (stream, json) =>
    socket.send(combined ? `{"stream":${JSON.stringify(stream)},"data":${json}}` : json);
  const subscribe = (stream: string) => {
    subscribed.add(stream);
    if (carries(stream)) hub.subscribe(stream, deliver);
  };
  const unsubscribe = (stream: string) => {
    subscribed.delete(stream);
    hub.unsubscribe(stream, deliver);
  };
  const overRate = () => {
    const nowUs = clock.monotonicUs();
    if (nowUs - window.startUs >= SECOND_US) window = { startUs: nowUs, messages: 0 };
    window.messages += 1;
    return window.messages > options.maxMessagesPerSecond;
  };

  const request = (method: unknown, params: unknown, id: unknown): object => {
    switch (method) {
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE': {
        if (!isStreamList(params)) return failure(2, 'Invalid request: invalid stream', id);
        if (method === 'SUBSCRIBE' && subscribed.size + params.length > MAX_STREAMS) {
          return failure(2, `Invalid request: too many streams, at most ${MAX_STREAMS} a connection`, id);
        }
        params.forEach(method === 'SUBSCRIBE' ? subscribe : unsubscribe);
        return { result: null, id };
      }
      case 'LIST_SUBSCRIPTIONS':
        return { result: [...subscribed], id };
      case 'SET_PROPERTY': {
        if (!Array.isArray(params) || params[0] !== 'combined') return failure(0, 'Unknown property', id);
        if (typeof params[1] !== 'boolean') return failure(1, 'Invalid value type: expected Boolean', id);
        combined = params[1];
        return { result: null, id };
      }
      case 'GET_PROPERTY':
        return Array.isArray(params) && params[0] === 'combined'
          ? { result: combined, id }
          : failure(0, 'Unknown property', id);
      default:
        return failure(2, `Invalid request: unknown variant ${JSON.stringify(method ?? null)}`, id);
    }
  };

  options.streams.slice(0, MAX_STREAMS).forEach(subscribe);
  return {
    message(text) {
      if (overRate()) return socket.close(POLICY_VIOLATION, 'Too many requests');
      socket.send(JSON.stringify(reply(text, request)));
    },
    closed() {
      for (const stream of subscribed) hub.unsubscribe(stream, deliver);
      subscribed.clear();
    },
  };
}

/** Ids are unsigned integers or text of at most 36 characters; null when none can be read. */
function reply(text: string, request: (method: unknown, params: unknown, id: unknown) => object): object {
  const parsed = parseJson(text);
  if (!isRecord(parsed)) return failure(3, 'Invalid JSON: expected value', null);
  const { id, method, params } = parsed;
  const named =
    typeof id === 'number' ? Number.isSafeInteger(id) && id >= 0 : typeof id === 'string' && id.length <= 36;
  if (!named && id !== undefined && id !== null)
    return failure(2, 'Invalid request: request ID must be an unsigned integer', null);
  return request(method, params, id ?? null);
}

function failure(code: number, msg: string, id: unknown): object {
  return { error: { code, msg }, id };
}

function isStreamList(params: unknown): params is readonly string[] {
  return Array.isArray(params) && params.length > 0 && params.every((name) => typeof name === 'string');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: answered as such.
    return undefined;
  }
}
