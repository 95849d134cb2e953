/**
 * ccxt's binance as this connector uses it, for one market (C1 to C4 of `ccxt-client.ts`).
 *
 * Listen keys are `private.ts`'s, never ccxt's own making. Quotes of spot come without an event name and get one here;
 * events of the spot user stream come wrapped and are taken out.
 */
import { isRecord } from '@trunkline/kit/record';
import type Client from 'ccxt/js/src/base/ws/Client.js';
import type WsClient from 'ccxt/js/src/base/ws/WsClient.js';
import binance from 'ccxt/js/src/pro/binance.js';
import {
  type CcxtSocket,
  type ClientOptions,
  ccxtConfig,
  closeSockets,
  isCurrentSocket,
  keepNumbersExact,
  signingTimeMs,
} from '../ccxt-client.ts';
import type { MarketName } from '../venue-config.ts';

export interface BinanceClientOptions extends ClientOptions {
  readonly market: MarketName;
}

/** Sockets that one client may hold: with as many streams each topic has a socket of its own. */
const MAX_STREAMS = 1_000;

const MARKETS = {
  perpetual: { defaultType: 'swap', defaultSubType: 'linear', fetchMarkets: { types: ['linear'] } },
  spot: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
} as const;

export class BinanceClient extends binance {
  readonly #options: BinanceClientOptions;

  constructor(options: BinanceClientOptions) {
    super(
      ccxtConfig(options, {
        ...MARKETS[options.market],
        recvWindow: options.requestExpiryMs,
        fetchMargins: false,
        streamLimits: { future: MAX_STREAMS, spot: MAX_STREAMS },
      }),
    );
    this.#options = options;
    keepNumbersExact(this);
  }

  override nonce(): number {
    return signingTimeMs(this.#options.venueClock);
  }

  /**
   * ccxt's own promises are marked as seen: it makes one for those who come while it subscribes to spot's user stream,
   * and nobody does. Unseen, its rejection at the loss of the socket would end the process.
   */
  override client(url: string): WsClient {
    const known = this.clients?.[url];
    const socket = super.client(url);
    if (socket !== known) {
      const future = socket.future.bind(socket);
      socket.future = (hash: string) => {
        const made = future(hash);
        Promise.resolve(made).catch(() => {});
        return made;
      };
    }
    return socket;
  }

  override handleMessage(client: Client, message: unknown): void {
    if (!isCurrentSocket(this, client)) return;
    const { sink } = this.#options;
    if (!isRecord(message)) super.handleMessage(client, message);
    else if (typeof message['e'] === 'string') sink.frame(message);
    else if (isRecord(message['event'])) sink.frame(message['event']);
    else if (message['u'] !== undefined && message['b'] !== undefined) sink.frame({ ...message, e: 'bookTicker' });
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

  /** The answer to `userDataStream.subscribe.signature`; a refusal rejects in ccxt. */
  override handleUserDataStreamSubscribe(client: Client, message: unknown): void {
    super.handleUserDataStreamSubscribe(client, message);
    const result = isRecord(message) ? message['result'] : undefined;
    if (isRecord(result) && result['subscriptionId'] !== undefined) this.#options.sink.privateOpened();
  }

  override onClose(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onClose(client, error);
  }

  override onError(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onError(client, error);
  }

  override async authenticate(parameters?: object): Promise<void> {
    if (this.#options.market === 'spot') await super.authenticate(parameters);
  }

  useListenKey(listenKey: string): void {
    this.options['future'] = { listenKey };
  }

  closeSockets(chosen: (socket: CcxtSocket) => boolean): void {
    closeSockets(this, chosen);
  }
}
