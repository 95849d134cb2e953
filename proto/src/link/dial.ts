/**
 * The connector's side of the `dial` link: it opens a connection to the engine's gateway for each lane, and serves gRPC
 * over it. Nothing listens at the edge. The engine's side is `gateway.ts`.
 */
import type { Server } from '@grpc/grpc-js';
import type { Clock } from '../clock.ts';
import type { Rng } from '../rng.ts';
import { type Address, keepDialling } from './dialer.ts';
import { LANES } from './identity.ts';
import type { LinkLog } from './log.ts';
import type { Refusal } from './refusal.ts';
import { serveSockets } from './serve.ts';
import type { TlsSource } from './tls-source.ts';

export interface ServeDialOptions {
  /** Made with `SERVER_OPTIONS`. It stays the caller's to shut down. */
  readonly server: Server;
  /** The engine's gateway. */
  readonly address: Address;
  /** The only engine that may answer there. */
  readonly engine: string;
  readonly tls: TlsSource;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: LinkLog;
  /** Each failed attempt: the gateway refused, could not be reached, or is not who it should be. */
  onRefused?(refusal: Refusal): void;
}

export interface Dialing {
  close(): void;
}

/** Starts dialling at once and never gives up. */
export function serveDial(options: ServeDialOptions): Dialing {
  const { server, engine, ...shared } = options;
  const sockets = serveSockets(server);
  const dialers = LANES.map((lane) =>
    keepDialling({
      ...shared,
      lane,
      peer: { role: 'engine', name: engine },
      onSocket: (socket) => sockets.serve(socket),
    }),
  );
  return {
    close() {
      for (const dialer of dialers) dialer.close();
      sockets.close();
    },
  };
}
