/**
 * The engine's side of the `dial` link: one port that connectors dial, once per lane, told apart by the TLS server name.
 *
 * G1  Only connectors named in the config are let in, and only for a lane of this engine.
 * G2  A connector has one current connection per lane; a newer one replaces it (link.ts L1).
 */
import type { Clock } from '../clock.ts';
import { accept, type BindError } from './acceptor.ts';
import { type Identity, identityUri, laneOfServerName } from './identity.ts';
import { LaneChannels, type Link } from './link.ts';
import type { LinkLog } from './log.ts';
import type { Refusal } from './refusal.ts';
import type { TlsSource } from './tls-source.ts';

export interface GatewayOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The engine's own certificate; its name is the one that connectors ask for. */
  readonly tls: TlsSource;
  /** Names of the connectors that may dial in. */
  readonly connectors: readonly string[];
  readonly clock: Clock;
  readonly log: LinkLog;
  onRefused?(refusal: Refusal): void;
  readonly maxPendingHandshakes?: number;
  readonly handshakeTimeoutMs?: number;
}

export interface Gateway {
  readonly port: number;
  /** Undefined for a name that is not in the config. Closing a link turns its connector away until the gateway is opened anew. */
  link(connector: string): Link | undefined;
  /** Frees the port and closes every link. */
  close(): Promise<void>;
}

export async function openGateway(
  options: GatewayOptions,
): Promise<{ readonly ok: true; readonly gateway: Gateway } | BindError> {
  const { connectors, ...shared } = options;
  const { clock, log, tls } = options;
  const links = new Map<string, LaneChannels>();
  for (const connector of connectors) {
    links.set(connector, new LaneChannels({ connector, clock, log, onClose: () => void links.delete(connector) }));
  }

  const laneOf = (serverName: string | undefined) => laneOfServerName(serverName ?? '', tls.current().identity);
  const admit = (identity: Identity, serverName: string | undefined): Refusal | undefined => {
    if (identity.role !== 'connector') return { reason: 'wrong_role', detail: identityUri(identity) };
    if (!links.has(identity.name)) return { reason: 'unknown_name', detail: identityUri(identity) };
    return laneOf(serverName) ? undefined : { reason: 'bad_server_name', detail: serverName ?? 'none' };
  };
  const bound = await accept({
    ...shared,
    admit,
    onPeer({ identity, serverName, socket }) {
      const lane = laneOf(serverName);
      const link = links.get(identity.name);
      if (!lane || !link) return socket.destroy();
      log.info({ connector: identity.name, lane, from: socket.remoteAddress }, 'accepted a connection');
      // `attach` maps every failure to a state of the lane: it does not reject.
      void link.attach(lane, socket);
    },
  });
  if (!bound.ok) return bound;
  const { acceptor } = bound;
  return {
    ok: true,
    gateway: {
      port: acceptor.port,
      link: (connector) => links.get(connector),
      async close() {
        await Promise.all([...links.values()].map((link) => link.close()));
        await acceptor.close();
      },
    },
  };
}
