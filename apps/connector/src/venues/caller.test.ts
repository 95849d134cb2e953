import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { systemClock } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { DenyRule, RejectReason, UnknownCause } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { BINANCE_ERRORS } from './binance/errors.ts';
import { binanceRest, USUAL_BUDGETS } from './binance/rest.ts';
import { type Caller, createCaller, type Observation } from './caller.ts';
import { recordingFetch } from './http-call.ts';
import { type RateBudget, rateBudget } from './rate-budget.ts';
import { sanitizer } from './sanitizer.ts';

/** Answers every request with these bytes, then closes. Undefined: closes without an answer. */
let bytes: string | undefined;
let received: number;
let server: Server;
let url: string;
let budgets: RateBudget;
let caller: Caller;
let observed: Observation[];

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      received++;
      if (bytes === undefined) socket.destroy();
      else socket.end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/fapi/v1/order`;
});

afterAll(() => {
  server.close();
});

beforeEach(() => {
  const clock = systemClock();
  received = 0;
  observed = [];
  budgets = rateBudget(USUAL_BUDGETS, () => clock.wallUs());
  caller = createCaller({
    protocol: binanceRest(3_000, BINANCE_ERRORS),
    budgets,
    sanitize: sanitizer([]),
    observed: (observation) => observed.push(observation),
  });
});

const http = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
const fetchOnce = (to = url, signal?: AbortSignal) =>
  recordingFetch({ clock: systemClock(), venueUrl: undefined, tap: undefined })(to, {
    method: 'POST',
    ...(signal ? { signal } : {}),
  });
const post = (send: () => Promise<unknown> = () => fetchOnce()) =>
  caller.call({ cost: { requests: 1 }, priority: 'order' }, send);

test('a success is its body, with the times at which it left and came back', async () => {
  bytes = http('200 OK', '{"orderId":1}');
  const result = await post();
  if (result.kind !== 'answered') throw new Error(result.kind);
  expect(result.body).toEqual({ orderId: 1 });
  expect(result.times.postedAtUs).toBeLessThanOrEqual(result.times.answeredAtUs ?? 0);
});

test.each([
  [
    'a documented refusal',
    '400 Bad Request',
    '{"code":-2019,"msg":"Margin is insufficient."}',
    RejectReason.INSUFFICIENT_FUNDS,
  ],
  ['a post-only refusal', '400 Bad Request', '{"code":-5022,"msg":"..."}', RejectReason.POST_ONLY],
  [
    'a late timestamp, which proves that nothing was executed',
    '400 Bad Request',
    '{"code":-1021,"msg":"..."}',
    RejectReason.TIMESTAMP,
  ],
])('%s is rejected', async (_, status, body, reason) => {
  bytes = http(status, body);
  expect(await post()).toMatchObject({ kind: 'failed', verdict: { kind: 'rejected', reason } });
});

test.each([
  ['a 503', '503 Service Unavailable', '{"code":-1000,"msg":"Unknown error"}'],
  ['a 502 of HTML', '502 Bad Gateway', '<html></html>'],
  ['a 5xx with the code of a refusal', '500 Internal Server Error', '{"code":-2019,"msg":"?"}'],
  ['"execution status unknown"', '408 Request Timeout', '{"code":-1007,"msg":"..."}'],
  ['a code that nobody documented', '400 Bad Request', '{"code":-9999,"msg":"..."}'],
  ['a 403 of a firewall', '403 Forbidden', 'blocked'],
])('%s is unknown', async (_, status, body) => {
  bytes = http(status, body);
  expect(await post()).toMatchObject({ kind: 'failed', verdict: { kind: 'unknown', cause: UnknownCause.VENUE_ERROR } });
});

test('a success that cannot be read is unknown, not accepted', async () => {
  bytes = http('200 OK', '{"orderId":12');
  expect(await post()).toMatchObject({ verdict: { kind: 'unknown', cause: UnknownCause.UNREADABLE } });
});

test('a body cut off in transit is unknown, and the request is not sent again', async () => {
  bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"orderId":';
  expect(await post()).toMatchObject({ kind: 'failed', verdict: { kind: 'unknown' } });
  expect(received).toBe(1);
});

test('a connection that breaks after the request is unknown', async () => {
  bytes = undefined;
  expect(await post()).toMatchObject({ verdict: { kind: 'unknown', cause: UnknownCause.CONNECTION } });
  expect(received).toBe(1);
});

test('a connection that never came up is proof that nothing was sent', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const address = closed.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  const result = await post(() => fetchOnce(`http://127.0.0.1:${port}/`));
  expect(result).toMatchObject({ kind: 'denied', denied: { rule: DenyRule.NOT_READY } });
});

