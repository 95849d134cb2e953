import { expect, test } from 'bun:test';
import { crc32 } from 'node:zlib';
import { parseJson, reading, record, Unreadable } from '../fields.ts';
import { BookChecksum } from './checksum.ts';
import { readDelta, readSnapshot } from './depth.ts';

const book = (text: string) => record(parseJson(text), 'book');

test('numbers of 19 digits chain as the venue\u2019s do, wherever they stand in the message', () => {
  const snapshot = readSnapshot(book('{"asks":[],"bids":[],"ts":"1","seq":1343064377779269632}'));
  const next = readDelta(book('{"asks":[],"bids":[],"ts":"2","seq":1343064377779269633,"pseq":1343064377779269632}'));
  const other = readDelta(book('{"asks":[],"bids":[],"ts":"2","seq":1343064377779269634,"pseq":1343064377779269631}'));
  expect(Number.isSafeInteger(snapshot.sequence)).toBe(true);
  expect(next.previous).toBe(snapshot.sequence);
  expect(next.last).toBe(snapshot.sequence + 1);
  expect(other.previous).not.toBe(snapshot.sequence);
});

test('a small number is itself, and levels are canonical', () => {
  const text = '{"asks":[["27000.50","8.760"]],"bids":[["27000.0","0"]],"seq":124,"pseq":123,"ts":"1695716760565"}';
  expect(readDelta(book(text))).toEqual({
    first: 124,
    last: 124,
    previous: 123,
    asks: [{ price: '27000.5', quantity: '8.76' }],
    bids: [{ price: '27000', quantity: '0' }],
    venueTimeUs: 1695716760565000,
  });
});

test.each([
  '{"asks":[["1"]],"bids":[],"seq":1,"pseq":0,"ts":"1"}',
  '{"asks":[],"bids":[],"pseq":0,"ts":"1"}',
  '{"asks":[],"bids":[],"seq":1,"ts":"1"}',
  '{"asks":[],"bids":[],"seq":1.5,"pseq":0,"ts":"1"}',
])('half a message is unreadable: %s', (text) => {
  expect(reading(() => readDelta(book(text)))).toBeInstanceOf(Unreadable);
});

const signed = (text: string) => crc32(text) | 0;

test('a checksum is of the venue\u2019s own digits, bid and ask in turn, best first', () => {
  const checksum = new BookChecksum();
  const bids = [
    ['99.50', '2.0'],
    ['99.0', '1'],
  ];
  const asks = [['100.00', '0.50']];
  expect(checksum.agrees({ bids, asks, checksum: signed('99.50:2.0:100.00:0.50:99.0:1') }, 'snapshot')).toBe(true);
  const update = { bids: [['99.50', '0']], asks: [['100.5', '3']] };
  const after = signed('99.0:1:100.00:0.50:100.5:3');
  expect(checksum.agrees({ ...update, checksum: after }, 'update')).toBe(true);
  expect(checksum.agrees({ bids: [], asks: [], checksum: after + 1 }, 'update')).toBe(false);
});

test('only the best 25 levels a side count, and a snapshot replaces all', () => {
  const checksum = new BookChecksum();
  const asks = Array.from({ length: 40 }, (_, level) => [String(100 + level), '1']);
  const words = asks.slice(0, 25).map(([price, size]) => `${price}:${size}`);
  expect(checksum.agrees({ bids: [], asks, checksum: signed(words.join(':')) }, 'snapshot')).toBe(true);
  expect(checksum.agrees({ bids: [['1', '1']], asks: [], checksum: signed('1:1') }, 'snapshot')).toBe(true);
});

test.each([undefined, 0, '', '0'])('%p is no checksum', (stated) => {
  expect(new BookChecksum().agrees({ bids: [['1', '1']], asks: [], checksum: stated }, 'update')).toBe(true);
});
