/**
 * The protocol of one stream connection, public or private: subscriptions, the login, the text ping, and its limits.
 *
 * N1  Each argument of a request is answered by itself, before any data of it.
 * N2  A text `ping` is answered by a text `pong`. A connection that sends none for two minutes is dropped, whatever
 *     else it sends or receives; more than ten messages a second close it.
 * N3  The private path wants a login first (30004 without); a login that fails is answered and the connection closed.
 *     On the public path there is no login (30003).
 */
import { isRecord } from '@trunkline/kit/record';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Socket, SocketHandler } from '../../server/socket.ts';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { authenticateLogin, type LoginFault } from './access.ts';
import { type Arg, argKey, readArg } from './channel.ts';

const SILENCE_MS = 120_000;
const MAX_MESSAGES = 10;
const MAX_CHANNELS = 1_000;
const MAX_ARGS_BYTES = 4_096;
const SECOND_US = 1_000_000;
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;

const LOGIN_ERRORS = {
  bad_key: [30011, 'Invalid ACCESS_KEY'],
  bad_passphrase: [30012, 'Invalid ACCESS_PASSPHRASE'],
  bad_timestamp: [30013, 'Invalid ACCESS_TIMESTAMP'],
  expired: [30014, 'Request timestamp expired'],
  bad_sign: [30015, 'Invalid sign'],
} as const satisfies Record<LoginFault, readonly [code: number, msg: string]>;

/** Sends data frames of one subscription. */
export type Emit = (action: 'snapshot' | 'update', data: readonly unknown[]) => void;

/** What an argument came to: a running subscription, nothing to send, or no such channel. */
export type Opening = { readonly kind: 'running'; close(): void } | 'silent' | 'unknown' | 'malformed';

export interface StreamOptions {
  readonly clock: Clock;
  readonly accounts: readonly VenueAccount[];
  readonly path: 'public' | 'private';
  readonly connectionId: string;
  /** `account` is who logged in; undefined on the public path. The first data may be sent at once by `emit`. */
  readonly open: (arg: Arg, emit: Emit, account: VenueAccount | undefined) => Opening;
}

type Login = { readonly kind: 'none' } | { readonly kind: 'done'; readonly account: VenueAccount };

export function serveStream(socket: Socket, options: StreamOptions): SocketHandler {
  const { clock, accounts, path } = options;
  const running = new Map<string, { close(): void }>();
  let login: Login = { kind: 'none' };
  let window = { startUs: 0, messages: 0 };
  let silence: Timer = clock.schedule(SILENCE_MS, socket.drop);
  const nowMs = () => milliseconds(clock.wallUs());

  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const fail = (code: number, msg: string, about: object = {}) => send({ event: 'error', ...about, code, msg });

  const overRate = () => {
    const nowUs = clock.monotonicUs();
    if (nowUs - window.startUs >= SECOND_US) window = { startUs: nowUs, messages: 0 };
    window.messages += 1;
    return window.messages > MAX_MESSAGES;
  };

  const subscribe = (arg: Arg) => {
    const key = argKey(arg);
    if (running.has(key)) return send({ event: 'subscribe', arg });
    if (running.size >= MAX_CHANNELS) return fail(30006, 'request too many', { arg, op: 'subscribe' });
    // N1: the acknowledgement goes first, so what the channel sends at once is held until then.
    const early: Parameters<Emit>[] = [];
    let acknowledged = false;
    const emit: Emit = (action, data) => {
      if (acknowledged) send({ action, arg, data, ts: nowMs() });
      else early.push([action, data]);
    };
    const opening = options.open(arg, emit, login.kind === 'done' ? login.account : undefined);
    if (opening === 'unknown') return fail(30001, `${named(arg)} doesn't exist`, { arg, op: 'subscribe' });
    if (opening === 'malformed') return fail(30016, 'Param error', { arg, op: 'subscribe' });
    running.set(key, opening === 'silent' ? { close: () => undefined } : opening);
    send({ event: 'subscribe', arg });
    acknowledged = true;
    for (const [action, data] of early) emit(action, data);
  };

  const unsubscribe = (arg: Arg) => {
    const key = argKey(arg);
    running.get(key)?.close();
    running.delete(key);
    send({ event: 'unsubscribe', arg });
  };

  const logIn = (args: readonly unknown[]) => {
    if (path === 'public') return fail(30003, 'INVALID op:login');
    const sent: Record<string, unknown> = isRecord(args[0]) ? args[0] : {};
    const text = (name: string) => (sent[name] === undefined ? undefined : String(sent[name]));
    const credentials = {
      key: text('apiKey'),
      sign: text('sign'),
      timestamp: text('timestamp'),
      passphrase: text('passphrase'),
    };
    const found = authenticateLogin(accounts, credentials, nowMs());
    if (typeof found === 'string') {
      const [code, msg] = LOGIN_ERRORS[found];
      fail(code, msg);
      return socket.close(NORMAL, 'login failed');
    }
    login = { kind: 'done', account: found };
    send({ event: 'login', code: 0, connId: options.connectionId });
  };

  const request = (text: string) => {
    const parsed = parseJson(text);
    if (!isRecord(parsed) || !Array.isArray(parsed.args)) return fail(30002, 'Illegal request');
    const { op, args } = parsed;
    if (op === 'login') return logIn(args);
    if (op !== 'subscribe' && op !== 'unsubscribe') return fail(30003, `INVALID op:${String(op)}`);
    if (path === 'private' && login.kind === 'none') return fail(30004, 'User not logged in/User must be logged in');
    if (JSON.stringify(args).length > MAX_ARGS_BYTES) return fail(30002, 'Illegal request');
    for (const value of args) {
      const arg = readArg(value);
      if (arg === undefined) fail(30016, 'Param error', { op });
      else if (op === 'subscribe') subscribe(arg);
      else unsubscribe(arg);
    }
  };

  return {
    message(text) {
      if (overRate()) return socket.close(POLICY_VIOLATION, 'Too many requests');
      if (text !== 'ping') return request(text);
      silence.cancel();
      silence = clock.schedule(SILENCE_MS, socket.drop);
      socket.send('pong');
    },
    closed() {
      silence.cancel();
      for (const subscription of running.values()) subscription.close();
      running.clear();
    },
  };
}

/** As the live socket words what it does not know. */
function named({ instType, channel, instId = 'null' }: Arg): string {
  return `instType:${instType},channel:${channel},instId:${instId},precision:null`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: answered as such.
    return undefined;
  }
}
