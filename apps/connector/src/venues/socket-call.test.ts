import { afterEach, beforeEach, expect, test } from 'bun:test';
import { isRecord } from '@trunkline/kit/record';
import { Denied } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { ServerWebSocket } from 'bun';
import { type CallRecord, withRecord } from './http-call.ts';
import { NotConnected, SocketCaller } from './socket-call.ts';
import { installTransport } from './transport.ts';

installTransport();

type Peer = ServerWebSocket<unknown>;

let clock: VirtualClock;
let server: ReturnType<typeof Bun.serve>;
let peers: Peer[];
let heard: string[];
let downs: string[];
let answer: (peer: Peer, id: string) => void;
let caller: SocketCaller;

const ok = (peer: Peer, id: string) => peer.send(JSON.stringify({ id, status: 200, result: { orderId: id } }));
const record = (): CallRecord => ({ admit: undefined });
const place = (into: CallRecord) => withRecord(into, () => caller.call((id) => ({ id, method: 'order.place' })));

beforeEach(() => {
  clock = new VirtualClock();
  [peers, heard, downs] = [[], [], []];
  answer = ok;
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, self) => (self.upgrade(request, { data: undefined }) ? undefined : new Response('no')),
    websocket: {
      open: (peer) => {
        peers.push(peer);
      },
      message: (peer, text) => {
        heard.push(String(text));
        answer(peer, String(JSON.parse(String(text)).id));
      },
    },
  });
  caller = open();
});

afterEach(async () => {
  caller.close();
  await server.stop(true);
});

function open(login?: (id: string) => object): SocketCaller {
  return new SocketCaller({
    clock,
    rng: seededRng(1),
    protocol: {
      url: 'wss://venue.example/ws-api/v3',
      ...(login === undefined ? {} : { login }),
      read: (frame) => {
        const { id, status, result } = frame;
        if (typeof id !== 'string' || typeof status !== 'number') return undefined;
        return { id, status, body: result, usage: [] };
      },
      isLeaving: ({ event }) => isRecord(event) && event['e'] === 'serverShutdown',
    },
    venueUrl: server.url.href,
    connectTimeoutMs: 1_000,
    requestTimeoutMs: 5_000,
    pingMs: 10_000,
    down: (reason) => downs.push(reason),
  });
}

async function until(condition: () => boolean): Promise<void> {
  // Not by setImmediate: it keeps the loop from writing what was sent.
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function up(): Promise<void> {
  caller.start();
  await until(() => caller.isUp);
}

test('a request is posted and answered once, and its record knows when and what', async () => {
  await up();
  const made = record();
  expect(await place(made)).toEqual({ orderId: '1' });
  expect(made).toMatchObject({ postedAtUs: clock.wallUs(), answeredAtUs: clock.wallUs(), answer: { status: 200 } });
  expect(heard.length).toBe(1);
});

test('a record is good for one request', async () => {
  await up();
  const made = record();
  await place(made);
  await expect(place(made)).rejects.toThrow('nobody asked');
  await expect(caller.call((id) => ({ id }))).rejects.toThrow('nobody asked');
  expect(heard.length).toBe(1);
});

test('what is not admitted is not sent', async () => {
  await up();
  const made: CallRecord = { admit: () => Denied.fromPartial({ message: 'too late' }) };
  await expect(place(made)).rejects.toThrow();
  expect(made).toMatchObject({ denied: { message: 'too late' } });
  expect(made.postedAtUs).toBeUndefined();
  expect(await place(record())).toEqual({ orderId: '2' });
  expect(heard.length).toBe(1);
});

test('without a socket nothing is sent and nothing waits', async () => {
  const made = record();
  await expect(place(made)).rejects.toBeInstanceOf(NotConnected);
  expect(made.postedAtUs).toBeUndefined();
});

test('a lost socket faults what waits on it, and the next socket does not send it again', async () => {
  await up();
  answer = (peer) => peer.terminate();
  const made = record();
  await expect(place(made)).rejects.toThrow('lost');
  expect(made.postedAtUs).toBeDefined();
  expect(made.answer).toBeUndefined();
  expect(made.fault).toBeInstanceOf(Error);
  expect(downs.length).toBe(1);
  answer = ok;
  clock.advance(999);
  await until(() => caller.isUp);
  expect(await place(record())).toEqual({ orderId: '2' });
  expect(heard.length).toBe(2);
});

test('an answer that does not come in time is a timeout, and when it comes late it is nobody\u2019s', async () => {
  await up();
  answer = () => {};
  const made = record();
  const placed = place(made);
  await until(() => heard.length === 1);
  clock.advance(5_000);
  await expect(placed).rejects.toMatchObject({ name: 'TimeoutError' });
  const [peer] = peers;
  if (peer !== undefined) ok(peer, '1');
  answer = ok;
  expect(await place(record())).toEqual({ orderId: '2' });
  expect(made.answer).toBeUndefined();
});

test('a thousand answered requests leave no trace', async () => {
  await up();
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 100 }, () => place(record())));
  }
  expect(heard.length).toBe(1_000);
  expect(caller.inFlight).toBe(0);
});

test('a socket that is about to end answers what it owes and takes nothing new', async () => {
  await up();
  answer = () => {};
  const old = place(record());
  await until(() => heard.length === 1);
  const [first] = peers;
  if (first === undefined) throw new Error('no socket');
  first.send(JSON.stringify({ event: { e: 'serverShutdown', E: 1 } }));
  await until(() => peers.length === 2 && caller.isUp);
  answer = ok;
  expect(await place(record())).toEqual({ orderId: '2' });
  ok(first, '1');
  expect(await old).toEqual({ orderId: '1' });
  expect(downs).toEqual([]);
});

test('a socket stands only once its login was answered', async () => {
  caller = open((id) => ({ id, method: 'session.logon' }));
  answer = () => {};
  caller.start();
  await until(() => heard.length === 1);
  expect(caller.isUp).toBe(false);
  const [peer] = peers;
  if (peer !== undefined) ok(peer, '1');
  await until(() => caller.isUp);
  expect(downs).toEqual([]);
});

test('a refused login is a lost socket', async () => {
  caller = open((id) => ({ id, method: 'session.logon' }));
  answer = (peer, id) => peer.send(JSON.stringify({ id, status: 401 }));
  caller.start();
  await until(() => downs.length === 1);
  expect(downs).toEqual(['the venue refused the login of the order socket']);
});

test('a peer that answers no pings is given up', async () => {
  await up();
  clock.advance(10_000);
  // Its pong to the first ping is not waited for: by this clock nothing was heard since the start.
  clock.advance(10_000);
  clock.advance(10_000);
  expect(downs).toEqual(['the venue answers no pings']);
});
