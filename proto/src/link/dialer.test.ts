import { afterEach, describe, expect, test } from 'bun:test';
import type { TLSSocket } from 'node:tls';
import { seededRng } from '../rng.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { accept, type Peer } from './acceptor.ts';
import { backoffCeilingMs } from './backoff.ts';
import { type DialerOptions, keepDialling } from './dialer.ts';
import { HANDSHAKE_TIMEOUT_MS, MAX_CONNECTION_AGE_MS, RETIRE_AFTER_MS } from './options.ts';
import type { Refusal } from './refusal.ts';
import { clock, connector, engine, material, memoryLog, source, until } from './testing/rig.ts';
import { relay } from './testing/wire.ts';

const host = '127.0.0.1';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function acceptorOf() {
  const peers: Peer[] = [];
  const bound = await accept({
    host,
    port: 0,
    tls: source(material(engine)),
    clock,
    log: memoryLog(),
    admit: () => undefined,
    onPeer: (peer) => peers.push(peer),
  });
  if (!bound.ok) throw new Error(bound.message);
  cleanups.push(() => bound.acceptor.close());
  return { port: bound.acceptor.port, peers };
}

function dialerOf(port: number, change: Partial<DialerOptions> = {}) {
  const virtual = new VirtualClock({ startUs: Date.now() * 1_000 });
  const sockets: TLSSocket[] = [];
  const refused: Refusal[] = [];
  const log = memoryLog();
  const dialer = keepDialling({
    address: { host, port },
    lane: 'order',
    peer: engine,
    tls: source(material(connector)),
    clock: virtual,
    rng: seededRng(1),
    log,
    onSocket: (socket) => sockets.push(socket),
    onRefused: (refusal) => refused.push(refusal),
    ...change,
  });
  cleanups.push(() => dialer.close());
  return { dialer, virtual, sockets, refused, log };
}

describe('a dialer', () => {
  test('asks for its lane by server name and proves who it is', async () => {
    const { port, peers } = await acceptorOf();
    dialerOf(port);
    await until(() => peers.length === 1, 'the connection');
    expect(peers[0]).toMatchObject({ identity: connector, serverName: 'order.main.engine.trunkline' });
  });

  test('tries again after each failure, waiting no longer than the ceiling of its backoff', async () => {
    const { port } = await acceptorOf();
    const { virtual, refused } = dialerOf(port, { peer: { role: 'engine', name: 'other' } });
    for (let failures = 1; failures <= 4; failures++) {
      await until(() => refused.length === failures, `failure ${failures}`);
      expect(refused[failures - 1]).toEqual({ reason: 'unknown_name', detail: 'engine/main is not engine/other' });
      virtual.advance(backoffCeilingMs(failures));
    }
  });

  test('a port where nobody listens is a failed attempt that names the system code', async () => {
    const { port } = await acceptorOf();
    await cleanups.pop()?.();
    const { refused, log } = dialerOf(port);
    await until(() => refused.length === 1, 'the failure');
    expect(refused[0]).toEqual({ reason: 'unreachable', detail: 'ECONNREFUSED' });
    expect(log.has('cannot connect')).toBe(true);
  });

  test('a peer that accepts and then says nothing is given up after the handshake timeout', async () => {
    const { listen } = Bun;
    const silent = listen({ hostname: host, port: 0, socket: { data() {} } });
    cleanups.push(() => silent.stop(true));
    const { virtual, refused } = dialerOf(silent.port);
    virtual.advance(HANDSHAKE_TIMEOUT_MS);
    await until(() => refused.length === 1, 'the failure');
    expect(refused[0]?.reason).toBe('handshake_timeout');
  });

  test('a connection near its maximum age is replaced before it is retired', async () => {
    const { port, peers } = await acceptorOf();
    const { virtual, sockets } = dialerOf(port);
    await until(() => sockets.length === 1 && peers.length === 1, 'the first');
    let firstClosed = false;
    sockets[0]?.once('close', () => {
      firstClosed = true;
    });

    virtual.advance(MAX_CONNECTION_AGE_MS * 0.9);
    await until(() => sockets.length === 2, 'the replacement');
    expect(firstClosed).toBe(false);
    virtual.advance(RETIRE_AFTER_MS);
    await until(() => firstClosed, 'the first to be retired');
    expect(peers).toHaveLength(2);
    // Only the next rotation waits: the retired one was not taken for a loss.
    expect(virtual.pending).toBe(1);
  });

  test('a connection lost while its replacement is under way is not dialled twice', async () => {
    const { port, peers } = await acceptorOf();
    const wire = await relay(port);
    cleanups.push(() => wire.close());
    const { virtual, sockets } = dialerOf(wire.port);
    await until(() => sockets.length === 1 && peers.length === 1, 'the first');
    virtual.advance(MAX_CONNECTION_AGE_MS * 0.9);
    peers[0]?.socket.destroy();
    await until(() => sockets.length === 2 && (sockets[0]?.destroyed ?? false), 'the second');
    virtual.advance(RETIRE_AFTER_MS + 30_000);
    expect(wire.count).toBe(2);
  });

  test('closed in the middle of an attempt, it leaves no timer and no socket', async () => {
    const { port, peers } = await acceptorOf();
    const { dialer, virtual, sockets } = dialerOf(port);
    dialer.close();
    await until(() => virtual.pending === 0, 'the timers to go');
    expect([sockets.length, peers.length]).toEqual([0, 0]);
  });
});
