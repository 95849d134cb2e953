/**
 * What every venue's ccxt class is told and held to here: it signs, knows URLs and subscription frames, dials and builds
 * requests, and nothing else. A venue's `client.ts` extends its ccxt class and holds only what differs.
 *
 * C1  Frames go to the sink in the order of arrival, within the turn that received them. ccxt's own caches and books
 *     (floats) stay empty, and the promises of its watch methods serve only to tell that a socket was lost. A loop that
 *     awaited them would lose what arrives between two calls.
 * C2  Nothing is sent that nobody asked for: no throttler, no retries, no snapshot of its own, no broker tag.
 * C3  Signatures carry the venue's time, and the record of the request learns which.
 * C4  ccxt forgets sockets by URL: frames, errors and the end of an older socket must not touch a newer one of its URL.
 */
import type { Secret } from '@trunkline/kit/secret';
import type { Clock } from '@trunkline/proto/clock';
import type { Json } from './fields.ts';
import { currentRecord, recordingFetch } from './http-call.ts';
import { socketHeaders } from './transport.ts';
import type { VenueClock } from './venue-clock.ts';
import type { VenueKit } from './venue-side.ts';
import type { WireTap } from './wire-tap.ts';

/** Takes what the sockets bring. */
export interface FrameSink {
  frame(frame: Json): void;
  /** The private socket stands, and is logged in where the venue wants that. */
  privateOpened(): void;
  /** The venue confirmed a book's subscription: snapshots asked for from now on fit its stream. */
  bookBegan(symbol: string): void;
}

export interface ClientOptions {
  readonly apiKey: Secret;
  readonly secret: Secret;
  readonly passphrase?: Secret;
  readonly venueUrl: string | undefined;
  readonly clock: Clock;
  readonly venueClock: VenueClock;
  readonly requestTimeoutMs: number;
  readonly requestExpiryMs: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly sink: FrameSink;
  readonly tap?: WireTap;
}

/** A venue's client options from what it was handed. */
export function clientOptions<Sink>(kit: VenueKit, sink: Sink): Omit<ClientOptions, 'sink'> & { readonly sink: Sink } {
  const { config, timings, clock, venueClock, tap } = kit;
  const { apiKey, secret, passphrase, venueUrl } = config;
  const { requestTimeoutMs, requestExpiryMs, connectTimeoutMs, socketPingMs } = timings;
  return {
    ...{ apiKey, secret, venueUrl, clock, venueClock, sink },
    ...{ requestTimeoutMs, requestExpiryMs, connectTimeoutMs, keepAliveMs: socketPingMs },
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(tap === undefined ? {} : { tap }),
  };
}

/** The argument of a ccxt constructor; `own` are the venue's ccxt options. */
export function ccxtConfig(options: Omit<ClientOptions, 'sink'>, own: Readonly<Record<string, unknown>>) {
  const { venueUrl, passphrase, clock, tap } = options;
  return {
    apiKey: options.apiKey.reveal(),
    secret: options.secret.reveal(),
    ...(passphrase === undefined ? {} : { password: passphrase.reveal() }),
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: options.requestTimeoutMs,
    fetchImplementation: recordingFetch({ clock, venueUrl, tap }),
    options: {
      broker: {},
      fetchCurrencies: false,
      watchPositions: { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false },
      watchBalance: { fetchBalanceSnapshot: false, awaitBalanceSnapshot: false },
      ordersLimit: 1,
      tradesLimit: 1,
      OHLCVLimit: 1,
      ws: {
        keepAlive: options.keepAliveMs,
        connectionTimeout: options.connectTimeoutMs,
        // Delays between attempts are the subscriptions' own (market-feed.ts, private-stream.ts).
        backoff: { base: 0 },
        options: { headers: socketHeaders(venueUrl, tap) },
      },
      ...own,
    },
  };
}

/** Makes ccxt keep numbers as the text that they are. */
export function keepNumbersExact(exchange: object): void {
  Object.assign(exchange, { number: String });
}

/** What `nonce()` of a client returns (C3). */
export function signingTimeMs(venueClock: VenueClock): number {
  const nowMs = Math.floor(venueClock.nowUs() / 1_000);
  const record = currentRecord();
  if (record !== undefined) record.signedAtMs = nowMs;
  return nowMs;
}

/** The least of ccxt's WsClient that is needed here. */
export interface CcxtSocket {
  readonly url: string;
  readonly subscriptions: object;
  close(): unknown;
}

export interface SocketHolder {
  /** ccxt's sockets by URL. */
  readonly clients: Record<string, CcxtSocket>;
}

/** C4. */
export function isCurrentSocket(holder: SocketHolder, socket: CcxtSocket): boolean {
  return holder.clients[socket.url] === socket;
}

/** Closes the sockets for which `chosen` holds; their promises are left to reject. */
export function closeSockets(holder: SocketHolder, chosen: (socket: CcxtSocket) => boolean): void {
  for (const [url, socket] of Object.entries(holder.clients ?? {})) {
    if (!chosen(socket)) continue;
    delete holder.clients[url];
    // `disconnected` may reject or never settle; the transport sees to it that the socket goes.
    Promise.resolve(socket.close()).catch(() => {});
  }
}
