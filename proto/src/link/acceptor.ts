/**
 * A TCP port that hands on only connections whose peer has proved who it is. Both links accept through it: the
 * connector's port of `listen` and the engine's gateway of `dial`.
 *
 * A1  `onPeer` sees a socket after TLS 1.3, a certificate of our authority that is in date, one identity in it, and `admit`.
 * A2  Everything else is closed without a word to the peer, and logged with a closed reason.
 * A3  A connection that has proved nothing costs little: their number and their time are bounded.
 * A4  New TLS material serves the next connection; the standing ones are not touched.
 */
import { X509Certificate } from 'node:crypto';
import { createServer, type TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Identity } from './identity.ts';
import { errorCode, type LinkLog } from './log.ts';
import { HANDSHAKE_TIMEOUT_MS, MAX_PENDING_HANDSHAKES } from './options.ts';
import { type Refusal, type RefusalReason, refusalOfTlsError } from './refusal.ts';
import { secureContextOptions } from './tls.ts';
import type { TlsSource } from './tls-source.ts';
import { verifyCertificate } from './verify.ts';

export interface Peer {
  readonly identity: Identity;
  /** The TLS server name (SNI) it asked for. */
  readonly serverName: string | undefined;
  readonly socket: TLSSocket;
}

export interface AcceptorOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls: TlsSource;
  readonly clock: Clock;
  readonly log: LinkLog;
  /** The last word on a proved identity: undefined lets it in. */
  admit(identity: Identity, serverName: string | undefined): Refusal | undefined;
  onPeer(peer: Peer): void;
  onRefused?(refusal: Refusal): void;
  readonly maxPendingHandshakes?: number;
  readonly handshakeTimeoutMs?: number;
}

export interface Acceptor {
  readonly port: number;
  /** Frees the port and ends every connection accepted through it. */
  close(): Promise<void>;
}

export type BindErrorCode = 'port_in_use' | 'address_unavailable' | 'not_permitted' | 'listen_failed';

export interface BindError {
  readonly ok: false;
  readonly code: BindErrorCode;
  /** One line for an operator, naming host and port. */
  readonly message: string;
}

export async function accept(
  options: AcceptorOptions,
): Promise<{ readonly ok: true; readonly acceptor: Acceptor } | BindError> {
  const { host, port, tls, log } = options;
  const maxPending = options.maxPendingHandshakes ?? MAX_PENDING_HANDSHAKES;
  const pending = new Set<TLSSocket>();
  const admitted = new Set<TLSSocket>();
  /** Turned away before a handshake: that its handshake then breaks is no second refusal. */
  const surplus = new WeakSet<TLSSocket>();

  const server = createServer({
    ...secureContextOptions(tls.current()),
    requestCert: true,
    rejectUnauthorized: true,
    // gRPC clients of other languages refuse a server that does not agree on h2.
    ALPNProtocols: ['h2'],
    handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
  });
  const refuse = (reason: RefusalReason, detail: string, from: string | undefined) => {
    log.warn({ reason, detail, from, port: boundPort }, 'refused a connection');
    options.onRefused?.({ reason, detail });
  };
  // Bun makes the TLS socket at once, so this is the socket that `secureConnection` names later.
  server.on('connection', (socket: TLSSocket) => {
    if (pending.size >= maxPending) {
      refuse('too_many_pending', `${pending.size} handshakes pending`, socket.remoteAddress);
      surplus.add(socket);
      socket.destroy();
      return;
    }
    pending.add(socket);
    socket.once('close', () => pending.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    if (surplus.has(socket)) return;
    pending.delete(socket);
    const { reason, detail } = refusalOfTlsError(errorCode(error));
    refuse(reason, detail, socket.remoteAddress);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    pending.delete(socket);
    // A connection may break at any time; whoever owns it sees `close`, which always follows.
    socket.on('error', (error) => log.info({ code: errorCode(error), from: socket.remoteAddress }, 'connection broke'));
    const judged = judge(socket, options);
    if (!judged.ok) {
      refuse(judged.reason, judged.detail, socket.remoteAddress);
      socket.destroy();
      return;
    }
    admitted.add(socket);
    socket.once('close', () => admitted.delete(socket));
    socket.setNoDelay(true);
    options.onPeer(judged.peer);
  });

  let boundPort = port;
  const failure = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  if (failure) return bindError(errorCode(failure), host, port);
  server.on('error', (error) => log.error({ code: errorCode(error), port }, 'accepting connections failed'));
  const address = server.address();
  if (address !== null && typeof address === 'object') boundPort = address.port;
  const forget = tls.onChange((material) => server.setSecureContext(secureContextOptions(material)));

  return {
    ok: true,
    acceptor: {
      port: boundPort,
      close() {
        forget();
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        for (const socket of [...pending, ...admitted]) socket.destroy();
        return closed;
      },
    },
  };
}

type Judgement = { readonly ok: true; readonly peer: Peer } | ({ readonly ok: false } & Refusal);

function judge(socket: TLSSocket, options: AcceptorOptions): Judgement {
  if (socket.getProtocol() !== 'TLSv1.3')
    return { ok: false, reason: 'handshake_failed', detail: String(socket.getProtocol()) };
  const raw: Buffer | undefined = socket.getPeerCertificate().raw;
  if (!socket.authorized || raw === undefined) return { ok: false, reason: 'no_certificate', detail: '' };
  const verified = verifyCertificate(
    new X509Certificate(raw),
    options.tls.current().authorities,
    options.clock.wallUs() / 1_000,
  );
  if (!verified.ok) return verified;
  const { servername } = socket;
  const serverName = typeof servername === 'string' ? servername : undefined;
  const refusal = options.admit(verified.identity, serverName);
  return refusal ? { ok: false, ...refusal } : { ok: true, peer: { identity: verified.identity, serverName, socket } };
}

function bindError(code: string, host: string, port: number): BindError {
  const where = `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return { ok: false, code: 'port_in_use', message: `${where} is in use by another process` };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return { ok: false, code: 'address_unavailable', message: `${where} is no address of this machine` };
    case 'EACCES':
      return { ok: false, code: 'not_permitted', message: `${where} may not be bound by this user` };
    default:
      return { ok: false, code: 'listen_failed', message: `${where} cannot be bound (${code})` };
  }
}