test('a second request of one call is refused, whoever asks for it', async () => {
  bytes = http('200 OK', '{}');
  await post(async () => {
    await fetchOnce();
    await fetchOnce().catch(() => {});
  });
  expect(received).toBe(1);
});

test('a request outside of a call never leaves', async () => {
  await expect(fetchOnce()).rejects.toThrow('nobody asked for');
  expect(received).toBe(0);
});

test('what ccxt refuses before sending is denied as invalid, and its budget is given back', async () => {
  const result = await post(async () => {
    throw new Error('amount must be greater than minimum');
  });
  expect(result).toMatchObject({ kind: 'denied', denied: { rule: DenyRule.INVALID } });
  expect(budgets.messages()[0]?.used).toBe(0);
});

test('429 with Retry-After blocks every further call, and an order limit only orders', async () => {
  bytes = http('429 Too Many Requests', '{"code":-1015,"msg":"Too many new orders"}', 'Retry-After: 5\r\n');
  expect(await post()).toMatchObject({ verdict: { kind: 'rate_limited', what: 'orders' } });
  expect(budgets.blockedUntilUs('requests')).toBeUndefined();
  bytes = http('429 Too Many Requests', '{"code":-1003,"msg":"Too many requests"}', 'Retry-After: 5\r\n');
  await post();
  expect(await post()).toMatchObject({ kind: 'denied', denied: { rule: DenyRule.RATE } });
  expect(received).toBe(2);
});

test('the venue\u2019s own counts are taken from its headers', async () => {
  bytes = http('200 OK', '{}', 'X-MBX-USED-WEIGHT-1M: 321\r\nX-MBX-ORDER-COUNT-10S: 7\r\n');
  await post();
  expect(budgets.messages().map((budget) => [budget.name, budget.used])).toEqual([
    ['weight_1m', 321],
    ['orders_10s', 7],
    ['orders_1m', 0],
  ]);
  expect(observed[0]?.roundTripUs).toBeGreaterThan(0);
});

test('a redirect is not followed', async () => {
  bytes = http('302 Found', '', `Location: ${url}\r\n`);
  expect(await post()).toMatchObject({ verdict: { kind: 'unknown' } });
  expect(received).toBe(1);
});

test('queries reject with the contract\u2019s error and nothing else', async () => {
  bytes = http('400 Bad Request', '{"code":-1121,"msg":"Invalid symbol."}');
  const failure = await caller.query({ requests: 1 }, () => fetchOnce()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ExchangeError);
  expect(failure).toMatchObject({ reason: ErrorReason.VENUE_REFUSED, message: '-1121: Invalid symbol.' });
});

test('where calls are counted apart, a rate limit answer closes only the budget of its call', async () => {
  bytes = http('429 Too Many Requests', '{}');
  const apart = createCaller({
    protocol: {
      ...binanceRest(3_000, BINANCE_ERRORS),
      limitedBy: (cost) => ({ kind: Object.keys(cost).join(), forMs: 1_000 }),
    },
    budgets,
    sanitize: sanitizer([]),
    observed: () => {},
  });
  await apart.call({ cost: { place: 1 }, priority: 'order' }, () => fetchOnce());
  expect(budgets.blockedUntilUs('place')).toBeDefined();
  expect(budgets.blockedUntilUs('requests')).toBeUndefined();
});
