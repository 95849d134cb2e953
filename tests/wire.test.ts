/** The line itself: what goes into an `Exchange` on one side comes out on the other, over each link. */
import { afterAll, describe, expect, test } from 'bun:test';
import { HealthClient, HealthCheckResponse_ServingStatus as Serving } from '../proto/gen/grpc/health/v1/health.ts';
import { ServerReflectionClient } from '../proto/gen/grpc/reflection/v1/reflection.ts';
import {
  ExchangeServiceClient,
  GetOrderRequest,
  ListFillsRequest,
  PlaceOrderRequest,
  type TradeRequest,
  type TradeResponse,
} from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { ErrorReason, type TradeRequestFrame } from '../proto/gen/trunkline/exchange/v1/session.ts';
import type { CallContext, Exchange, StreamEnd, StreamSender } from '../proto/src/exchange.ts';
import { ExchangeError } from '../proto/src/exchange-error.ts';
import { until } from '../proto/src/link/testing/rig.ts';
import { errorOf } from '../proto/src/status.ts';
import { ALL_METHODS, type ScriptedExchange, scriptedExchange } from './support/scripted-exchange.ts';
import { openWay, WAYS, type Way } from './support/ways.ts';

const context: CallContext = { caller: { role: 'engine', name: 'main' } };

/** Every unary call once: its answer, or the reason, text and field of its error. */
async function everyCall(exchange: Exchange): Promise<unknown[]> {
  const symbol = 'BTC/USDT:USDT';
  const calls: Promise<unknown>[] = [
    exchange.describe({}, context),
    exchange.listInstruments({ symbols: [symbol, 'X/Y'], pageSize: 0, pageToken: '' }, context),
    exchange.placeOrder(PlaceOrderRequest.fromPartial({ order: { clientOrderId: 'tl_1_abcdef' } }), context),
    exchange.amendOrder({ amend: undefined, validUntilUs: 1 }, context),
    exchange.cancelOrder({ cancel: undefined, validUntilUs: 1 }, context),
    exchange.cancelAllOrders({ cancelAll: undefined, validUntilUs: 1 }, context),
    exchange.getOrder(GetOrderRequest.fromPartial({ fullSearch: true, sentAtUs: 1_767_225_600_000_001 }), context),
    exchange.listOpenOrders({ symbol, pageSize: 1, pageToken: 'größe' }, context),
    exchange.listFills(ListFillsRequest.fromPartial({ symbol, sinceUs: 5 }), context),
    exchange.getBalances({}, context),
    exchange.listPositions({ pageSize: 0, pageToken: '' }, context),
    exchange.listCandles({ symbol, interval: 1, sinceUs: 0, untilUs: 0, pageSize: 0, pageToken: '' }, context),
    exchange.getFundingRate({ symbol }, context),
    exchange.getServerTime({}, context),
    exchange.setLeverage({ symbol, leverage: 7 }, context),
    exchange.setMarginMode({ symbol, marginMode: 1 }, context),
    exchange.setPositionMode({ positionMode: 1 }, context),
  ];
  return await Promise.all(calls.map((call) => call.catch(described)));
}

function described(error: unknown): unknown {
  return error instanceof ExchangeError ? [error.reason, error.message, error.field] : `not an ExchangeError: ${error}`;
}

function reasonOf(error: unknown): unknown {
  return error instanceof ExchangeError ? error.reason : error;
}

/** A cancel may look like a half-close from the other side of the line (server.ts W2). */
function hasLost({ seen }: ScriptedExchange): boolean {
  return seen.includes('Trade cancelled') || seen.includes('Trade ended');
}

interface Opened {
  readonly sender: StreamSender<TradeRequest>;
  readonly log: unknown[];
  send(frame: NonNullable<TradeRequestFrame['frame']>): void;
  /** What it ended with: `ended`, or the reason, text and field. */
  ended(): Promise<unknown>;
  /** The reason that it failed with. */
  reason(): Promise<unknown>;
}

function openTrade(exchange: Exchange, signal?: AbortSignal): Opened {
  const log: unknown[] = [];
  let end: StreamEnd | undefined;
  const sender = exchange.trade(signal ? { ...context, signal } : context, {
    message: (value: TradeResponse) => void log.push(value.frames[0]?.frame?.$case ?? value.sentAtUs),
    closed(how) {
      end = how;
      log.push(how.kind === 'ended' ? 'ended' : described(how.error));
    },
  });
  return {
    sender,
    log,
    send: (frame) => sender.send({ frames: [{ frame }] }),
    ended: async () => {
      await until(() => end !== undefined, 'the stream to end');
      return log.at(-1);
    },
    reason: async () => {
      await until(() => end !== undefined, 'the stream to end');
      return end?.kind === 'failed' ? end.error.reason : end;
    },
  };
}

const ack = (seq: number) => ({ $case: 'ack', value: { seq } }) as const;

