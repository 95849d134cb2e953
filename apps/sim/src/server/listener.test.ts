import { afterEach, expect, test } from 'bun:test';
import { connect, type Socket as TcpSocket } from 'node:net';
import { OperatingError } from '@trunkline/kit/operating-error';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { type App, type Listener, listen } from './listener.ts';
import type { Socket } from './socket.ts';

const timing = { pingMs: 1_000, pongTimeoutMs: 3_000, lifetimeMs: 60_000 };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function start() {
  const clock = new VirtualClock();
  const accepted: Socket[] = [];
  let closed = 0;
  const app: App = {
    async fetch(request) {
      if (request.url.endsWith('/bug')) throw new Error('boom');
      return new Response('ok');
    },
    upgrade: (url) =>
      url.pathname === '/ws'
        ? (socket) => {
            accepted.push(socket);
            return {
              message: (text) => socket.send(`echo ${text}`),
              closed: () => {
                closed += 1;
              },
            };
          }
        : undefined,
  };
  const bugs: unknown[] = [];
  const onBug = (bug: unknown) => bugs.push(bug);
  const listener = listening(listen({ host: '127.0.0.1', port: 0, clock, timing, app, onBug }));
  closers.push(() => listener.close());
  return { clock, app, bugs, onBug, listener, accepted, closed: () => closed };
}

function listening(result: Listener | OperatingError): Listener {
  if (result instanceof OperatingError) throw result;
  return result;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** A peer that upgrades and then neither reads nor pongs. */
async function deafPeer(url: string): Promise<TcpSocket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  closers.push(() => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return socket;
}

test('a port in use is an error that names the address', () => {
  const { clock, app, onBug, listener } = start();
  const port = Number(new URL(listener.url).port);
  const second = listen({ host: '127.0.0.1', port, clock, timing, app, onBug });
  expect(second).toBeInstanceOf(OperatingError);
  expect(String(second)).toContain(`127.0.0.1:${port}`);
});

test('an address without a WebSocket service answers over HTTP', async () => {
  const { listener } = start();
  expect(await (await fetch(`${listener.url}/other`)).text()).toBe('ok');
});

test('a bug in the app is a bare 500 to the client and told to whoever runs the listener', async () => {
  const { listener, bugs } = start();
  const response = await fetch(`${listener.url}/bug`);
  expect([response.status, await response.text()]).toEqual([500, '']);
  expect(String(bugs)).toContain('boom');
});

test('a peer that answers pings stays; one that does not is dropped', async () => {
  const { clock, listener, accepted, closed } = start();
  const alive = new WebSocket(`${listener.url.replace('http', 'ws')}/ws`);
  closers.push(() => alive.close());
  await new Promise((resolve) => alive.addEventListener('open', resolve, { once: true }));
  await deafPeer(listener.url);
  await until(() => accepted.length === 2);
  for (let second = 0; second < 6; second++) {
    clock.advance(1_000);
    // A round trip on the living socket: its pong came before the echo.
    const echoed = new Promise((resolve) => alive.addEventListener('message', resolve, { once: true }));
    alive.send('x');
    await echoed;
  }
  await until(() => closed() === 1);
  expect(alive.readyState).toBe(WebSocket.OPEN);
});

test('a reader that falls too far behind is dropped', async () => {
  const { listener, accepted, closed } = start();
  await deafPeer(listener.url);
  await until(() => accepted.length === 1);
  const frame = 'x'.repeat(256 * 1024);
  for (let sent = 0; sent < 200 && closed() === 0; sent++) {
    accepted[0]?.send(frame);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(closed()).toBe(1);
});

test('a connection ends when it reaches its lifetime, and no timer stays behind', async () => {
  const { clock, listener, accepted, closed } = start();
  const socket = new WebSocket(`${listener.url.replace('http', 'ws')}/ws`);
  const ended = new Promise<number>((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
  await until(() => accepted.length === 1);
  await new Promise((resolve) => {
    if (socket.readyState === WebSocket.OPEN) resolve(undefined);
    else socket.addEventListener('open', resolve, { once: true });
  });
  for (let second = 0; second < 60 && closed() === 0; second++) {
    clock.advance(1_000);
    const echoed = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    socket.send('x');
    await Promise.race([echoed, ended]);
  }
  expect(await ended).toBe(1001);
  await until(() => closed() === 1);
  expect(clock.pending).toBe(0);
});
