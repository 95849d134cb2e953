/**
 * A client for tests of this venue: signs as Gate's documents say (not as any library does), keeps every frame that a
 * socket got, and waits on conditions instead of sleeping.
 */
import { createHash, createHmac } from 'node:crypto';
import { decimal } from '@trunkline/proto/decimal';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { Core } from '../../core/core-api.ts';
import { type Sim, type SimAccount, type SimOptions, startSim } from '../../sim.ts';
import type { VenueName } from '../registry.ts';

export const UID = '7001';
export const ACCOUNT: SimAccount = {
  name: 'main',
  apiKey: 'test-key',
  apiSecret: 'test-secret',
  uid: UID,
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('2') },
};

export const FUTURES_ORDER = { contract: 'BTC_USDT', size: 10, price: '58000', tif: 'gtc' };
export const SPOT_ORDER = { currency_pair: 'BTC_USDT', side: 'buy', amount: '0.01', price: '58000' };

type Fields = Readonly<Record<string, unknown>>;
export type Frame = Readonly<Record<string, unknown>>;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface CallOptions {
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Seconds; the sim's own time when absent. */
  readonly timestamp?: number | string;
  /** Headers to leave out. */
  readonly without?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestVenue {
  readonly sim: Sim;
  readonly core: Core;
  readonly clock: VirtualClock;
  /** Unsigned. `path` is below `/api/v4`. */
  get(path: string, params?: Fields): Promise<Answered>;
  /** Signed: fields go into the query of a GET or DELETE, else into the body as JSON, beside the path's own query. */
  call(method: string, path: string, fields?: Fields | readonly unknown[], options?: CallOptions): Promise<Answered>;
  open(): Promise<TestSocket>;
  control(method: string, path: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

export async function startVenue(name: VenueName, options: Partial<SimOptions> = {}): Promise<TestVenue> {
  const clock = new VirtualClock();
  const base = { clock, seed: 1, accounts: [ACCOUNT], symbols: ['BTCUSDT'], venues: [name] };
  const sim = await startSim({ ...base, ...options });
  const { url, core } = sim.venue(name);
  const sockets: TestSocket[] = [];
  return {
    sim,
    core,
    clock,
    get: (path, params = {}) => send('GET', `${url}/api/v4${path}${query(params)}`),
    call(method, asked, fields = {}, options = {}) {
      const [path = '', given = ''] = asked.split('?');
      const inQuery = method === 'GET' || method === 'DELETE';
      const text = inQuery && !Array.isArray(fields) ? query({ ...fields }).slice(1) : given;
      const body = inQuery ? '' : JSON.stringify(fields);
      const timestamp = String(options.timestamp ?? Math.floor(clock.wallUs() / 1_000_000));
      const hash = createHash('sha512').update(body).digest('hex');
      const signed = [method, `/api/v4${path}`, text, hash, timestamp].join('\n');
      const headers: Record<string, string> = {
        KEY: options.apiKey ?? 'test-key',
        Timestamp: timestamp,
        SIGN: sign(signed, options.apiSecret),
        'Content-Type': 'application/json',
        ...options.headers,
      };
      for (const left of options.without ?? []) delete headers[left];
      return send(method, `${url}/api/v4${path}${text === '' ? '' : `?${text}`}`, {
        headers,
        ...(body === '' ? {} : { body }),
      });
    },
    async open() {
      const path = name === 'gate-usdt-futures' ? '/v4/ws/usdt' : '/ws/v4/';
      const socket = await openSocket(`${url.replace('http', 'ws')}${path}`);
      sockets.push(socket);
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

export function sign(text: string, secret = 'test-secret'): string {
  return createHmac('sha512', secret).update(text).digest('hex');
}

/** A subscription as the documents sign it. `time` is in seconds. */
export function subscription(channel: string, payload: unknown, time: number, options: CallOptions = {}) {
  const text = `channel=${channel}&event=subscribe&time=${time}`;
  const auth = { method: 'api_key', KEY: options.apiKey ?? 'test-key', SIGN: sign(text, options.apiSecret) };
  return { id: 7, time, channel, event: 'subscribe', payload, auth };
}

/** The WebSocket API's login. */
export function loginFrame(channel: string, time: number, secret?: string) {
  const signature = sign(['api', channel, '', String(time)].join('\n'), secret);
  const payload = { req_id: 'login', api_key: 'test-key', signature, timestamp: String(time) };
  return { time, channel, event: 'api', payload };
}

export function apiFrame(channel: string, time: number, id: string, parameters: unknown, headers?: Fields) {
  const payload = { req_id: id, req_param: parameters, ...(headers === undefined ? {} : { req_header: headers }) };
  return { time, channel, event: 'api', payload };
}

export interface TestSocket {
  /** Every frame so far, parsed. */
  readonly frames: readonly Frame[];
  send(value: unknown): void;
  /** Resolves with the first `count` frames that satisfy `wanted`, past and future. */
  take(count: number, wanted?: (frame: Frame) => boolean): Promise<Frame[]>;
  readonly closed: Promise<{ readonly code: number }>;
  close(): void;
}

/** Pushes of one channel. */
export function pushOf(channel: string) {
  return (frame: Frame) => frame['channel'] === channel && (frame['event'] === 'update' || frame['event'] === 'all');
}

/** Answers of the WebSocket API to one request, acknowledgements left out. */
export function answerTo(id: string) {
  return (frame: Frame) => frame['request_id'] === id && frame['ack'] !== true;
}

async function openSocket(url: string): Promise<TestSocket> {
  const connection = new WebSocket(url);
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<{ code: number }>((resolve) => {
    connection.addEventListener('close', (event) => resolve({ code: event.code }));
  });
  connection.addEventListener('message', (event) => {
    frames.push(JSON.parse(String(event.data)));
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

async function send(method: string, url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, { method, ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

function query(params: Fields): string {
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
