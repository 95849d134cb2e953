/**
 * The envelopes of the venue's WebSocket messages: pushes, acknowledgements of subscriptions, their errors, and pongs.
 *
 * E1  `payload` of an acknowledgement is what was asked for; `result.status` says `success` or `fail`.
 */
import { milliseconds } from '../decimal-text.ts';
import { seconds } from './print.ts';

/** `code` 1: no request, 2: bad argument, 3: the server's fault, 4: not authenticated. */
export interface ChannelError {
  readonly code: 1 | 2 | 3 | 4;
  readonly message: string;
}

export interface ChannelRequest {
  /** Undefined when the request brought none. */
  readonly id: unknown;
  readonly channel: string;
  readonly event: string;
  readonly payload: unknown;
}

/** What a connection is called in its own messages. */
export interface ConnectionNames {
  readonly connId: string;
  readonly traceId: string;
}

export function pushFrame(channel: string, event: 'update' | 'all', result: unknown, nowUs: number) {
  return { time: seconds(nowUs), time_ms: milliseconds(nowUs), channel, event, result };
}

/** Messages of the `obu` channels have no `time`. */
export function obuFrame(channel: string, result: unknown, nowUs: number) {
  return { channel, result, time_ms: milliseconds(nowUs), event: 'update' };
}

export function ackFrame(request: ChannelRequest, names: ConnectionNames, nowUs: number) {
  return { ...head(request, names, nowUs), result: { status: 'success' }, requestId: names.traceId };
}

export function errorFrame(request: ChannelRequest, error: ChannelError, names: ConnectionNames, nowUs: number) {
  // A failed authentication has no result, every other failure says so.
  const result = error.code === 4 ? null : { status: 'fail' };
  return { ...head(request, names, nowUs), error, result, requestId: names.traceId };
}

export function pongFrame(channel: string, nowUs: number) {
  return { time: seconds(nowUs), time_ms: milliseconds(nowUs), channel, event: '', error: null, result: null };
}

function head({ id, channel, event, payload }: ChannelRequest, { connId, traceId }: ConnectionNames, nowUs: number) {
  return {
    time: seconds(nowUs),
    time_ms: milliseconds(nowUs),
    ...(id === undefined ? {} : { id }),
    conn_id: connId,
    trace_id: traceId,
    channel,
    event,
    ...(payload === undefined ? {} : { payload }),
  };
}
