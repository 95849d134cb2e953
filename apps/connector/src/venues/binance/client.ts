/**
 * ccxt's binanceusdm as this connector uses it (C1 to C4 of `ccxt-client.ts`).
 *
 * Listen keys are `private.ts`'s, never ccxt's own making.
 */
import { isRecord } from '@trunkline/kit/record';
import type Client from 'ccxt/js/src/base/ws/Client.js';
import binanceusdm from 'ccxt/js/src/pro/binanceusdm.js';
import {
  type CcxtSocket,
  type ClientOptions,
  ccxtConfig,
  closeSockets,
  isCurrentSocket,
  keepNumbersExact,
  signingTimeMs,
} from '../ccxt-client.ts';

/** Sockets that one client may hold: with as many streams each topic has a socket of its own. */
const MAX_STREAMS = 1_000;

export class BinanceClient extends binanceusdm {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    super(
      ccxtConfig(options, {
        recvWindow: options.requestExpiryMs,
        fetchMargins: false,
        fetchMarkets: { types: ['linear'] },
        streamLimits: { future: MAX_STREAMS },
      }),
    );
    this.#options = options;
    keepNumbersExact(this);
  }

  override nonce(): number {
    return signingTimeMs(this.#options.venueClock);
  }

  override handleMessage(client: Client, message: unknown): void {
    if (!isCurrentSocket(this, client)) return;
    if (isRecord(message) && typeof message['e'] === 'string') this.#options.sink.frame(message);
    else super.handleMessage(client, message);
  }

  /** The venue confirmed a depth subscription; the snapshot is ours to fetch. */
  override handleOrderBookSubscription(_client: Client, _message: unknown, subscription: unknown): void {
    if (!isRecord(subscription) || !Array.isArray(subscription['symbols'])) return;
    for (const symbol of subscription['symbols']) this.#options.sink.bookBegan(String(symbol));
  }

  override onConnected(client: Client): void {
    if (client.url.includes('/private/')) this.#options.sink.privateOpened();
  }

  override onClose(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onClose(client, error);
  }

  override onError(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onError(client, error);
  }

  override async authenticate(): Promise<void> {}

  useListenKey(listenKey: string): void {
    this.options['future'] = { listenKey };
  }

  closeSockets(chosen: (socket: CcxtSocket) => boolean): void {
    closeSockets(this, chosen);
  }
}
