import { afterEach, expect, test } from 'bun:test';
import { crc32 } from 'node:zlib';
import { price, quantity } from '@trunkline/proto/decimal';
import type { Level } from '../../core/types.ts';
import { FUTURES } from './product.ts';
import { checksum } from './public-frames.ts';
import { ofChannel, startVenue, subscribe, type TestVenue } from './test-client.ts';
import { createBitget } from './venue.ts';

const venues: TestVenue[] = [];
afterEach(async () => {
  for (const venue of venues.splice(0)) await venue.close();
});

const level = (at: string, size: string): Level => [price(at), quantity(size)];

test('a checksum is the CRC32 of the texts as sent, bids and asks in turn, and signed', () => {
  const precision = { price: 1, quantity: 3 };
  const book = { symbol: 'X', lastUpdateId: 1, timeUs: 0 };
  const bids = [level('43231.1', '4'), level('43231', '6')];
  const asks = [level('43232.8', '9'), level('43232.9', '8')];
  const text = '43231.1:4.000:43232.8:9.000:43231.0:6.000:43232.9:8.000';
  expect(checksum({ ...book, bids, asks }, precision)).toBe(crc32(text) | 0);
  const uneven = '3366.1:7.000:3366.8:9.000:3368.0:8.000';
  const more = [level('3366.8', '9'), level('3368', '8')];
  expect(checksum({ ...book, bids: [level('3366.1', '7')], asks: more }, precision)).toBe(crc32(uneven) | 0);
});

test('only the best 25 levels count', () => {
  const precision = { price: 0, quantity: 0 };
  const book = { symbol: 'X', lastUpdateId: 1, timeUs: 0, bids: [] };
  const asks = Array.from({ length: 40 }, (_, index) => level(String(100 + index), '1'));
  expect(checksum({ ...book, asks }, precision)).toBe(checksum({ ...book, asks: asks.slice(0, 25) }, precision));
});

test('where asked for, each update of books carries the checksum of the book that it makes', async () => {
  const venue = await startVenue('bitget-usdt-futures', {
    create: { 'bitget-usdt-futures': (options) => createBitget({ ...options, product: FUTURES, checksums: true }) },
  });
  venues.push(venue);
  const socket = await venue.open('public');
  socket.send(subscribe('books', 'USDT-FUTURES', 'BTCUSDT'));
  await socket.take(2);
  for (let step = 0; step < 10; step++) venue.clock.advance(150);
  const frames = await socket.take(4, ofChannel('books'));
  const sides = { bids: new Map<string, string>(), asks: new Map<string, string>() };
  for (const frame of frames) {
    const update = Object(frame['data'])[0];
    for (const side of ['bids', 'asks'] as const) {
      for (const [at, size] of update[side]) {
        if (size === '0') sides[side].delete(at);
        else sides[side].set(at, size);
      }
    }
    if (frame['action'] === 'snapshot') continue;
    const best = (side: Map<string, string>, sign: number) =>
      [...side].sort(([a], [b]) => sign * (Number(a) - Number(b))).slice(0, 25);
    const [bids, asks] = [best(sides.bids, -1), best(sides.asks, 1)];
    const parts = Array.from({ length: 25 }, (_, index) => [bids[index], asks[index]]).flat();
    const text = parts.flatMap((entry) => (entry === undefined ? [] : [entry.join(':')])).join(':');
    expect(update.checksum).toBe(crc32(text) | 0);
  }
});
