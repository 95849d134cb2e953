/**
 * The three ways to one exchange: handed over in the process, behind the `listen` link, behind the `dial` link. The
 * links are the real ones: TLS 1.3, certificates of an authority made for the run, ports chosen by the system.
 */

import { connectorServer } from '../../apps/connector/src/server.ts';
import { HealthState } from '../../apps/connector/src/server-health.ts';
import { RemoteExchange } from '../../apps/engine/src/exchange/remote-exchange.ts';
import { silentLogger } from '../../packages/kit/src/log.ts';
import type { Exchange } from '../../proto/src/exchange.ts';
import { serveDial } from '../../proto/src/link/dial.ts';
import { openGateway } from '../../proto/src/link/gateway.ts';
import type { Link } from '../../proto/src/link/link.ts';
import { connectListen, serveListen } from '../../proto/src/link/listen.ts';
import { clock, connector, engine, material, source, until } from '../../proto/src/link/testing/rig.ts';
import { systemRng } from '../../proto/src/rng.ts';

export const WAYS = ['in-process', 'listen', 'dial'] as const;
export type WayName = (typeof WAYS)[number];

export interface Way {
  readonly exchange: Exchange;
  readonly health: HealthState;
  /** Undefined in the process. */
  readonly link: Link | undefined;
  close(): Promise<void>;
}

export async function openWay(name: WayName, served: Exchange, methods: readonly string[]): Promise<Way> {
  const health = new HealthState();
  if (name === 'in-process') return { exchange: served, health, link: undefined, close: () => Promise.resolve() };
  const log = silentLogger();
  const rng = systemRng();
  const server = connectorServer({ exchange: served, methods, health, log });
  const ours = { tls: source(material(connector)), clock, rng, log };
  const theirs = { tls: source(material(engine)), clock, rng, log };
  const { link, stop } = name === 'listen' ? await overListen() : await overDial();
  await until(() => link.state('order').kind === 'up' && link.state('market').kind === 'up', 'both lanes up');
  const close = async () => {
    await link.close();
    await stop();
    server.forceShutdown();
  };
  return { exchange: new RemoteExchange({ link, clock }), health, link, close };

  async function overListen() {
    const bound = await serveListen({ server, host: '127.0.0.1', port: 0, ...ours, authorize: () => true });
    if (!bound.ok) throw new Error('the listen link did not bind');
    const address = { host: '127.0.0.1', port: bound.listening.port };
    return {
      link: connectListen({ connector: connector.name, address, ...theirs }),
      stop: () => bound.listening.close(),
    };
  }

  async function overDial() {
    const opened = await openGateway({ host: '127.0.0.1', port: 0, connectors: [connector.name], ...theirs });
    if (!opened.ok) throw new Error('the gateway did not bind');
    const { gateway } = opened;
    const dialing = serveDial({
      server,
      address: { host: '127.0.0.1', port: gateway.port },
      engine: engine.name,
      ...ours,
    });
    const link = gateway.link(connector.name);
    if (!link) throw new Error('the gateway does not know the connector');
    const stop = () => {
      dialing.close();
      return gateway.close();
    };
    return { link, stop };
  }
}
