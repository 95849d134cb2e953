import { describe, expect, test } from 'bun:test';
import { Secret } from '@trunkline/kit/secret';
import { callLine, frameLine, headLine } from './recording-line.ts';
import { redactor } from './redact.ts';

const AT_US = 1_700_000_000_123_456;
const parse = (line: string): unknown => JSON.parse(line.slice(line.indexOf(' ') + 1));

describe('a line of a recording', () => {
  test('holds the time in nanoseconds and a frame as it was sent, digit for digit', () => {
    const frame = '{"u":98765432109876543210,"b":[["0.10","1e3"]]}';
    expect(frameLine('wss://ws.example/v2/ws/public#2', frame, AT_US)).toBe(
      `1700000000123456000 {"socket":"/v2/ws/public","frame":${frame}}\n`,
    );
  });

  test('is one line, whatever the message was', () => {
    expect(frameLine('wss://ws.example/ws', '{\n  "e": "trade"\r\n}', AT_US).split('\n')).toHaveLength(2);
    expect(parse(frameLine('wss://ws.example/ws', 'pong', AT_US))).toEqual({ socket: '/ws', frame: 'pong' });
    expect(parse(callLine('GET', 'https://api.example/x', 502, '<html>\n</html>', AT_US))).toEqual({
      ...{ call: 'GET /x', query: '', status: 502 },
      body: '<html>\n</html>',
    });
  });

  test('says what was asked, and nothing of how it was signed', () => {
    const url = 'https://api.example/v3/depth?symbol=BTCUSDT&limit=5&timestamp=1&recvWindow=2&signature=abc';
    expect(parse(callLine('GET', url, 200, '{"bids":[]}', AT_US))).toEqual({
      ...{ call: 'GET /v3/depth', query: 'symbol=BTCUSDT&limit=5', status: 200 },
      body: { bids: [] },
    });
    expect(frameLine('wss://ws.example/private/ws?listenKey=abc', '{}', AT_US)).not.toContain('abc');
  });

  test('begins with a head that names the venue', () => {
    const head = {
      recording: 1,
      venue: 'gate',
      market: 'spot',
      symbols: { 'BTC/USDT': 'BTC_USDT' },
      version: '1',
    } as const;
    expect(parse(headLine(head, AT_US))).toEqual(head);
  });
});

describe('a message that is kept', () => {
  const redact = redactor([new Secret('key-of-mine'), new Secret('secret-of-mine')]);

  test('has no credential in it, by value or by the name of its field', () => {
    const text = '{"listenKey":"pqia91ma","a":"key-of-mine","note":"x secret-of-mine y","sign": "a\\"b","k":"v"}';
    expect(JSON.parse(redact(text))).toEqual({
      ...{ listenKey: '[redacted]', a: '[redacted]', note: 'x [redacted] y', sign: '[redacted]', k: 'v' },
    });
  });

  test('keeps everything else as it was', () => {
    const text = '{"e":"ORDER_TRADE_UPDATE","o":{"s":"BTCUSDT","i":8886774,"keyed":"x"}}';
    expect(redact(text)).toBe(text);
  });
});
