/**
 * One HTTP exchange with a venue, as it really happened: when it was handed to the socket, what came back, and nothing
 * of ccxt's opinion on it.
 *
 * ccxt takes no context along from `createOrder` to `fetch`, so the record of the call travels in async local storage.
 *
 * H1  No request leaves without a record: what ccxt asks of its own accord is refused, not sent.
 * H2  A record is good for one request. A second one is refused, whatever ccxt's retry logic thinks.
 * H3  `admit` runs in the same synchronous step as `fetch`, just before it.
 * H4  One request is sent once, by the runtime too: what it would send again by itself gets a connection of its own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '@trunkline/proto/clock';
import type { Denied } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { SocketReply } from './socket-call.ts';
import { atVenue } from './transport.ts';
import type { Admit } from './venue.ts';
import type { WireTap } from './wire-tap.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Filled in while the request runs; every field is absent until its moment came. */
export interface CallRecord {
  readonly admit: Admit | undefined;
  denied?: Denied;
  /** The timestamp in the signature, by the venue's clock. */
  signedAtMs?: number;
  postedAtUs?: number;
  answeredAtUs?: number;
  /** By the monotonic clock, for the round trip. */
  roundTripUs?: number;
  answer?: HttpAnswer | SocketReply;
  /** What the transport threw. */
  fault?: unknown;
}

interface FetchParameters {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The least that ccxt reads of a response. */
export interface FetchAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  text(): Promise<string>;
}

/**
 * Bun sends these again when a connection that was kept from an earlier request dies before the answer, as HTTP lets it
 * (RFC 9110, 9.2.2, idempotent methods); it says nothing of it. An amend that was applied would then be answered as its
 * own repetition: refused. DELETE is repeated as well, and may be: a cancel that comes twice cancels once.
 */
const SENT_AGAIN: ReadonlySet<string> = new Set(['PUT']);

const records = new AsyncLocalStorage<CallRecord>();

/** Runs ccxt code whose one request belongs to `record`. */
export function withRecord<T>(record: CallRecord, run: () => Promise<T>): Promise<T> {
  return records.run(record, run);
}

export function currentRecord(): CallRecord | undefined {
  return records.getStore();
}

/** ccxt's `fetchImplementation`. */
export function recordingFetch(options: {
  readonly clock: Clock;
  readonly venueUrl: string | undefined;
  readonly tap: WireTap | undefined;
}) {
  const { clock, venueUrl, tap } = options;
  return async (url: string, parameters: FetchParameters): Promise<FetchAnswer> => {
    const record = records.getStore();
    if (record === undefined || record.postedAtUs !== undefined) throw new Error('a request that nobody asked for');
    const denied = record.admit?.();
    if (denied !== undefined) {
      record.denied = denied;
      throw new Error('not admitted');
    }
    const method = parameters.method ?? 'GET';
    const startedUs = clock.monotonicUs();
    record.postedAtUs = clock.wallUs();
    try {
      const response = await fetch(venueUrl === undefined ? url : atVenue(url, venueUrl), {
        method,
        headers: parameters.headers ?? {},
        redirect: 'error',
        ...(SENT_AGAIN.has(method) ? { keepalive: false } : {}),
        ...(parameters.body === undefined ? {} : { body: parameters.body }),
        ...(parameters.signal === undefined ? {} : { signal: parameters.signal }),
      });
      const text = await response.text();
      tap?.answer(method, url, response.status, text);
      record.answer = { status: response.status, headers: response.headers, text };
      record.answeredAtUs = clock.wallUs();
      record.roundTripUs = clock.monotonicUs() - startedUs;
      return {
        status: response.status,
        statusText: response.statusText,
        headers: response.headers,
        text: async () => text,
      };
    } catch (error) {
      record.fault = error;
      throw error;
    }
  };
}
