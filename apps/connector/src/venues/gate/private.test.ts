/** The private stream's beginning and its signs of life, against scripted sockets. */
import { expect, test } from 'bun:test';
import { FUTURES, type MarketKind, SPOT } from './market-kind.ts';
import { gatePrivate } from './private.ts';

function scripted(kind: MarketKind) {
  const subscribed: (readonly [channel: string, payload: readonly string[]])[] = [];
  const refuse = new Map<string, (error: Error) => void>();
  let pings = 0;
  let closed = 0;
  let dropped = 0;
  const stream = gatePrivate({
    client: {
      subscribe(_lane, channel, payload) {
        subscribed.push([channel, payload]);
        return new Promise((_, reject) => refuse.set(channel, reject));
      },
      pingLane: () => pings++,
      closeLane: () => closed++,
    },
    kind,
    uid: () => '20011',
    pingMs: 10_000,
    dropped: () => dropped++,
  });
  return { stream, subscribed, refuse, pings: () => pings, closed: () => closed, dropped: () => dropped };
}

test('futures name the user in every channel, spot in none', () => {
  const futures = scripted(FUTURES);
  futures.stream.open(() => {}).catch(() => {});
  expect(futures.subscribed).toEqual([
    ['futures.orders', ['20011', '!all']],
    ['futures.usertrades', ['20011', '!all']],
    ['futures.balances', ['20011']],
    ['futures.positions', ['20011', '!all']],
  ]);
  const spot = scripted(SPOT);
  spot.stream.open(() => {}).catch(() => {});
  expect(spot.subscribed).toEqual([
    ['spot.orders', ['!all']],
    ['spot.usertrades', ['!all']],
    ['spot.balances', []],
  ]);
});

test('the stream stands when the last channel is confirmed, and once', () => {
  const { stream, subscribed } = scripted(FUTURES);
  let opened = 0;
  stream.open(() => opened++).catch(() => {});
  const channels = subscribed.map(([channel]) => channel);
  for (const channel of channels.slice(0, -1)) stream.subscribed(channel);
  expect(opened).toBe(0);
  for (const channel of [...channels.slice(-1), ...channels]) stream.subscribed(channel);
  expect(opened).toBe(1);
});

test('one refused channel is the end of the stream', async () => {
  const { stream, refuse } = scripted(SPOT);
  const ended = stream.open(() => {});
  refuse.get('spot.balances')?.(new Error('authentication fail'));
  expect(await ended.catch(String)).toContain('authentication fail');
});

test('a ping without a pong until the next is a lost stream; a new one begins without that debt', async () => {
  const { stream, pings, closed, dropped } = scripted(SPOT);
  stream.open(() => {}).catch(() => {});
  expect(await stream.keepAlive?.renew()).toBe('kept');
  stream.pong();
  expect(await stream.keepAlive?.renew()).toBe('kept');
  expect(await stream.keepAlive?.renew()).toBe('lost');
  expect(pings()).toBe(2);
  stream.drop();
  expect([closed(), dropped()]).toEqual([1, 1]);
  stream.open(() => {}).catch(() => {});
  expect(await stream.keepAlive?.renew()).toBe('kept');
});