/** What a stream saw of each kind of end. Each is written as the receiver was told it. */
async function everyStream(exchange: Exchange): Promise<unknown[]> {
  const polite = openTrade(exchange);
  for (let seq = 1; seq <= 200; seq++) polite.send(ack(seq));
  await until(() => polite.log.length === 400, 'all answers');
  polite.sender.end();
  await polite.ended();
  polite.send(ack(1));
  const goodbye = openTrade(exchange);
  goodbye.send({ $case: 'goodbye', value: { reason: 1 } });
  await goodbye.ended();
  const failures: unknown[] = [];
  for (const reason of [ErrorReason.FENCED, ErrorReason.STALE_EPOCH, ErrorReason.DISPLACED, ErrorReason.NOT_GRANTED]) {
    const failing = openTrade(exchange);
    const hello = {
      protocolVersion: '1.0',
      engineId: 'e',
      mode: 2,
      epoch: reason,
      attempt: 1,
      sentAtUs: 1,
      eventWindow: 1,
    };
    failing.send({ $case: 'hello', value: hello });
    await failing.ended();
    failing.send(ack(1));
    failures.push(failing.log);
  }
  return [polite.log, goodbye.log, failures];
}

const opened: Record<string, { way: Way; served: ScriptedExchange }> = {};
for (const name of WAYS) {
  const served = scriptedExchange();
  opened[name] = { served, way: await openWay(name, served, ALL_METHODS) };
}
afterAll(async () => {
  for (const { way } of Object.values(opened)) await way.close();
});

function at(name: string): { way: Way; served: ScriptedExchange } {
  const found = opened[name];
  if (!found) throw new Error(`no way ${name}`);
  return found;
}
const local = at('in-process').way.exchange;

