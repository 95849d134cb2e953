import { afterEach, expect, test } from 'bun:test';
import { silentLogger } from '@trunkline/kit/log';
import { ConfigError } from '@trunkline/kit/operating-error';
import type { Exchange } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { literal, parseAccountName, parseOrderTag, parseSymbol } from '@trunkline/proto/ids';
import { connectListen } from '@trunkline/proto/link/listen';
import { clock, connector, engine, material, source, until } from '@trunkline/proto/link/testing/rig';
import { systemRng } from '@trunkline/proto/rng';
import type { ConnectorConfig } from './config.ts';
import { type ReadyLine, type RunningCore, runConnector } from './run.ts';
import type { StartRefusal } from './venues/venue.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function configOf(port: number): ConnectorConfig {
  return {
    name: connector.name,
    account: literal(parseAccountName, 'main'),
    tag: literal(parseOrderTag, 'bin'),
    venue: 'binance',
    market: 'perpetual',
    symbols: [literal(parseSymbol, 'BTC/USDT:USDT')],
    region: 'local',
    link: { mode: 'listen', address: { host: '127.0.0.1', port } },
    tls: { ca: '', cert: '', key: '' },
    grants: { trade: [engine.name], observe: [], tool: [] },
    on_disconnect: 'cancel_ours',
    grace: 10_000,
    exclusive_account: false,
    guard: {},
    log_level: 'info',
  };
}

function unavailable(): never {
  throw new ExchangeError(ErrorReason.UNSUPPORTED, 'not part of this test');
}

const reject = () => Promise.reject(new ExchangeError(ErrorReason.UNSUPPORTED, 'not part of this test'));

const exchange: Exchange = {
  describe: reject,
  listInstruments: reject,
  trade: unavailable,
  marketData: unavailable,
  placeOrder: reject,
  amendOrder: reject,
  cancelOrder: reject,
  cancelAllOrders: reject,
  getOrder: reject,
  listOpenOrders: reject,
  listFills: reject,
  getBalances: reject,
  listPositions: reject,
  listFundingPayments: reject,
  getAccountSettings: reject,
  listCandles: reject,
  getFundingRate: reject,
  getServerTime: reject,
  setLeverage: reject,
  setMarginMode: reject,
  setPositionMode: reject,
};

function start(options: { port?: number; starts?: Promise<StartRefusal | undefined> } = {}) {
  const did: string[] = [];
  const lines: ReadyLine[] = [];
  const stop = new AbortController();
  const log = silentLogger();
  const core: RunningCore = {
    ...exchange,
    methods: ['Describe'],
    bootId: 'b1',
    ready: true,
    start: () => {
      did.push('start');
      return options.starts ?? Promise.resolve(undefined);
    },
    drain: async () => void did.push('drain'),
    close: async () => void did.push('close'),
  };
  const ended = runConnector({
    config: configOf(options.port ?? 0),
    core,
    tls: source(material(connector)),
    clock,
    rng: systemRng(),
    log,
    stop: stop.signal,
    announce: (line) => void lines.push(line),
  });
  return { did, lines, stop, ended, log };
}

async function readyPort(lines: readonly ReadyLine[]): Promise<number> {
  await until(() => lines.length === 1, 'the ready line');
  const port = lines[0]?.port;
  if (typeof port !== 'number') throw new Error('no port');
  return port;
}

test('it serves an engine that is granted something, drains on a stop, and is gone with exit code 0', async () => {
  const { did, lines, stop, ended } = start();
  const port = await readyPort(lines);
  expect(lines).toEqual([{ ready: true, name: connector.name, bootId: 'b1', link: 'listen', port }]);
  const link = connectListen({
    connector: connector.name,
    address: { host: '127.0.0.1', port },
    tls: source(material(engine)),
    clock,
    rng: systemRng(),
    log: silentLogger(),
  });
  closing.push(() => link.close());
  await until(() => link.state('order').kind === 'up', 'the order lane');
  stop.abort('SIGTERM');
  expect(await ended).toBe(0);
  expect(did).toEqual(['start', 'drain', 'close']);
  await until(() => link.state('order').kind === 'down', 'the lane to end');
});

test('an engine that is granted nothing is refused, and the log says who', async () => {
  const { lines, stop, ended, log } = start();
  const port = await readyPort(lines);
  const stranger = { role: 'engine', name: 'stranger' } as const;
  const link = connectListen({
    connector: connector.name,
    address: { host: '127.0.0.1', port },
    tls: source(material(stranger)),
    clock,
    rng: systemRng(),
    log: silentLogger(),
  });
  closing.push(() => link.close());
  await until(() => JSON.stringify(log.entries).includes('stranger'), 'the log');
  expect(link.state('order').kind).toBe('down');
  stop.abort('SIGTERM');
  expect(await ended).toBe(0);
});

test('a venue that refuses the account ends it with exit code 2, without a ready line', async () => {
  const { lines, ended, did } = start({
    starts: Promise.resolve({ code: 'can_withdraw', message: 'the key can withdraw' }),
  });
  const result = await ended;
  expect(result).toBeInstanceOf(ConfigError);
  expect(String(result)).toContain('the key can withdraw');
  expect(lines).toEqual([]);
  expect(did).toEqual(['start', 'close']);
});

test('a stop while the venue is still starting is obeyed at once', async () => {
  const { lines, ended, stop } = start({ starts: new Promise(() => {}) });
  stop.abort('SIGINT');
  expect(await ended).toBe(0);
  expect(lines).toEqual([]);
});

test('a port in use is named, with exit code 2', async () => {
  const first = start();
  const port = await readyPort(first.lines);
  const result = await start({ port }).ended;
  expect(result).toBeInstanceOf(ConfigError);
  expect(String(result)).toContain(`connector.link.address: 127.0.0.1:${port}`);
  first.stop.abort('SIGTERM');
  expect(await first.ended).toBe(0);
});
