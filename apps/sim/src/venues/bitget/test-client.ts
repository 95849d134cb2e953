/**
 * A client for tests of this venue: signs as Bitget's documents say (not as any library does), keeps every frame that
 * a socket got, and waits on conditions instead of sleeping.
 */
import { createHmac } from 'node:crypto';
import { decimal } from '@trunkline/proto/decimal';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { Core } from '../../core/core-api.ts';
import { type Sim, type SimAccount, type SimOptions, startSim } from '../../sim.ts';
import type { VenueName } from '../registry.ts';

export const ACCOUNT: SimAccount = {
  name: 'main',
  apiKey: 'test-key',
  apiSecret: 'test-secret',
  passphrase: 'test-passphrase',
  uid: '7001',
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('2') },
};

export const FUTURES_ORDER = {
  symbol: 'BTCUSDT',
  productType: 'USDT-FUTURES',
  marginMode: 'crossed',
  marginCoin: 'USDT',
  orderType: 'limit',
  force: 'gtc',
  side: 'buy',
  size: '0.01',
  price: '58000',
};

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly code: string; readonly msg: string; readonly data: unknown };
}

type Fields = Readonly<Record<string, unknown>>;

export interface CallOptions {
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly passphrase?: string;
  /** The sim's own time when absent. */
  readonly timestamp?: number | string;
  /** Headers to leave out. */
  readonly without?: readonly string[];
}

export interface TestVenue {
  readonly sim: Sim;
  readonly core: Core;
  readonly clock: VirtualClock;
  /** Unsigned. */
  get(path: string, params?: Fields): Promise<Answered>;
  /** Signed: a GET's parameters go into the query, a POST's into the body as JSON. */
  call(method: 'GET' | 'POST', path: string, params?: Fields, options?: CallOptions): Promise<Answered>;
  open(path: 'public' | 'private'): Promise<TestSocket>;
  /** An opened private stream, logged in. */
  logIn(options?: CallOptions): Promise<TestSocket>;
  control(method: string, path: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

export async function startVenue(name: VenueName, options: Partial<SimOptions> = {}): Promise<TestVenue> {
  const clock = new VirtualClock();
  const base = { clock, seed: 1, accounts: [ACCOUNT], symbols: ['BTCUSDT'], venues: [name] };
  const sim = await startSim({ ...base, ...options });
  const { url, core } = sim.venue(name);
  const sockets: TestSocket[] = [];
  const nowMs = () => Math.floor(clock.wallUs() / 1_000);
  const open = async (path: string) => {
    const socket = await openSocket(`${url.replace('http', 'ws')}/v2/ws/${path}`);
    sockets.push(socket);
    return socket;
  };
  return {
    sim,
    core,
    clock,
    open,
    get: (path, params = {}) => send('GET', `${url}${path}${query(params)}`),
    call(method, path, params = {}, options = {}) {
      const asked = method === 'GET' ? query(params) : '';
      const body = method === 'GET' ? '' : JSON.stringify(params);
      const timestamp = String(options.timestamp ?? nowMs());
      const headers: Record<string, string> = {
        'ACCESS-KEY': options.apiKey ?? 'test-key',
        'ACCESS-SIGN': sign(`${timestamp}${method}${path}${asked}${body}`, options),
        'ACCESS-TIMESTAMP': timestamp,
        'ACCESS-PASSPHRASE': options.passphrase ?? 'test-passphrase',
        'Content-Type': 'application/json',
      };
      for (const name of options.without ?? []) delete headers[name];
      return send(method, `${url}${path}${asked}`, { headers, ...(body === '' ? {} : { body }) });
    },
    async logIn(options = {}) {
      const socket = await open('private');
      socket.send(loginFrame(String(options.timestamp ?? Math.floor(nowMs() / 1_000)), options));
      await socket.take(1);
      return socket;
    },
    control: (method, path, body) =>
      fetch(`${sim.urls.control}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
    async close() {
      for (const socket of sockets) socket.close();
      await sim.close();
    },
  };
}

export function loginFrame(timestamp: string, options: CallOptions = {}) {
  const args = {
    apiKey: options.apiKey ?? 'test-key',
    passphrase: options.passphrase ?? 'test-passphrase',
    timestamp,
    sign: sign(`${timestamp}GET/user/verify`, options),
  };
  return { op: 'login', args: [args] };
}

export type Frame = Readonly<Record<string, unknown>>;

export interface TestSocket {
  /** Every frame so far, parsed; text that is no JSON as `{text}`. */
  readonly frames: readonly Frame[];
  send(value: unknown): void;
  /** Resolves with the first `count` frames that satisfy `wanted`, past and future. */
  take(count: number, wanted?: (frame: Frame) => boolean): Promise<Frame[]>;
  readonly closed: Promise<{ readonly code: number }>;
  close(): void;
}

/** Data frames of one channel. */
export function ofChannel(channel: string) {
  return (frame: Frame) => frame['action'] !== undefined && Object(frame['arg']).channel === channel;
}

export function subscribe(channel: string, instType: string, instId = 'default') {
  const subject = channel === 'account' ? { coin: instId } : { instId };
  return { op: 'subscribe', args: [{ instType, channel, ...subject }] };
}

async function openSocket(url: string): Promise<TestSocket> {
  const connection = new WebSocket(url);
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<{ code: number }>((resolve) => {
    connection.addEventListener('close', (event) => resolve({ code: event.code }));
  });
  connection.addEventListener('message', (event) => {
    const text = String(event.data);
    frames.push(text.startsWith('{') ? JSON.parse(text) : { text });
    for (const check of waiting) check();
  });
  await new Promise<void>((resolve, reject) => {
    connection.addEventListener('open', () => resolve(), { once: true });
    connection.addEventListener('error', () => reject(new Error(`cannot open ${url}`)), { once: true });
  });
  return {
    frames,
    closed,
    send: (value) => connection.send(typeof value === 'string' ? value : JSON.stringify(value)),
    take(count, wanted = () => true) {
      return new Promise((resolve) => {
        const check = () => {
          const found = frames.filter(wanted);
          if (found.length < count) return;
          waiting.delete(check);
          resolve(found.slice(0, count));
        };
        waiting.add(check);
        check();
      });
    },
    close: () => connection.close(),
  };
}

function sign(text: string, { apiSecret = 'test-secret' }: CallOptions): string {
  return createHmac('sha256', apiSecret).update(text).digest('base64');
}

async function send(method: string, url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, { method, ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

function query(params: Fields): string {
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
