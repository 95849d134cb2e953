import { expect, test } from 'bun:test';
import { readSocketRequest } from './paths.ts';

const KEY = 'k'.repeat(64);
const read = (path: string) => readSocketRequest(new URL(`http://host${path}`));

test('the addresses that clients open name their service', () => {
  expect(read('/ws-fapi/v1')).toEqual({ kind: 'ws_api' });
  expect(read('/public/ws/6')).toEqual({ kind: 'market', path: 'public', combined: false, streams: ['6'] });
  expect(read('/market/ws')).toEqual({ kind: 'market', path: 'market', combined: false, streams: [] });
  expect(read('/ws/btcusdt@trade')).toEqual({
    kind: 'market',
    path: undefined,
    combined: false,
    streams: ['btcusdt@trade'],
  });
  expect(read('/stream?streams=a@trade/b@depth')).toEqual({
    kind: 'market',
    path: undefined,
    combined: true,
    streams: ['a@trade', 'b@depth'],
  });
});

test('a listen key opens the user stream on the private path and on the old one', () => {
  expect(read(`/private/ws?listenKey=${KEY}`)).toEqual({ kind: 'user', listenKey: KEY, combined: false });
  expect(read(`/private/ws/${KEY}`)).toEqual({ kind: 'user', listenKey: KEY, combined: false });
  expect(read(`/ws/${KEY}`)).toEqual({ kind: 'user', listenKey: KEY, combined: false });
  expect(read(`/stream?streams=${KEY}`)).toEqual({ kind: 'user', listenKey: KEY, combined: true });
});

test('other addresses are no WebSocket service', () => {
  expect(read('/fapi/v1/time')).toBeUndefined();
  expect(read('/other/ws')).toBeUndefined();
});
