import { afterEach, describe, expect, test } from 'bun:test';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { seededRng } from '../rng.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { serveDial } from './dial.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';
import { laneServerName } from './identity.ts';
import { RETIRE_AFTER_MS } from './options.ts';
import type { RefusalReason } from './refusal.ts';
import { issue } from './testing/certificates.ts';
import {
  authority,
  clock,
  connector,
  echoClient,
  echoServer,
  engine,
  material,
  memoryLog,
  source,
  until,
} from './testing/rig.ts';
import { secureContextOptions, type TlsMaterial } from './tls.ts';

const host = '127.0.0.1';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function gatewayOf(options: Partial<GatewayOptions> = {}) {
  const log = memoryLog();
  const refused: RefusalReason[] = [];
  const opened = await openGateway({
    host,
    port: 0,
    tls: source(material(engine)),
    connectors: [connector.name],
    clock,
    log,
    onRefused: ({ reason }) => refused.push(reason),
    ...options,
  });
  if (!opened.ok) throw new Error(opened.message);
  const { gateway } = opened;
  cleanups.push(() => gateway.close());
  return { gateway, log, refused };
}

/** A connector that serves the echo service through the gateway. */
function dialIn(gateway: Gateway) {
  const { server, streams } = echoServer();
  const options = {
    server,
    address: { host, port: gateway.port },
    engine: engine.name,
    tls: source(material(connector)),
  };
  const dialing = serveDial({ ...options, clock, rng: seededRng(1), log: memoryLog() });
  cleanups.push(() => dialing.close());
  return { dialing, streams };
}

const connectorMaterial = material(connector);
function secureSocket(
  gateway: Gateway,
  given: Partial<TlsMaterial> & { session?: Buffer } = {},
  servername = laneServerName('order', engine),
): TLSSocket {
  const options = {
    ...secureContextOptions(connectorMaterial),
    ...given,
    servername,
    checkServerIdentity: () => undefined,
  };
  const socket = connect({ ...options, host, port: gateway.port, ALPNProtocols: ['h2'] });
  socket.on('error', () => {});
  // An end that nobody reads towards is not seen.
  socket.resume();
  cleanups.push(() => socket.destroy());
  return socket;
}

function plainSocket(gateway: Gateway): Socket {
  const socket = connectPlain(gateway.port, host);
  socket.on('error', () => {});
  // An end that nobody reads towards is not seen.
  socket.resume();
  cleanups.push(() => socket.destroy());
  return socket;
}

const lane = (gateway: Gateway) => gateway.link(connector.name)?.state('order').kind;

