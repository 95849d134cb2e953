import { beforeEach, expect, test } from 'bun:test';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { PrivateStream } from './private-stream.ts';

let clock: VirtualClock;
let said: string[];
let sockets: { opened: () => void; lose: (error: Error) => void }[];
let keepAlive: () => Promise<'kept' | 'lost'>;
let prepare: () => Promise<void>;
let stream: PrivateStream;

beforeEach(() => {
  clock = new VirtualClock();
  said = [];
  sockets = [];
  keepAlive = async () => 'kept';
  prepare = async () => {};
  stream = new PrivateStream({
    clock,
    rng: seededRng(1),
    deafAfterMs: 10_000,
    up: () => said.push('up'),
    gap: (sinceUs, reason) => said.push(`gap since ${sinceUs}: ${reason}`),
    down: (reason) => said.push(`down: ${reason}`),
    dialect: {
      prepare: () => prepare(),
      open: (opened) => new Promise((_, lose) => sockets.push({ opened, lose })),
      drop: () => said.push('drop'),
      keepAlive: { everyMs: 60_000, renew: () => keepAlive() },
    },
  });
});

async function up(): Promise<void> {
  stream.start();
  await clock.advanceAsync(0);
  sockets[0]?.opened();
}

test('the first socket is up without a gap', async () => {
  await up();
  expect(said).toEqual(['up']);
});

test('after a loss the gap is said when the next socket stands, before up, from when the old one was last heard', async () => {
  await up();
  await clock.advanceAsync(5_000);
  stream.heard();
  const heardUs = clock.wallUs();
  await clock.advanceAsync(3_000);
  sockets[0]?.lose(new Error('closed'));
  await clock.advanceAsync(1_000);
  expect(said).toEqual(['up', 'drop', 'down: closed']);
  sockets[1]?.opened();
  expect(said.slice(3)).toEqual([`gap since ${heardUs}: closed`, 'up']);
});

test('frames of a login that is still under way end no gap', async () => {
  await up();
  stream.heard();
  const heardUs = clock.wallUs();
  await clock.advanceAsync(3_000);
  sockets[0]?.lose(new Error('closed'));
  await clock.advanceAsync(1_000);
  stream.heard();
  sockets[1]?.opened();
  expect(said).toContain(`gap since ${heardUs}: closed`);
});

test('what an old socket says late changes nothing', async () => {
  await up();
  stream.lost('replaced');
  await clock.advanceAsync(1_000);
  sockets[1]?.opened();
  const before = [...said];
  sockets[0]?.opened();
  sockets[0]?.lose(new Error('late'));
  await clock.advanceAsync(0);
  expect(said).toEqual(before);
});

test('a venue that cannot prepare is asked again and again, and none of it is a gap', async () => {
  let asked = 0;
  prepare = async () => {
    if (++asked < 4) throw new Error('busy');
  };
  stream.start();
  await clock.advanceAsync(60_000);
  sockets[0]?.opened();
  expect(asked).toBe(4);
  expect(said.filter((line) => line !== 'drop')).toEqual(['down: busy', 'down: busy', 'down: busy', 'up']);
});

test('a stream that the venue dropped is replaced at the next renewal', async () => {
  await up();
  keepAlive = async () => 'lost';
  await clock.advanceAsync(60_000);
  expect(said).toContain('down: the venue dropped the stream');
});

test('a renewal that could not be asked is tried again sooner, and the stream stays', async () => {
  await up();
  let asked = 0;
  keepAlive = async () => {
    asked++;
    throw new Error('timeout');
  };
  await clock.advanceAsync(60_000);
  await clock.advanceAsync(30_000);
  expect(asked).toBe(2);
  expect(said).toEqual(['up']);
});

test('a confirmed order that is never heard of makes the stream deaf', async () => {
  await up();
  stream.expectOrder('7', clock.wallUs());
  await clock.advanceAsync(10_000);
  expect(said.at(-1)).toContain('order 7');
});

test('an order heard before or after its confirmation is enough', async () => {
  await up();
  const postedUs = clock.wallUs();
  await clock.advanceAsync(5);
  stream.heardOrder('early');
  stream.expectOrder('early', postedUs);
  stream.expectOrder('late', postedUs);
  stream.heardOrder('late');
  await clock.advanceAsync(30_000);
  expect(said).toEqual(['up']);
});

test('closing leaves no timer and drops the socket', async () => {
  await up();
  stream.expectOrder('7', clock.wallUs());
  stream.close();
  expect(clock.pending).toBe(0);
  expect(said).toEqual(['up', 'drop']);
});
