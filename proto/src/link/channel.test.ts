import { afterEach, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { seededRng } from '../rng.ts';
import { openChannel } from './channel.ts';
import { keepDialling } from './dialer.ts';
import { serveListen } from './listen.ts';
import { CHANNEL_OPTIONS } from './options.ts';
import { clock, connector, echoClient, echoServer, engine, material, memoryLog, source, until } from './testing/rig.ts';
import { relay } from './testing/wire.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An authenticated socket to an echo server, over a wire that can freeze. */
async function socketTo() {
  const host = '127.0.0.1';
  const log = memoryLog();
  const { server } = echoServer();
  const served = { server, host, port: 0, tls: source(material(connector)), clock, log, authorize: () => true };
  const bound = await serveListen(served);
  if (!bound.ok) throw new Error(bound.message);
  cleanups.push(() => bound.listening.close());
  const wire = await relay(bound.listening.port);
  cleanups.push(() => wire.close());
  const socket = await new Promise<TLSSocket>((resolve) => {
    const dialer = keepDialling({
      address: { host, port: wire.port },
      lane: 'order',
      peer: connector,
      tls: source(material(engine)),
      clock,
      rng: seededRng(1),
      log,
      onSocket: resolve,
    });
    cleanups.push(() => dialer.close());
  });
  return { socket, wire };
}

test('a peer that fell silent is given up by keepalive, and its socket is destroyed though the peer never closes', async () => {
  const { socket, wire } = await socketTo();
  const impatient = { ...CHANNEL_OPTIONS, 'grpc.keepalive_time_ms': 50, 'grpc.keepalive_timeout_ms': 50 };
  const opened = await openChannel(socket, clock, impatient);
  if (!opened.ok) throw new Error(opened.detail);
  cleanups.push(() => opened.channel.close());
  const chat = echoClient(['', credentials.createInsecure(), { channelOverride: opened.channel }]).chat();
  chat.send(Buffer.from('x'));
  await until(() => chat.received.length === 1, 'the echo');
  let closed = false;
  socket.once('close', () => {
    closed = true;
  });
  wire.freeze();
  await until(() => closed && chat.ended.length > 0, 'the connection to be given up');
  expect(chat.ended[0]).toStartWith('14: ');
});

test('a socket that closed before its channel was made is a failure, not a hang', async () => {
  const { socket } = await socketTo();
  socket.destroy();
  expect(await openChannel(socket, clock)).toMatchObject({ ok: false, reason: 'closed' });
});

test('the doorbell is gone once the channel is open, and a spent channel does not reconnect', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('trunkline-bell-'));
  const { socket } = await socketTo();
  const before = folders();
  const opened = await openChannel(socket, clock);
  if (!opened.ok) throw new Error(opened.detail);
  cleanups.push(() => opened.channel.close());
  expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  socket.destroy();
  const client = echoClient(['', credentials.createInsecure(), { channelOverride: opened.channel }]);
  await expect(client.who()).rejects.toMatchObject({ code: 14 });
});
