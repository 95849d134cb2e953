/**
 * Keeps one authenticated connection open to one peer, for one lane. Both links dial through it: the engine in
 * `listen`, the connector in `dial`.
 *
 * D1  `onSocket` sees a socket only after TLS 1.3, a certificate of our authority that is in date, and exactly the expected identity.
 * D2  A lost or refused connection is tried again after `backoff.ts`, for ever, until `close`.
 * D3  A connection near its maximum age is replaced first: the next is opened, handed on, and only then is the old one retired.
 * D4  At most two sockets live at a time, the current and the one retiring, and one attempt is under way.
 */
import { X509Certificate } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../clock.ts';
import type { Rng } from '../rng.ts';
import { backoffDelayMs, failuresAfter } from './backoff.ts';
import { type Identity, identityUri, type Lane, laneServerName } from './identity.ts';
import { errorCode, type LinkLog } from './log.ts';
import { HANDSHAKE_TIMEOUT_MS, RETIRE_AFTER_MS, ROTATE_AFTER_MS, ROTATE_JITTER_MS } from './options.ts';
import { type Refusal, refusalOfIdentity, refusalOfTlsError } from './refusal.ts';
import { secureContextOptions, type TlsMaterial } from './tls.ts';
import type { TlsSource } from './tls-source.ts';
import { verifyCertificate } from './verify.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface DialerOptions {
  readonly address: Address;
  readonly lane: Lane;
  /** Who must answer; any other identity is refused. */
  readonly peer: Identity;
  readonly tls: TlsSource;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: LinkLog;
  /** The new current connection. The one before, if it still stands, is destroyed `RETIRE_AFTER_MS` later. */
  onSocket(socket: TLSSocket): void;
  onRefused?(refusal: Refusal): void;
}

export interface Dialer {
  /** Stops dialling and destroys its connections. */
  close(): void;
}

export function keepDialling(options: DialerOptions): Dialer {
  const { clock, rng, lane } = options;
  const fields = { lane, peer: identityUri(options.peer), address: `${options.address.host}:${options.address.port}` };
  const sockets = new Set<TLSSocket>();
  const timers = new Set<Timer>();
  let current: TLSSocket | undefined;
  let failures = 0;
  let closed = false;

  const after = (delayMs: number, run: () => void) => {
    const timer = clock.schedule(delayMs, () => {
      timers.delete(timer);
      run();
    });
    timers.add(timer);
  };

  const retry = (uptimeMs: number, reason: string, detail: string) => {
    if (closed) return;
    failures = failuresAfter(failures, uptimeMs);
    const delayMs = Math.round(backoffDelayMs(failures, rng));
    options.log.warn(
      { ...fields, reason, detail, uptimeMs, failures, delayMs },
      uptimeMs > 0 ? 'connection lost' : 'cannot connect',
    );
    after(delayMs, attempt);
  };

  const attempt = () => {
    openSocket(options, sockets, (result) => {
      if (closed) return;
      if (!result.ok) {
        options.onRefused?.({ reason: result.reason, detail: result.detail });
        retry(0, result.reason, result.detail);
        return;
      }
      const { socket } = result;
      const startedUs = clock.monotonicUs();
      const replaced = current;
      current = socket;
      if (replaced) after(RETIRE_AFTER_MS, () => replaced.destroy());
      const rotate = clock.schedule(ROTATE_AFTER_MS + rng.next() * ROTATE_JITTER_MS, () => {
        timers.delete(rotate);
        attempt();
      });
      timers.add(rotate);
      socket.once('close', () => {
        // A retired connection has a successor already.
        if (current !== socket) return;
        current = undefined;
        // Its rotation has not begun if its timer still stands; else that attempt goes on by itself.
        if (!timers.delete(rotate)) return;
        rotate.cancel();
        retry(
          Math.max(1, Math.round((clock.monotonicUs() - startedUs) / 1_000)),
          'closed',
          'the peer or the network closed it',
        );
      });
      options.log.info(fields, 'connected');
      options.onSocket(socket);
    });
  };
  attempt();

  return {
    close() {
      closed = true;
      for (const timer of timers) timer.cancel();
      timers.clear();
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Opened = { readonly ok: true; readonly socket: TLSSocket } | ({ readonly ok: false } & Refusal);

/** Connects once and calls `done` once. Every socket is in `sockets` from its making to its close. */
function openSocket(options: DialerOptions, sockets: Set<TLSSocket>, done: (result: Opened) => void): void {
  const { address, lane, peer, clock } = options;
  const material = options.tls.current();
  const socket = connect({
    ...secureContextOptions(material),
    host: address.host,
    port: address.port,
    servername: laneServerName(lane, peer),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: true,
    // The library would compare host names; `judge` compares identities, which is stricter and has reasons.
    checkServerIdentity: () => undefined,
  });
  sockets.add(socket);
  let settled = false;
  const settle = (result: Opened) => {
    if (settled) return;
    settled = true;
    timeout.cancel();
    if (!result.ok) socket.destroy();
    done(result);
  };
  const timeout = clock.schedule(HANDSHAKE_TIMEOUT_MS, () => {
    settle({ ok: false, reason: 'handshake_timeout', detail: `${HANDSHAKE_TIMEOUT_MS} ms` });
  });
  socket.on('error', (error) => settle({ ok: false, ...refusalOfTlsError(errorCode(error)) }));
  socket.once('close', () => {
    sockets.delete(socket);
    settle({ ok: false, reason: 'handshake_abandoned', detail: 'closed before the handshake was done' });
  });
  socket.once('secureConnect', () => {
    socket.setNoDelay(true);
    const refusal = judge(socket, peer, material, clock.wallUs() / 1_000);
    settle(refusal ? { ok: false, ...refusal } : { ok: true, socket });
  });
}

function judge(socket: TLSSocket, expected: Identity, material: TlsMaterial, nowMs: number): Refusal | undefined {
  const raw: Buffer | undefined = socket.getPeerCertificate().raw;
  if (!socket.authorized || raw === undefined)
    return { reason: 'no_certificate', detail: String(socket.authorizationError) };
  const verified = verifyCertificate(new X509Certificate(raw), material.authorities, nowMs);
  return verified.ok ? refusalOfIdentity(verified.identity, expected) : verified;
}
