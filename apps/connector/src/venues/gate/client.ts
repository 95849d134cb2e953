/**
 * ccxt's gate as this connector uses it (C1 to C4 of `ccxt-client.ts`): its transport, its sockets and its keep-alive.
 *
 * Requests are put together here after Gate's documents. ccxt's own order methods name fields of another market (its
 * futures amend says `currency_pair`), put an id's prefix on only when the id does not begin with its first letter, know
 * no cancel by client id, and send what the venue does not document; sizes would pass through floats.
 *
 * G1  A socket has a lane: one topic of the market, or the account's private stream. Lanes are told apart by the URL's
 *     fragment, which never leaves (T5), so that the end of one is the end of nothing else.
 * G2  Requests that place or amend carry `x-gate-exptime`: after it the venue refuses them unseen.
 * G3  An error frame is the end of its lane's subscriptions: their promises reject.
 */
import { isRecord } from '@trunkline/kit/record';
import type Client from 'ccxt/js/src/base/ws/Client.js';
import gate from 'ccxt/js/src/pro/gate.js';
import {
  type CcxtSocket,
  type ClientOptions,
  ccxtConfig,
  closeSockets,
  isCurrentSocket,
  keepNumbersExact,
  signingTimeMs,
} from '../ccxt-client.ts';
import type { Json } from '../fields.ts';
import type { MarketKind } from './market-kind.ts';
import { signRest, signSubscription } from './signature.ts';

const ORIGIN = 'https://api.gateio.ws';
const ROOT = '/api/v4';

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v4`. */
  readonly path: string;
  readonly query?: Parameters;
  readonly body?: object;
  readonly isPublic?: boolean;
  /** Refused by the venue once it is older than the request expiry (G2). */
  readonly expires?: boolean;
}

/** Takes what the sockets bring. */
export interface LaneSink {
  frame(lane: string, frame: Json): void;
  subscribed(lane: string, channel: string): void;
  pong(lane: string): void;
}

export interface GateClientOptions extends Omit<ClientOptions, 'sink'> {
  readonly sink: LaneSink;
}

export class GateClient extends gate {
  readonly #kind: MarketKind;
  readonly #options: GateClientOptions;
  #lastId = 0;

  constructor(kind: MarketKind, options: GateClientOptions) {
    super(ccxtConfig(options, { unifiedAccount: false }));
    this.#kind = kind;
    this.#options = options;
    keepNumbersExact(this);
  }

  /** One request; what it proved stands in its record (`http-call.ts`). */
  ask({ method, path, query = {}, body, isPublic = false, expires = false }: Request): Promise<unknown> {
    const { apiKey, secret, venueClock, requestExpiryMs } = this.#options;
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    ).toString();
    const url = `${ORIGIN}${ROOT}${path}${search === '' ? '' : `?${search}`}`;
    const text = body === undefined ? '' : JSON.stringify(body);
    if (isPublic) return this.fetch(url, method, {});
    const nowMs = signingTimeMs(venueClock);
    const seconds = Math.floor(nowMs / 1_000);
    // What is signed is the query before it was encoded.
    const call = { method, path: `${ROOT}${path}`, query: decodeURIComponent(search), body: text, seconds };
    const headers = {
      KEY: apiKey.reveal(),
      Timestamp: String(seconds),
      SIGN: signRest(secret, call),
      'Content-Type': 'application/json',
      ...(expires ? { 'x-gate-exptime': String(nowMs + requestExpiryMs) } : {}),
    };
    return this.fetch(url, method, headers, text === '' ? undefined : text);
  }

  /** Pends while the subscription lives, rejects when it is refused or its socket is lost. */
  subscribe(lane: string, channel: string, payload: readonly string[], access: 'public' | 'private'): Promise<unknown> {
    const { apiKey, secret } = this.#options;
    const time = this.#seconds();
    const signature = access === 'public' ? '' : signSubscription(secret, channel, 'subscribe', time);
    const auth = access === 'public' ? {} : { auth: { method: 'api_key', KEY: apiKey.reveal(), SIGN: signature } };
    const asked = payload.length === 0 ? {} : { payload };
    const frame = { id: ++this.#lastId, time, channel, event: 'subscribe', ...asked, ...auth };
    return this.watch(this.#urlOf(lane), channel, frame, channel);
  }

  /** Asks the venue's application, not its TCP stack, for a sign of life. */
  pingLane(lane: string): void {
    const socket = this.clients?.[this.#urlOf(lane)];
    // A socket that cannot take the ping any more is told of by its own end.
    socket?.send({ time: this.#seconds(), channel: `${this.#kind.prefix}.ping` }).catch(() => {});
  }

  closeLane(lane: string): void {
    const url = this.#urlOf(lane);
    this.closeSockets((socket) => socket.url === url);
  }

  closeSockets(chosen: (socket: CcxtSocket) => boolean): void {
    closeSockets(this, chosen);
  }

  override handleMessage(client: Client, message: unknown): void {
    if (!isCurrentSocket(this, client) || !isRecord(message)) return;
    const { sink } = this.#options;
    const lane = client.url.slice(client.url.indexOf('#') + 1);
    const channel = String(message['channel'] ?? '');
    if (isRecord(message['error'])) {
      const { code, message: text } = message['error'];
      client.reject(new Error(`${channel} was refused: ${String(code)} ${String(text)}`));
    } else if (message['event'] === 'subscribe') sink.subscribed(lane, channel);
    else if (channel.endsWith('.pong')) sink.pong(lane);
    else if (message['event'] === 'update' || message['event'] === 'all') sink.frame(lane, message);
  }

  override onClose(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onClose(client, error);
  }

  override onError(client: Client, error: unknown): void {
    if (isCurrentSocket(this, client)) super.onError(client, error);
  }

  #urlOf(lane: string): string {
    return `${this.#kind.socketUrl}#${lane}`;
  }

  #seconds(): number {
    return Math.floor(this.#options.venueClock.nowUs() / 1_000_000);
  }
}
