import { expect, test } from 'bun:test';
import { parseDepthTopic, parseKlineTopic, parseStreamName } from './stream-name.ts';

const PACES_MS = new Map([
  ['', 250],
  ['@100ms', 100],
]);

test('a name is a symbol in lower case and a topic', () => {
  expect(parseStreamName('btcusdt@depth@100ms')).toEqual({ symbol: 'BTCUSDT', topic: 'depth@100ms' });
  for (const name of ['', '0', '@trade', 'btcusdt', 'BTCUSDT@trade']) expect(parseStreamName(name)).toBeUndefined();
});

test('topics of books and candles are read with their levels and pace', () => {
  expect(parseDepthTopic('depth', PACES_MS)).toEqual({ levels: undefined, intervalMs: 250 });
  expect(parseDepthTopic('depth20@100ms', PACES_MS)).toEqual({ levels: 20, intervalMs: 100 });
  expect(parseKlineTopic('kline_1h')).toEqual({ interval: '1h', intervalMs: 3_600_000 });
  for (const topic of ['depth@70ms', 'depth7', 'depths']) expect(parseDepthTopic(topic, PACES_MS)).toBeUndefined();
  for (const topic of ['kline_7m', 'kline']) expect(parseKlineTopic(topic)).toBeUndefined();
});
