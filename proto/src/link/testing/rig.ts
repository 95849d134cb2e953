/** What the link tests share: a log that remembers, TLS material without files, a small gRPC service, and waiting. */
import {
  Client,
  Server,
  type ServerDuplexStream,
  type ServerOptions,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { type Clock, systemClock } from '../../clock.ts';
import type { Identity } from '../identity.ts';
import type { ClientArguments } from '../link.ts';
import type { LinkLog } from '../log.ts';
import { SERVER_OPTIONS } from '../options.ts';
import { peerIdentity } from '../serve.ts';
import type { TlsMaterial } from '../tls.ts';
import type { TlsSource } from '../tls-source.ts';
import { parseCertificates } from '../verify.ts';
import { type Authority, type Issued, issue, makeAuthority } from './certificates.ts';

export const clock: Clock = systemClock();
export const authority: Authority = makeAuthority();
export const engine: Identity = { role: 'engine', name: 'main' };
export const connector: Identity = { role: 'connector', name: 'edge-1' };

/** Material as the process would have loaded it; nothing is checked, so that wrong ones reach the wire. */
export function material(
  identity: Identity,
  issued: Issued = issue(authority, identity),
  ca = authority.pem,
): TlsMaterial {
  return { ca, ...issued, authorities: parseCertificates(ca) ?? [], identity, expiresAtMs: 0 };
}

/** A source whose material a test can change. */
export function source(first: TlsMaterial): TlsSource & { change(next: TlsMaterial): void } {
  const listeners = new Set<(material: TlsMaterial) => void>();
  let now = first;
  return {
    current: () => now,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
    change(next) {
      now = next;
      for (const listener of listeners) listener(next);
    },
  };
}

export interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export function memoryLog(): LinkLog & { readonly lines: Line[]; has(text: string): boolean } {
  const lines: Line[] = [];
  const add = (level: Line['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return {
    lines,
    info: add('info'),
    warn: add('warn'),
    error: add('error'),
    has: (text) => JSON.stringify(lines).includes(text),
  };
}

/** Waits until `check` holds. Only I/O is waited for; the limit is there so that a broken promise fails and does not hang. */
export async function until(check: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const endUs = clock.monotonicUs() + limitMs * 1_000;
  while (!check()) {
    if (clock.monotonicUs() > endUs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => clock.schedule(2, () => resolve(undefined)));
  }
}

const bytes = (value: Buffer) => value;
const method = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};
const SERVICE = {
  Chat: { ...method, path: '/trunkline.test.Echo/Chat', requestStream: true, responseStream: true },
  Who: { ...method, path: '/trunkline.test.Echo/Who', requestStream: false, responseStream: false },
} as const satisfies ServiceDefinition;

export interface EchoServer {
  readonly server: Server;
  /** How each stream that ended was seen to end, in order: `end`, `cancelled`. */
  readonly endings: string[];
  /** One entry a stream, `role/name` of its peer. */
  readonly streams: string[];
}

/** `Who` answers `role/name from address`; `Chat` sends back what it gets. */
export function echoServer(options: ServerOptions = {}): EchoServer {
  const server = new Server({ ...SERVER_OPTIONS, ...options });
  const endings: string[] = [];
  const streams: string[] = [];
  server.addService(SERVICE, {
    Who(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
      const peer = peerIdentity(call);
      answer(null, Buffer.from(`${peer?.role}/${peer?.name} from ${call.getPeer()}`));
    },
    Chat(call: ServerDuplexStream<Buffer, Buffer>) {
      const peer = peerIdentity(call);
      streams.push(`${peer?.role}/${peer?.name}`);
      call.on('data', (message: Buffer) => call.write(message));
      call.on('end', () => {
        endings.push('end');
        call.end();
      });
      call.on('cancelled', () => endings.push('cancelled'));
      call.on('error', () => endings.push('error'));
    },
  });
  return { server, endings, streams };
}

export interface Chat {
  readonly received: Buffer[];
  /** The status the stream ended with, as `code: details`. */
  readonly ended: string[];
  send(message: Buffer): void;
  cancel(): void;
}

export interface EchoClient {
  who(): Promise<string>;
  chat(): Chat;
}

/** Made as a generated client is: from the arguments that a link gives. */
export function echoClient(given: ClientArguments | undefined): EchoClient {
  if (!given) throw new Error('the lane is down');
  const client = new Client(...given);
  return {
    who: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(SERVICE.Who.path, bytes, bytes, Buffer.alloc(0), (error, answer) => {
          if (error) reject(error);
          else resolve(String(answer));
        });
      }),
    chat() {
      const stream = client.makeBidiStreamRequest<Buffer, Buffer>(SERVICE.Chat.path, bytes, bytes);
      const received: Buffer[] = [];
      const ended: string[] = [];
      stream.on('data', (message: Buffer) => received.push(message));
      stream.on('error', () => {});
      stream.on('status', (status) => ended.push(`${status.code}: ${status.details}`));
      return { received, ended, send: (message) => void stream.write(message), cancel: () => stream.cancel() };
    },
  };
}
