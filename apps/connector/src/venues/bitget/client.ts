/**
 * ccxt's bitget as this connector uses it (C1 to C4 of `ccxt-client.ts`): it signs, knows URLs, dials and pings.
 *
 * U1  Frames are taken off the socket as text, before ccxt parses them: it lets `seq` of 19 digits pass through a float
 *     where no comma follows it.
 * U2  Only ccxt's methods of single endpoints are called. Its unified ones ask for markets first, and for the kind of the
 *     account (GET /api/v3/account/settings), and round prices.
 */
import type Client from 'ccxt/js/src/base/ws/WsClient.js';
import bitget from 'ccxt/js/src/pro/bitget.js';
import {
  type CcxtSocket,
  type ClientOptions,
  ccxtConfig,
  closeSockets,
  isCurrentSocket,
  keepNumbersExact,
  signingTimeMs,
} from '../ccxt-client.ts';
import type { VenueClock } from '../venue-clock.ts';

/** Takes what a socket brought, but for its pongs. */
export type TextSink = (socket: CcxtSocket, text: string) => void;

export type BitgetClientOptions = Omit<ClientOptions, 'sink'> & { readonly sink: TextSink };

/** Answers of the venue to the text `ping` of ccxt's Client. */
const PONG = 'pong';
const BROKER_HEADER = 'X-CHANNEL-API-CODE';

export class BitgetClient extends bitget {
  readonly #venueClock: VenueClock;
  readonly #sink: TextSink;

  constructor(options: BitgetClientOptions) {
    super(ccxtConfig(options, { uta: false }));
    this.#venueClock = options.venueClock;
    this.#sink = options.sink;
    keepNumbersExact(this);
  }

  override nonce(): number {
    return signingTimeMs(this.#venueClock);
  }

  override sign(...request: Parameters<bitget['sign']>): ReturnType<bitget['sign']> {
    const signed = super.sign(...request);
    if (signed.headers !== undefined) delete signed.headers[BROKER_HEADER];
    return signed;
  }

  /** ccxt's own clients, with their parsing replaced (U1). */
  override client(url: string): Client {
    const known = this.clients?.[url];
    const socket = super.client(url);
    if (socket !== known) {
      socket.onMessage = ({ data }: { readonly data: unknown }) => {
        if (!isCurrentSocket(this, socket)) return;
        // Whatever comes shows that the peer is there.
        socket.onPong();
        if (data !== PONG) this.#sink(socket, String(data));
      };
    }
    return socket;
  }

  override onClose(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onClose(client, error);
  }

  override onError(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onError(client, error);
  }

  /** The argument of a login frame; its timestamp is in seconds. */
  loginArgument(): object {
    const timestamp = String(Math.floor(this.#venueClock.nowUs() / 1_000_000));
    const sign = this.hmacBase64(`${timestamp}GET/user/verify`);
    return { apiKey: this.apiKey, passphrase: this.password, timestamp, sign };
  }

  hmacBase64(text: string): string {
    return new Bun.CryptoHasher('sha256', this.secret).update(text).digest('base64');
  }

  closeSockets(chosen: (socket: CcxtSocket) => boolean): void {
    closeSockets(this, chosen);
  }
}