describe('the gateway', () => {
  test('survives garbage, plain HTTP, silence and a peer that hangs up, says so, and serves on', async () => {
    const { gateway, refused } = await gatewayOf({ handshakeTimeoutMs: 100 });
    plainSocket(gateway).write(Buffer.alloc(100_000, 0xa5));
    plainSocket(gateway).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const silent = plainSocket(gateway);
    let closed = false;
    silent.on('close', () => {
      closed = true;
    });
    const quitter = plainSocket(gateway);
    quitter.on('connect', () => quitter.resetAndDestroy());
    await until(() => refused.length >= 3 && closed, 'the refusals');
    expect(refused.filter((reason) => reason === 'handshake_failed')).toHaveLength(2);
    expect(refused).toContain('handshake_timeout');

    dialIn(gateway);
    await until(() => lane(gateway) === 'up', 'the lane up');
  });

  test('closes connections past the limit of pending handshakes, and takes new ones when those are gone', async () => {
    const { gateway, refused } = await gatewayOf({ maxPendingHandshakes: 3, handshakeTimeoutMs: 60_000 });
    const idle = [
      plainSocket(gateway),
      plainSocket(gateway),
      plainSocket(gateway),
      plainSocket(gateway),
      plainSocket(gateway),
    ];
    await until(() => refused.length >= 2, 'two refusals');
    expect(refused).toEqual(['too_many_pending', 'too_many_pending']);
    for (const socket of idle) socket.destroy();
    dialIn(gateway);
    await until(() => lane(gateway) === 'up', 'the lane up');
  });

  test('refuses a connector without a certificate, with TLS 1.2, for no lane, and of no name in the config', async () => {
    const { gateway, refused, log } = await gatewayOf();
    const bare = connect({ ca: authority.pem, host, port: gateway.port, checkServerIdentity: () => undefined });
    bare.on('error', () => {});
    await until(() => refused.length === 1, 'the refusal');
    const { ca, cert, key } = connectorMaterial;
    const old = connect({
      ca,
      cert,
      key,
      host,
      port: gateway.port,
      maxVersion: 'TLSv1.2',
      checkServerIdentity: () => undefined,
    });
    old.on('error', () => {});
    await until(() => refused.length === 2, 'the refusal');
    secureSocket(gateway, {}, 'trade.main.engine.trunkline');
    await until(() => refused.length === 3, 'the refusal');
    secureSocket(gateway, issue(authority, { role: 'connector', name: 'edge-9' }));
    await until(() => refused.length === 4, 'the refusal');
    secureSocket(gateway, issue(authority, { role: 'tool', name: 'edge-1' }));
    await until(() => refused.length === 5, 'the refusal');
    expect(refused).toEqual(['no_certificate', 'handshake_failed', 'bad_server_name', 'unknown_name', 'wrong_role']);
    for (const reason of refused) expect(log.has(`"reason":"${reason}"`)).toBe(true);
  });

  test('TLS 1.2 stays refused after the certificate was renewed', async () => {
    const tls = source(material(engine));
    const { gateway, refused } = await gatewayOf({ tls });
    tls.change(material(engine));
    const { ca, cert, key } = connectorMaterial;
    const old = connect({
      ca,
      cert,
      key,
      host,
      port: gateway.port,
      maxVersion: 'TLSv1.2',
      checkServerIdentity: () => undefined,
    });
    old.on('error', () => {});
    await until(() => refused.length === 1, 'the refusal');
    expect(refused).toEqual(['handshake_failed']);
  });

  test('a certificate that has expired since is refused, also on a resumed TLS session', async () => {
    const virtual = new VirtualClock({ startUs: Date.now() * 1_000 });
    const { gateway, refused, log } = await gatewayOf({ clock: virtual });
    const first = secureSocket(gateway);
    const session = await new Promise<Buffer>((resolve) => first.once('session', resolve));
    await until(() => log.has('accepted a connection'), 'the first to be admitted');

    // The library goes by the machine's clock and finds nothing wrong: this is our own look.
    virtual.advance(2 * 86_400_000);
    const second = secureSocket(gateway, { session });
    let resumed = false;
    second.once('secureConnect', () => {
      resumed = second.isSessionReused();
    });
    await until(() => refused.length === 1 && resumed, 'the refusal of a resumed session');
    expect(refused).toEqual(['expired']);
  });

  test('an admitted peer that speaks no HTTP/2 makes no lane and is closed in time', async () => {
    const virtual = new VirtualClock({ startUs: Date.now() * 1_000 });
    const { gateway, log } = await gatewayOf({ clock: virtual });
    const socket = secureSocket(gateway);
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    await until(() => log.has('accepted a connection') && virtual.pending === 1, 'the peer to be admitted');
    virtual.advance(5_000);
    await until(() => closed, 'the socket to be closed');
    expect(lane(gateway)).toBe('down');
  });

  test('a newer connection of the same name and lane takes over, and the older ends after its time', async () => {
    const virtual = new VirtualClock({ startUs: Date.now() * 1_000 });
    const { gateway } = await gatewayOf({ clock: virtual });
    const link = gateway.link(connector.name);
    const first = dialIn(gateway);
    await until(() => lane(gateway) === 'up', 'the first up');
    const states: string[] = [];
    link?.onState((name, state) => name === 'order' && states.push(state.kind));
    const oldChat = echoClient(link?.client('order')).chat();
    oldChat.send(Buffer.from('x'));
    await until(() => oldChat.received.length === 1, 'the echo');

    const second = dialIn(gateway);
    await until(() => states.length === 2, 'the second up');
    const newChat = echoClient(link?.client('order')).chat();
    newChat.send(Buffer.from('y'));
    await until(() => newChat.received.length === 1, 'the echo of the second');
    expect([first.streams.length, second.streams.length]).toEqual([1, 1]);
    oldChat.send(Buffer.from('still'));
    await until(() => oldChat.received.length === 2, 'the old stream to go on');

    first.dialing.close();
    await until(() => oldChat.ended.length === 1, 'the old stream to end');
    expect(states).toEqual(['up', 'up']);
    newChat.send(Buffer.from('z'));
    await until(() => newChat.received.length === 2, 'the new stream to go on');
  });

  test('the replaced connection is ended by the gateway when its connector does not', async () => {
    const virtual = new VirtualClock({ startUs: Date.now() * 1_000 });
    const { gateway } = await gatewayOf({ clock: virtual });
    const link = gateway.link(connector.name);
    dialIn(gateway);
    await until(() => lane(gateway) === 'up', 'the first up');
    const chat = echoClient(link?.client('order')).chat();
    const first = link?.client('order')?.[2].channelOverride;
    dialIn(gateway);
    await until(() => link?.client('order')?.[2].channelOverride !== first, 'the second up');
    virtual.advance(RETIRE_AFTER_MS - 1);
    expect(chat.ended).toEqual([]);
    virtual.advance(1);
    await until(() => chat.ended.length === 1, 'the old stream to end');
  });

  test('a connector finds a gateway that restarted on the same port', async () => {
    const { gateway } = await gatewayOf();
    dialIn(gateway);
    await until(() => lane(gateway) === 'up', 'the lane up');
    await gateway.close();
    const { gateway: again } = await gatewayOf({ port: gateway.port });
    await until(() => lane(again) === 'up', 'the lane up again');
  });

  test('a port in use is an error that names it', async () => {
    const { gateway } = await gatewayOf();
    const options = {
      host,
      port: gateway.port,
      tls: source(material(engine)),
      connectors: [],
      clock,
      log: memoryLog(),
    };
    const second = await openGateway(options);
    expect(second).toEqual({
      ok: false,
      code: 'port_in_use',
      message: `${host}:${gateway.port} is in use by another process`,
    });
    const nowhere = await openGateway({ ...options, host: '192.0.2.1' });
    expect(nowhere).toMatchObject({ ok: false, code: 'address_unavailable' });
  });
});
