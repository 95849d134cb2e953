/**
 * A client for tests of this venue: signs as Binance's documents say (not as any library does), keeps every frame that
 * a socket got, and waits on conditions instead of sleeping.
 */
import { createHmac } from 'node:crypto';
import { decimal } from '@trunkline/proto/decimal';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { type Sim, type SimAccount, type SimOptions, startSim } from '../../sim.ts';

export const ACCOUNT: SimAccount = {
  name: 'main',
  apiKey: 'test-key',
  apiSecret: 'test-secret',
  canWithdraw: false,
  balances: { USDT: decimal('100000') },
};

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Fields = Readonly<Record<string, string | number | boolean>>;

export interface CallOptions {
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** The sim's own time when absent. */
  readonly timestamp?: number;
  /** Where the parameters travel. */
  readonly in?: 'query' | 'body';
}

export interface TestVenue {
  readonly sim: Sim;
  readonly clock: VirtualClock;
  /** Unsigned, without a key. */
  get(path: string, params?: Fields): Promise<Answered>;
  /** Signed. */
  call(method: string, path: string, params?: Fields, options?: CallOptions): Promise<Answered>;
  /** With the key alone. */
  keyed(method: string, path: string): Promise<Answered>;
  open(path: string): Promise<TestSocket>;
  control(method: string, path: string, body?: unknown): Promise<Answered>;
  close(): Promise<void>;
}

export async function startVenue(
  options: Partial<Omit<SimOptions, 'clock'>> & { readonly clock?: VirtualClock } = {},
  venue: 'binance-usdm' | 'binance-spot' = 'binance-usdm',
): Promise<TestVenue> {
  const { clock = new VirtualClock() } = options;
  const sim = await startSim({
    seed: 1,
    accounts: [ACCOUNT],
    symbols: ['BTCUSDT'],
    venues: [venue],
    ...options,
    clock,
  });
  const base = sim.venue(venue).url;
  const sockets: TestSocket[] = [];
  const nowMs = () => Math.floor(clock.wallUs() / 1_000);
  return {
    sim,
    clock,
    get: (path, params = {}) => send('GET', `${base}${path}?${encode(params)}`),
    keyed: (method, path) => send(method, `${base}${path}`, { headers: { 'X-MBX-APIKEY': ACCOUNT.apiKey } }),
    call(method, path, params = {}, options = {}) {
      const text = encode({ ...params, timestamp: options.timestamp ?? nowMs() });
      const signature = createHmac('sha256', options.apiSecret ?? ACCOUNT.apiSecret)
        .update(text)
        .digest('hex');
      const signed = `${text}&signature=${signature}`;
      const headers = { 'X-MBX-APIKEY': options.apiKey ?? ACCOUNT.apiKey };
      if (options.in !== 'body') return send(method, `${base}${path}?${signed}`, { headers });
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      return send(method, `${base}${path}`, { headers: form, body: signed });
    },
    async open(path) {
      const socket = await openSocket(`${base.replace('http', 'ws')}${path}`);
      sockets.push(socket);
      return socket;
    },
    control: (method, path, body) =>
      send(method, `${sim.urls.control}${path}`, body === undefined ? {} : { body: JSON.stringify(body) }),
    async close() {
      for (const socket of sockets) socket.close();
      await sim.close();
    },
  };
}

export interface TestSocket {
  /** Every frame so far, parsed. */
  readonly frames: readonly Record<string, unknown>[];
  send(value: unknown): void;
  /** Resolves with the first `count` frames that satisfy `wanted`, past and future. */
  take(count: number, wanted?: (frame: Record<string, unknown>) => boolean): Promise<Record<string, unknown>[]>;
  readonly closed: Promise<{ readonly code: number }>;
  close(): void;
}

async function openSocket(url: string): Promise<TestSocket> {
  const connection = new WebSocket(url);
  const frames: Record<string, unknown>[] = [];
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

/** The text of a WebSocket API request, signed over its sorted parameters. */
export function wsRequest(id: string, method: string, params: Fields): object {
  const names = Object.keys(params).sort();
  const text = names.map((name) => `${name}=${params[name]}`).join('&');
  const signature = createHmac('sha256', ACCOUNT.apiSecret).update(text).digest('hex');
  return { id, method, params: { ...params, signature } };
}

async function send(method: string, url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, { method, ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

function encode(params: Fields): string {
  return Object.entries(params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
}
