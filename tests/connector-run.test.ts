/** The connector as a process over the sim: its one line, its line of quotes, its ends, and what it says of bad input. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MarketFeed, type MarketUpdate } from '../apps/engine/src/exchange/market-feed.ts';
import { RemoteExchange } from '../apps/engine/src/exchange/remote-exchange.ts';
import { type Sim, startSim } from '../apps/sim/src/sim.ts';
import { silentLogger } from '../packages/kit/src/log.ts';
import { MarginMode, PositionMode } from '../proto/gen/trunkline/exchange/v1/account.ts';
import { CancelOrderRequest, PlaceOrderRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { Channel, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { DenyRule, OrderType, type PlaceOrder, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { ErrorReason } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { decimal } from '../proto/src/decimal.ts';
import { connectListen } from '../proto/src/link/listen.ts';
import { issue } from '../proto/src/link/testing/certificates.ts';
import { authority, clock, connector, engine, material, source, until } from '../proto/src/link/testing/rig.ts';
import { systemRng } from '../proto/src/rng.ts';

const MAIN = join(import.meta.dir, '../apps/connector/src/main.ts');
const SYMBOL = 'BTC/USDT:USDT';
const folder = mkdtempSync(join(tmpdir(), 'connector-run-'));
const children: Bun.Subprocess<'pipe', 'pipe', 'pipe'>[] = [];
const closing: (() => Promise<void>)[] = [];
let sim: Sim;

beforeAll(async () => {
  const account = {
    name: 'main',
    apiKey: 'the-key',
    apiSecret: 'the-secret',
    canWithdraw: false,
    balances: { USDT: decimal('1000') },
  };
  sim = await startSim({
    clock,
    log: silentLogger(),
    seed: 7,
    accounts: [account],
    symbols: ['BTCUSDT'],
    host: '127.0.0.1',
    port: 0,
    controlPort: 0,
  });
  const { cert, key } = issue(authority, connector);
  const files = {
    'ca.pem': authority.pem,
    'cert.pem': cert,
    'key.pem': key,
    'api-key': 'the-key',
    'api-secret': 'the-secret',
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o400);
  }
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await child.exited;
  }
});

afterAll(async () => {
  await sim.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a config file that works, with `changes` made to its text. */
function configFile(changes: readonly (readonly [from: string, to: string])[] = []): string {
  let text = `[connector]
name = "${connector.name}"
account = "main"
tag = "bin"
venue = "binance"
market = "perpetual"
symbols = ["${SYMBOL}"]
api_key_file = "api-key"
api_secret_file = "api-secret"
venue_url = "${sim.venue('binance-usdm').url}"
link = { mode = "listen", address = "127.0.0.1:0" }
tls = { ca = "ca.pem", cert = "cert.pem", key = "key.pem" }
grants = { trade = ["${engine.name}"] }
`;
  for (const [from, to] of changes) text = text.replace(from, to);
  const path = join(folder, `config-${children.length}.toml`);
  writeFileSync(path, text);
  return path;
}

function run(config: string, env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, MAIN, 'run', '--config', config], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  children.push(child);
  return child;
}

async function readyLine(child: ReturnType<typeof run>): Promise<{ port: number; text: string }> {
  const { value } = await child.stdout.getReader().read();
  const text = new TextDecoder().decode(value);
  const line: unknown = JSON.parse(text);
  if (typeof line !== 'object' || line === null || !('port' in line) || typeof line.port !== 'number')
    throw new Error(text);
  return { port: line.port, text };
}

test('it announces itself, serves the venue, drains on SIGTERM and exits with 0', async () => {
  const child = run(configFile());
  const { port, text } = await readyLine(child);
  expect(JSON.parse(text)).toEqual({
    ready: true,
    name: connector.name,
    bootId: expect.any(String),
    link: 'listen',
    port,
  });
  const theirs = { tls: source(material(engine)), clock, rng: systemRng(), log: silentLogger() };
  const link = connectListen({ connector: connector.name, address: { host: '127.0.0.1', port }, ...theirs });
  closing.push(() => link.close());
  await until(() => link.state('order').kind === 'up' && link.state('market').kind === 'up', 'both lanes');
  const exchange = new RemoteExchange({ link, clock });
  const description = await exchange.describe({}, { caller: engine });
  expect(description).toMatchObject({ account: 'main', orderTag: 'bin', symbols: [SYMBOL], venueName: 'binance' });
  const updates: MarketUpdate[] = [];
  const feed = new MarketFeed({
    exchange,
    caller: engine,
    clientId: 'e1',
    topics: [Channel.BEST_QUOTE, Channel.BOOK].map((channel) => Topic.fromPartial({ channel, symbol: SYMBOL })),
    clock,
    rng: systemRng(),
    clockOffsetUs: () => 0,
    onUpdate: (update) => void updates.push(update),
  });
  closing.push(async () => feed.close());
  await until(() => feed.counters.quotes > 5 && feed.counters.books > 5, 'quotes and books', 20_000);
  expect(feed.counters).toMatchObject({ gaps: 0, malformed: 0, streams: 1 });
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
  expect(await new Response(child.stderr).text()).not.toContain('the-secret');
}, 40_000);