describe.each(['listen', 'dial'])('over %s', (name) => {
  const { way, served } = at(name);

  test('every unary call gives what it gives in the process', async () => {
    served.seen.length = 0;
    const answers = await everyCall(way.exchange);
    expect(answers).toEqual(await everyCall(local));
    expect(answers).toHaveLength(17);
    expect(served.seen).toHaveLength(17);
    expect(served.seen.every((line) => line.endsWith('by engine/main'))).toBe(true);
  });

  test('every unary call fails as it fails in the process', async () => {
    const failure = new ExchangeError(ErrorReason.VENUE_REFUSED, 'the venue says: Nein – -2019', 'order.price');
    const failed: unknown[][] = [];
    for (const each of [served, at('in-process').served]) each.failure = failure;
    for (const exchange of [way.exchange, local]) failed.push(await everyCall(exchange));
    for (const each of [served, at('in-process').served]) each.failure = undefined;
    expect(failed[0]).toEqual(failed[1] ?? []);
    expect(failed[0]?.[3]).toEqual([ErrorReason.VENUE_REFUSED, 'the venue says: Nein – -2019', 'order.price']);
  });

  test('streams bring the same messages in the same order and end in the same way', async () => {
    const remote = await everyStream(way.exchange);
    expect(remote).toEqual(await everyStream(local));
  });

  test('a cancel ends the stream for both sides', async () => {
    served.seen.length = 0;
    const stream = openTrade(way.exchange);
    stream.send(ack(1));
    await until(() => stream.log.length === 2, 'answers');
    stream.sender.cancel();
    expect(await stream.reason()).toBe(ErrorReason.CANCELLED);
    await until(() => hasLost(served), 'the exchange to hear of it');
    const abort = new AbortController();
    const aborted = openTrade(way.exchange, abort.signal);
    abort.abort();
    expect(await aborted.reason()).toBe(ErrorReason.CANCELLED);
    served.receiver?.message({ frames: [], sentAtUs: 3 });
    served.receiver?.closed({ kind: 'ended' });
  });

  test('a unary call can be cancelled, and the exchange hears of it', async () => {
    let release = () => {};
    served.hold = new Promise((resolve) => {
      release = resolve;
    });
    const abort = new AbortController();
    const call = way.exchange.getBalances({}, { ...context, signal: abort.signal }).catch(reasonOf);
    await until(() => served.seen.includes('GetBalances by engine/main'), 'the call');
    abort.abort();
    expect(await call).toBe(ErrorReason.CANCELLED);
    await until(() => served.seen.includes('GetBalances aborted'), 'the abort');
    release();
  });

  test('a bug of the exchange ends its own call with INTERNAL and gives nothing away', async () => {
    served.failure = new TypeError('secret=abc');
    expect(JSON.stringify(await way.exchange.getBalances({}, context).catch(described))).toBe(
      JSON.stringify([ErrorReason.INTERNAL, 'internal error; the log of the server says more', '']),
    );
    served.failure = undefined;
    const stream = openTrade(way.exchange);
    const command = { commandSeq: 1, validUntilUs: 1, sentAtUs: 1, traceparent: '', command: undefined };
    stream.send({ $case: 'command', value: command });
    expect(await stream.ended()).toEqual([ErrorReason.INTERNAL, 'internal error; the log of the server says more', '']);
  });

  test('a message past 1 MiB ends the stream with MESSAGE_TOO_LARGE, and the next stream works', async () => {
    const stream = openTrade(way.exchange);
    stream.send({
      $case: 'command',
      value: { commandSeq: 1, validUntilUs: 1, sentAtUs: 1, traceparent: 'x'.repeat(1_100_000), command: undefined },
    });
    expect(await stream.reason()).toBe(ErrorReason.MESSAGE_TOO_LARGE);
    const next = openTrade(way.exchange);
    next.send({ $case: 'goodbye', value: { reason: 1 } });
    expect(await next.ended()).toBe('ended');
  });

  test('bytes that are no message end their call, and the process and the connection live', async () => {
    const client = new ExchangeServiceClient(...clientOf(way));
    const raw = (bytes: Buffer) => bytes;
    const path = '/trunkline.exchange.v1.ExchangeService/';
    const stream = client.makeBidiStreamRequest(`${path}Trade`, raw, raw);
    let code: number | undefined;
    stream.on('error', () => {});
    stream.on('status', (status) => {
      code = status.code;
    });
    stream.resume();
    stream.write(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]));
    const unary = await new Promise((resolve) => {
      client.makeUnaryRequest(`${path}PlaceOrder`, raw, raw, Buffer.from([0xff]), (error) =>
        resolve(errorOf(error).reason),
      );
    });
    await until(() => code !== undefined, 'the status');
    expect([code, unary]).toEqual([13, ErrorReason.INTERNAL]);
    expect(await way.exchange.getServerTime({}, context)).toMatchObject({ venueTimeUs: 1 });
  });

  test('health says whether the connector serves, and tells watchers of changes', async () => {
    const client = new HealthClient(...clientOf(way));
    const check = (service: string) =>
      new Promise((resolve) => client.check({ service }, (error, response) => resolve(error?.code ?? response.status)));
    expect(await check('')).toBe(Serving.NOT_SERVING);
    const watched: number[] = [];
    const watch = client.watch({ service: 'trunkline.exchange.v1.ExchangeService' });
    watch.on('error', () => {});
    watch.on('data', ({ status }) => watched.push(status));
    await until(() => watched.length === 1, 'the present status');
    way.health.set(true);
    await until(() => watched.length === 2, 'the change');
    expect(watched).toEqual([Serving.NOT_SERVING, Serving.SERVING]);
    expect(await check('trunkline.exchange.v1.ExchangeService')).toBe(Serving.SERVING);
    expect(await check('some.Other')).toBe(5);
    watch.cancel();
  });

  test.each(['v1', 'v1alpha'])(
    'reflection %s names the services and gives their files with imports',
    async (version) => {
      const client = new ServerReflectionClient(...clientOf(way));
      const method = new ServerReflectionClient(...clientOf(way)).serverReflectionInfo;
      expect(method).toBeDefined();
      const { responseDeserialize, requestSerialize } = ServerReflectionClient.service.serverReflectionInfo;
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      const answers: ReturnType<typeof responseDeserialize>[] = [];
      stream.on('error', () => {});
      stream.on('data', (answer: ReturnType<typeof responseDeserialize>) => answers.push(answer));
      stream.write({ host: '', messageRequest: { $case: 'listServices', value: '' } });
      stream.write({
        host: '',
        messageRequest: { $case: 'fileContainingSymbol', value: 'trunkline.exchange.v1.ExchangeService' },
      });
      stream.write({ host: '', messageRequest: { $case: 'fileContainingSymbol', value: 'no.Such' } });
      await until(() => answers.length === 3, 'three answers');
      stream.end();
      const [services, files, none] = answers.map(({ messageResponse }) => messageResponse);
      expect(
        services?.$case === 'listServicesResponse' && services.value.service.map(({ name: service }) => service),
      ).toContain('trunkline.exchange.v1.ExchangeService');
      expect(files?.$case === 'fileDescriptorResponse' && files.value.fileDescriptorProto.length).toBe(6);
      expect(none).toMatchObject({ $case: 'errorResponse', value: { errorCode: 5 } });
    },
  );
});

test('a method that is not served answers UNSUPPORTED and does not reach the exchange', async () => {
  const served = scriptedExchange();
  const way = await openWay('listen', served, ['Describe']);
  expect(await way.exchange.getBalances({}, context).catch(reasonOf)).toBe(ErrorReason.UNSUPPORTED);
  expect(await openTrade(way.exchange).reason()).toBe(ErrorReason.UNSUPPORTED);
  expect(served.seen).toEqual([]);
  await way.close();
});

test('a lane that is down fails calls and streams at once with UNREACHABLE', async () => {
  const served = scriptedExchange();
  const way = await openWay('listen', served, ALL_METHODS);
  const stream = openTrade(way.exchange);
  stream.send(ack(1));
  await until(() => stream.log.length === 2, 'answers');
  await way.close();
  expect(await stream.reason()).toBe(ErrorReason.UNREACHABLE);
  await until(() => hasLost(served), 'the exchange to hear of the loss');
  expect(await way.exchange.getBalances({}, context).catch(reasonOf)).toBe(ErrorReason.UNREACHABLE);
  expect(await openTrade(way.exchange).reason()).toBe(ErrorReason.UNREACHABLE);
});

function clientOf(way: Way) {
  const given = way.link?.client('order');
  if (!given) throw new Error('the order lane is down');
  return given;
}
