/**
 * ccxt's binanceusdm as this connector uses it: it signs, knows URLs and subscription frames, dials and builds orders.
 * What comes in is taken off before ccxt parses it.
 *
 * C1  Frames go to the sink in the order of arrival, within the turn that received them. ccxt's own caches and books
 *     (floats) stay empty, and the promises of its watch methods serve only to tell that a socket was lost.
 * C2  Nothing is sent that nobody asked for: no throttler, no retries, no listen key of ccxt's own making, no snapshot
 *     of its own, no broker tag.
 * C3  Signatures carry the venue's time, and the record of the request learns which.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Secret } from '@trunkline/kit/secret';
import type { Clock } from '@trunkline/proto/clock';
import type Client from 'ccxt/js/src/base/ws/Client.js';
import binanceusdm from 'ccxt/js/src/pro/binanceusdm.js';
import type { Json } from '../fields.ts';
import { currentRecord, recordingFetch } from '../http-call.ts';
import { VENUE_URL_HEADER } from '../transport.ts';
import type { VenueClock } from '../venue-clock.ts';

/** Takes what the sockets bring. */
export interface FrameSink {
  frame(frame: Json): void;
  privateOpened(): void;
  bookBegan(symbol: string): void;
}

export interface BinanceClientOptions {
  readonly apiKey: Secret;
  readonly secret: Secret;
  readonly venueUrl: string | undefined;
  readonly clock: Clock;
  readonly venueClock: VenueClock;
  readonly requestTimeoutMs: number;
  readonly requestExpiryMs: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly sink: FrameSink;
}

/** Sockets that one client may hold: with as many streams each topic has a socket of its own. */
const MAX_STREAMS = 1_000;

export class BinanceClient extends binanceusdm {
  readonly #sink: FrameSink;
  readonly #venueClock: VenueClock;

  constructor(options: BinanceClientOptions) {
    const { venueUrl } = options;
    super({
      apiKey: options.apiKey.reveal(),
      secret: options.secret.reveal(),
      enableRateLimit: false,
      maxRetriesOnFailure: 0,
      timeout: options.requestTimeoutMs,
      fetchImplementation: recordingFetch({ clock: options.clock, venueUrl }),
      options: {
        recvWindow: options.requestExpiryMs,
        broker: {},
        fetchCurrencies: false,
        fetchMargins: false,
        fetchMarkets: { types: ['linear'] },
        watchPositions: { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false },
        watchBalance: { fetchBalanceSnapshot: false, awaitBalanceSnapshot: false },
        streamLimits: { future: MAX_STREAMS },
        ordersLimit: 1,
        tradesLimit: 1,
        OHLCVLimit: 1,
        ws: {
          keepAlive: options.keepAliveMs,
          connectionTimeout: options.connectTimeoutMs,
          // Delays between attempts are the subscriptions' own (market-feed.ts, private-stream.ts).
          backoff: { base: 0 },
          ...(venueUrl === undefined ? {} : { options: { headers: { [VENUE_URL_HEADER]: venueUrl } } }),
        },
      },
    });
    this.#sink = options.sink;
    this.#venueClock = options.venueClock;
    Object.assign(this, { number: String });
  }

  override nonce(): number {
    const nowMs = Math.floor(this.#venueClock.nowUs() / 1_000);
    const record = currentRecord();
    if (record !== undefined) record.signedAtMs = nowMs;
    return nowMs;
  }

  override handleMessage(client: Client, message: unknown): void {
    // A socket that ccxt gave up may still deliver until it is closed.
    if (this.clients[client.url] !== client) return;
    if (isRecord(message) && typeof message['e'] === 'string') this.#sink.frame(message);
    else super.handleMessage(client, message);
  }

  /** The venue confirmed a depth subscription; the snapshot is ours to fetch. */
  override handleOrderBookSubscription(_client: Client, _message: unknown, subscription: unknown): void {
    if (!isRecord(subscription) || !Array.isArray(subscription['symbols'])) return;
    for (const symbol of subscription['symbols']) this.#sink.bookBegan(String(symbol));
  }

  override onConnected(client: Client): void {
    if (client.url.includes('/private/')) this.#sink.privateOpened();
  }

  /** ccxt forgets sockets by URL: an older socket's end must not take a newer one of the same URL along. */
  override onClose(client: Client, error: unknown): void {
    if (this.clients[client.url] === client) super.onClose(client, error);
  }

  override onError(client: Client, error: unknown): void {
    if (this.clients[client.url] === client) super.onError(client, error);
  }

  /** Listen keys are `private.ts`'s. */
  override async authenticate(): Promise<void> {}

  useListenKey(listenKey: string): void {
    this.options['future'] = { listenKey };
  }

  /** Closes the sockets for which `chosen` holds; their promises are left to reject. */
  closeSockets(chosen: (socket: { readonly url: string; readonly subscriptions: object }) => boolean): void {
    for (const [url, client] of Object.entries(this.clients ?? {})) {
      if (!chosen(client)) continue;
      delete this.clients[url];
      // `disconnected` may reject or never settle; the transport sees to it that the socket goes.
      Promise.resolve(client.close()).catch(() => {});
    }
  }
}