describe('the unary calls of a tool', () => {
  const desk = { role: 'tool', name: 'desk' } as const;
  const context = { caller: desk };
  const order = {
    ...{ clientOrderId: 'bin_0_desk01', symbol: SYMBOL, side: Side.BUY, type: OrderType.LIMIT },
    ...{ price: '10000', quantity: '0.02' },
  };
  const place = (exchange: RemoteExchange, changes: Partial<PlaceOrder>) =>
    exchange.placeOrder(PlaceOrderRequest.fromPartial({ order: { ...order, ...changes } }), context);

  /** A connector that grants the tool, and the tool's way to it. */
  async function reach(): Promise<RemoteExchange> {
    const { port } = await readyLine(run(configFile([['grants = {', 'grants = { tool = ["desk"],']])));
    const theirs = { tls: source(material(desk)), clock, rng: systemRng(), log: silentLogger() };
    const link = connectListen({ connector: connector.name, address: { host: '127.0.0.1', port }, ...theirs });
    closing.push(() => link.close());
    await until(() => link.state('order').kind === 'up', 'the lane');
    return new RemoteExchange({ link, clock });
  }

  test('impossible content is denied by field with what is allowed, in one short line, and good content still passes', async () => {
    const exchange = await reach();
    const cases: readonly (readonly [changes: Partial<PlaceOrder>, field: string, says: string])[] = [
      [{ symbol: 'NOPE/USDT:USDT' }, 'symbol', `"NOPE/USDT:USDT" is not served; allowed: ${SYMBOL}`],
      [{ symbol: '' }, 'symbol', `allowed: ${SYMBOL}`],
      [{ price: '10000.123' }, 'price', '10000.123 is off the tick 0.1'],
      [{ quantity: '0.0005' }, 'quantity', '0.001'],
      [{ quantity: '0.001' }, 'quantity', 'below the minimum notional'],
      [{ price: 'NaN' }, 'price', '"NaN" is not a decimal above zero'],
      [{ quantity: '' }, 'quantity', '"" is not a decimal above zero'],
      [{ price: '1'.repeat(900_000) }, 'price', 'is not a decimal above zero'],
      [{ clientOrderId: 'abc_0_desk01' }, 'client_order_id', 'tag bin'],
    ];
    for (const [changes, field, says] of cases) {
      const { outcome } = await place(exchange, changes);
      expect(outcome?.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.INVALID, field } });
      const message = outcome?.fate?.$case === 'denied' ? outcome.fate.value.message : '';
      expect(message).toContain(says);
      expect(message.length).toBeLessThan(200);
      expect(message).not.toContain('\n');
    }
    await expect(place(exchange, { price: '1'.repeat(10 * 1024 * 1024) })).rejects.toMatchObject({
      reason: ErrorReason.MESSAGE_TOO_LARGE,
    });
    expect((await place(exchange, {})).outcome?.fate).toMatchObject({ $case: 'accepted' });
    const reference = { symbol: SYMBOL, clientOrderId: order.clientOrderId };
    const cancel = CancelOrderRequest.fromPartial({ cancel: { order: reference } });
    expect((await exchange.cancelOrder(cancel, context)).outcome?.fate).toMatchObject({ $case: 'accepted' });
  }, 40_000);

  test('a setting that names no mode is refused and changes nothing', async () => {
    const exchange = await reach();
    for (const marginMode of [MarginMode.UNSPECIFIED, 9]) {
      await expect(exchange.setMarginMode({ symbol: SYMBOL, marginMode }, context)).rejects.toMatchObject({
        reason: ErrorReason.INVALID_FIELD,
        field: 'margin_mode',
      });
    }
    for (const positionMode of [PositionMode.UNSPECIFIED, 9]) {
      await expect(exchange.setPositionMode({ positionMode }, context)).rejects.toMatchObject({
        reason: ErrorReason.INVALID_FIELD,
        field: 'position_mode',
      });
    }
  }, 40_000);
});

test('it leaves when the pipe of its parent closes', async () => {
  const child = run(configFile(), { TRUNKLINE_PARENT_PIPE: '1' });
  await readyLine(child);
  child.stdin.end();
  expect(await child.exited).toBe(0);
}, 40_000);

describe('bad input is one line that names the thing, exit code 2 and no stack:', () => {
  test.each([
    ['an unknown symbol', SYMBOL, 'NOPE/USDT:USDT', 'NOPE/USDT:USDT'],
    ['a wrong key', '"api-key"', '"api-secret"', 'bad_credentials'],
    ['a missing secret', '"api-secret"', '"none"', 'connector.api_secret_file'],
    ['a missing certificate', '"cert.pem"', '"none.pem"', 'connector.tls: none.pem'],
    ['a certificate of another name', `name = "${connector.name}"`, 'name = "other"', 'connector.tls.cert'],
    ['an unknown key', 'market =', 'regoin = "x"\nmarket =', 'did you mean region'],
  ])(
    '%s',
    async (_what, from, to, named) => {
      const child = run(configFile([[from, to]]));
      expect(await child.exited).toBe(2);
      const stderr = await new Response(child.stderr).text();
      const [line = '', ...more] = stderr.split('\n').filter((each) => each.startsWith('error: '));
      expect(line).toContain(named);
      expect(more).toEqual([]);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(await new Response(child.stdout).text()).toBe('');
    },
    30_000,
  );
});
