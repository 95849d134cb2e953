/** One promise list, run over both links: only who opens the connection differs. */
import { afterEach, describe, expect, test } from 'bun:test';
import type { Server } from '@grpc/grpc-js';
import { systemRng } from '../rng.ts';
import { serveDial } from './dial.ts';
import { openGateway } from './gateway.ts';
import type { Lane } from './identity.ts';
import type { Link } from './link.ts';
import { connectListen, serveListen } from './listen.ts';
import { MAX_MESSAGE_BYTES } from './options.ts';
import type { RefusalReason } from './refusal.ts';
import { issue, makeAuthority } from './testing/certificates.ts';
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
import { relay, type Wire } from './testing/wire.ts';
import type { TlsSource } from './tls-source.ts';

interface Pair {
  readonly link: Link;
  readonly wire: Wire;
  closeConnector(): Promise<void>;
  /** Reasons in order, as the accepting and the dialling end gave them. */
  readonly refusedByAcceptor: RefusalReason[];
  readonly refusedByDialer: RefusalReason[];
  readonly acceptorLog: ReturnType<typeof memoryLog>;
}

interface PairOptions {
  readonly server: Server;
  readonly engineTls?: TlsSource;
  readonly connectorTls?: TlsSource;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const rng = systemRng();
const host = '127.0.0.1';

async function pairOf(kind: 'listen' | 'dial', options: PairOptions): Promise<Pair> {
  const { server, engineTls = source(material(engine)), connectorTls = source(material(connector)) } = options;
  const acceptorLog = memoryLog();
  const dialerLog = memoryLog();
  const refusedByAcceptor: RefusalReason[] = [];
  const refusedByDialer: RefusalReason[] = [];
  const accepting = {
    host,
    clock,
    log: acceptorLog,
    onRefused: ({ reason }: { reason: RefusalReason }) => refusedByAcceptor.push(reason),
  };
  const dialling = {
    clock,
    rng,
    log: dialerLog,
    onRefused: ({ reason }: { reason: RefusalReason }) => refusedByDialer.push(reason),
  };
  const seen = { refusedByAcceptor, refusedByDialer, acceptorLog };
  cleanups.push(() => server.forceShutdown());

  if (kind === 'listen') {
    const authorize = ({ role, name }: { role: string; name: string }) => role === 'engine' && name === engine.name;
    const served = await serveListen({ ...accepting, server, port: 0, tls: connectorTls, authorize });
    if (!served.ok) throw new Error(served.message);
    cleanups.push(() => served.listening.close());
    const wire = await relay(served.listening.port);
    cleanups.push(() => wire.close());
    const address = { host, port: wire.port };
    const link = connectListen({ ...dialling, connector: connector.name, address, tls: engineTls });
    cleanups.push(() => link.close());
    return { link, wire, closeConnector: () => served.listening.close(), ...seen };
  }
  const opened = await openGateway({ ...accepting, port: 0, tls: engineTls, connectors: [connector.name] });
  if (!opened.ok) throw new Error(opened.message);
  cleanups.push(() => opened.gateway.close());
  const wire = await relay(opened.gateway.port);
  cleanups.push(() => wire.close());
  const address = { host, port: wire.port };
  const dialing = serveDial({ ...dialling, server, address, engine: engine.name, tls: connectorTls });
  cleanups.push(() => dialing.close());
  const link = opened.gateway.link(connector.name);
  if (!link) throw new Error('no link');
  return { link, wire, closeConnector: async () => dialing.close(), ...seen };
}

const up = (link: Link, lane: Lane) => until(() => link.state(lane).kind === 'up', `${lane} lane up`);

describe.each(['listen', 'dial'] as const)('the %s link', (kind) => {
  test('carries unary and streaming calls on two lanes, over a connection each', async () => {
    const { server } = echoServer();
    const { link, wire } = await pairOf(kind, { server });
    await Promise.all([up(link, 'order'), up(link, 'market')]);
    expect(wire.count).toBe(2);
    const [order, market] = [echoClient(link.client('order')), echoClient(link.client('market'))];

    const answers = await Promise.all([order.who(), market.who(), order.who()]);
    for (const answer of answers) expect(answer).toStartWith(`engine/main from ${host}:`);
    expect(wire.count).toBe(2);

    const chat = order.chat();
    for (const text of ['one', 'two']) chat.send(Buffer.from(text));
    await until(() => chat.received.length === 2, 'two echoes');
    expect(chat.received.map(String)).toEqual(['one', 'two']);
  });

  test('tells the handlers of a stream who is at the other end', async () => {
    const { server, streams } = echoServer();
    const { link } = await pairOf(kind, { server });
    await up(link, 'market');
    const chat = echoClient(link.client('market')).chat();
    chat.send(Buffer.from('x'));
    await until(() => chat.received.length === 1, 'the echo');
    expect(streams).toEqual(['engine/main']);
  });

  test('a message of one MiB passes and a larger one ends its stream as RESOURCE_EXHAUSTED, not the lane', async () => {
    const { server } = echoServer();
    const { link } = await pairOf(kind, { server });
    await up(link, 'order');
    const client = echoClient(link.client('order'));
    const full = client.chat();
    full.send(Buffer.alloc(MAX_MESSAGE_BYTES));
    await until(() => full.received.length === 1, 'the echo of one MiB');
    expect(full.received[0]).toHaveLength(MAX_MESSAGE_BYTES);

    const over = client.chat();
    over.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
    await until(() => over.ended.length > 0, 'the stream to end');
    expect(over.ended[0]).toStartWith('8: ');
    expect(await client.who()).toStartWith('engine/main');
    full.cancel();
  });

  test('a cut connection is seen at once on both ends, and both lanes come back by themselves', async () => {
    const { server, endings } = echoServer();
    const { link, wire } = await pairOf(kind, { server });
    await Promise.all([up(link, 'order'), up(link, 'market')]);
    const old = echoClient(link.client('order'));
    const chat = old.chat();
    chat.send(Buffer.from('x'));
    await until(() => chat.received.length === 1, 'the echo');
    const states: string[] = [];
    const stop = link.onState((lane, state) => states.push(`${lane} ${state.kind}`));

    wire.cut();
    await until(() => chat.ended.length > 0 && endings.length > 0, 'the stream to end on both sides', 500);
    expect(chat.ended[0]).toStartWith('14: ');
    await until(() => states.includes('order down') && states.includes('market down'), 'both lanes down', 500);
    await expect(old.who()).rejects.toThrow('shut down');

    await Promise.all([up(link, 'order'), up(link, 'market')]);
    expect(await echoClient(link.client('order')).who()).toStartWith('engine/main');
    stop();
    expect(states.slice(0, 2)).toEqual(['order up', 'market up']);
    expect(states.filter((state) => state === 'order up')).toHaveLength(2);
  });

  test('a peer that fell silent without closing is given up by the serving end, and the link comes back', async () => {
    const impatient = { 'grpc.keepalive_time_ms': 50, 'grpc.keepalive_timeout_ms': 50 };
    const { server, endings } = echoServer(impatient);
    const { link, wire } = await pairOf(kind, { server });
    await Promise.all([up(link, 'order'), up(link, 'market')]);
    const chat = echoClient(link.client('order')).chat();
    chat.send(Buffer.from('x'));
    await until(() => chat.received.length === 1, 'the echo');
    wire.freeze();
    await until(() => endings.length > 0, 'the stream to end at the serving end');
    // Only the end that dials can bring it back; in `listen` that is the engine, whose own keepalive is the slow one.
    if (kind === 'dial') await until(() => wire.count === 4, 'both lanes to be dialled again');
  });

  test('closing the connector ends its connections, so that its server can shut down', async () => {
    const { server } = echoServer();
    const { link, closeConnector } = await pairOf(kind, { server });
    await up(link, 'order');
    const chat = echoClient(link.client('order')).chat();
    chat.send(Buffer.from('x'));
    await until(() => chat.received.length === 1, 'the echo');
    await closeConnector();
    await new Promise<void>((resolve, reject) => server.tryShutdown((error) => (error ? reject(error) : resolve())));
    await until(() => link.state('order').kind === 'down', 'the lane down', 500);
  });

  test('a closed link is down, dials no more, and closing it twice does nothing', async () => {
    const { server } = echoServer();
    const { link } = await pairOf(kind, { server });
    await Promise.all([up(link, 'order'), up(link, 'market')]);
    const client = echoClient(link.client('order'));
    await link.close();
    await link.close();
    expect([link.state('order').kind, link.state('market').kind]).toEqual(['down', 'down']);
    expect(link.client('order')).toBeUndefined();
    await expect(client.who()).rejects.toThrow();
  });

  const day = 86_400_000;
  const past = { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) };
  const other = makeAuthority('another authority');
  const two = ['spiffe://trunkline/connector/edge-1', 'spiffe://trunkline/engine/main'];
  test.each([
    ['another authority', { key: issue(other, connector), as: connector }, 'foreign_ca'],
    ['an expired certificate', { key: issue(authority, connector, past), as: connector }, 'expired'],
    ['two URI SANs', { key: issue(authority, connector, { uris: two }), as: connector }, 'many_uri_sans'],
    [
      'a DNS name that differs',
      { key: issue(authority, connector, { dnsNames: ['x.y.trunkline'] }), as: connector },
      'dns_mismatch',
    ],
    [
      'the role of an engine',
      { key: issue(authority, { role: 'engine', name: 'edge-1' }), as: connector },
      'wrong_role',
    ],
    [
      'the name of another connector',
      { key: issue(authority, { role: 'connector', name: 'edge-2' }), as: connector },
      'unknown_name',
    ],
  ] as const)('the engine refuses a connector with %s, and knows why', async (_, { key, as }, reason) => {
    const { server } = echoServer();
    const pair = await pairOf(kind, { server, connectorTls: source(material(as, key)) });
    const refusals = kind === 'listen' ? pair.refusedByDialer : pair.refusedByAcceptor;
    await until(() => refusals.length > 1, 'refusals');
    expect(new Set(refusals)).toEqual(new Set([reason]));
    expect(pair.link.state('order').kind).toBe('down');
    expect(pair.link.client('order')).toBeUndefined();
    if (kind === 'dial') expect(pair.acceptorLog.has(reason)).toBe(true);
  });

  test.each([
    ['another authority', issue(other, engine), 'foreign_ca', 'foreign_ca'],
    ['an expired certificate', issue(authority, engine, past), 'expired', 'expired'],
    ['two URI SANs', issue(authority, engine, { uris: two }), 'many_uri_sans', 'many_uri_sans'],
    ['the role of a connector', issue(authority, { role: 'connector', name: 'main' }), 'not_authorized', 'wrong_role'],
    ['another name', issue(authority, { role: 'engine', name: 'second' }), 'not_authorized', 'unknown_name'],
  ] as const)('the connector refuses an engine with %s, and knows why', async (_, key, onListen, onDial) => {
    const { server, streams } = echoServer();
    const pair = await pairOf(kind, { server, engineTls: source(material(engine, key)) });
    const refusals = kind === 'listen' ? pair.refusedByAcceptor : pair.refusedByDialer;
    await until(() => refusals.length > 1, 'refusals');
    expect(new Set(refusals)).toEqual(new Set([kind === 'listen' ? onListen : onDial]));
    expect(pair.link.state('order').kind).toBe('down');
    expect(streams).toEqual([]);
  });

  test('a renewed certificate serves new connections while the standing ones go on', async () => {
    const { server } = echoServer();
    const connectorTls = source(material(connector));
    const engineTls = source(material(engine));
    const { link, refusedByAcceptor, refusedByDialer } = await pairOf(kind, { server, connectorTls, engineTls });
    await up(link, 'order');
    const chat = echoClient(link.client('order')).chat();

    // Both ends move to a new authority: a connection made now with anything old would be refused.
    const next = makeAuthority('next authority');
    connectorTls.change(material(connector, issue(next, connector), next.pem));
    engineTls.change(material(engine, issue(next, engine), next.pem));
    chat.send(Buffer.from('still here'));
    await until(() => chat.received.length === 1, 'the echo on the old connection');

    const second = await pairOf(kind, { server: echoServer().server, connectorTls, engineTls });
    await up(second.link, 'order');
    expect([...refusedByAcceptor, ...refusedByDialer]).toEqual([]);
  });
});
