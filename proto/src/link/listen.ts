/**
 * The `listen` link: the connector has a port, the engine dials it, once per lane. Other gRPC clients with a
 * certificate of ours may dial it too.
 */
import type { Server } from '@grpc/grpc-js';
import type { Clock } from '../clock.ts';
import type { Rng } from '../rng.ts';
import { type Acceptor, accept, type BindError } from './acceptor.ts';
import { type Address, keepDialling } from './dialer.ts';
import { type Identity, identityUri, LANES } from './identity.ts';
import { LaneChannels, type Link } from './link.ts';
import type { LinkLog } from './log.ts';
import type { Refusal } from './refusal.ts';
import { serveSockets } from './serve.ts';
import type { TlsSource } from './tls-source.ts';

export interface ServeListenOptions {
  /** Made with `SERVER_OPTIONS`. It stays the caller's to shut down. */
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsSource;
  readonly clock: Clock;
  readonly log: LinkLog;
  /** Whether this identity has any business here; what it may do is decided call by call, with `peerIdentity`. */
  authorize(identity: Identity): boolean;
  onRefused?(refusal: Refusal): void;
}

/** The connector's side. */
export async function serveListen(
  options: ServeListenOptions,
): Promise<{ readonly ok: true; readonly listening: Acceptor } | BindError> {
  const sockets = serveSockets(options.server);
  const { server: _, authorize, ...shared } = options;
  const bound = await accept({
    ...shared,
    admit: (identity) =>
      authorize(identity) ? undefined : { reason: 'not_authorized', detail: identityUri(identity) },
    onPeer({ identity, serverName, socket }) {
      options.log.info(
        { peer: identityUri(identity), serverName, from: socket.remoteAddress },
        'accepted a connection',
      );
      sockets.serve(socket);
    },
  });
  if (!bound.ok) {
    sockets.close();
    return bound;
  }
  const { acceptor } = bound;
  return {
    ok: true,
    listening: {
      port: acceptor.port,
      close() {
        sockets.close();
        return acceptor.close();
      },
    },
  };
}

export interface ConnectListenOptions {
  /** The only connector that may answer at `address`. */
  readonly connector: string;
  readonly address: Address;
  readonly tls: TlsSource;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: LinkLog;
  onRefused?(refusal: Refusal): void;
}

/** The engine's side. Starts dialling at once and never gives up. */
export function connectListen(options: ConnectListenOptions): Link {
  const { connector, clock, log, ...shared } = options;
  const link = new LaneChannels({
    connector,
    clock,
    log,
    onClose() {
      for (const dialer of dialers) dialer.close();
    },
  });
  const dialers = LANES.map((lane) =>
    keepDialling({
      ...shared,
      clock,
      log,
      lane,
      peer: { role: 'connector', name: connector },
      // `attach` maps every failure to a state of the lane: it does not reject.
      onSocket: (socket) => void link.attach(lane, socket),
    }),
  );
  return link;
}
