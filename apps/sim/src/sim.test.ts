import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatingError } from '@trunkline/kit/operating-error';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { startSim } from './sim.ts';
import { ACCOUNT, startVenue, type TestVenue } from './venues/binance/test-client.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sim-state-'));
  closers.push(() => rmSync(path, { recursive: true }));
  return path;
}

async function start(options: Parameters<typeof startVenue>[0]): Promise<TestVenue> {
  const venue = await startVenue(options);
  closers.push(venue.close);
  return venue;
}

async function answers(venue: TestVenue) {
  const paths = ['/fapi/v1/openOrders', '/fapi/v1/allOrders', '/fapi/v1/userTrades'];
  const bodies = await Promise.all(paths.map((path) => venue.call('GET', path, { symbol: 'BTCUSDT' })));
  const balance = await venue.call('GET', '/fapi/v3/balance');
  return [...bodies.map(({ body }) => body), Object(balance.body)[0].balance];
}

test('orders, fills and balances are the same after a restart in a state folder, and ids go on', async () => {
  const stateDir = folder();
  const first = await start({ stateDir });
  const order = { symbol: 'BTCUSDT', side: 'BUY', quantity: '0.01' };
  const rest = { ...order, type: 'LIMIT', timeInForce: 'GTC', price: '58000' };
  await first.call('POST', '/fapi/v1/order', { ...rest, newClientOrderId: 'rests' });
  await first.call('POST', '/fapi/v1/order', { ...order, type: 'MARKET', newClientOrderId: 'takes' });
  const before = await answers(first);
  expect(before[0]).toHaveLength(1);
  expect(before[1]).toHaveLength(2);
  await first.close();

  const second = await start({ stateDir });
  expect(await answers(second)).toEqual(before);
  const { body } = await second.call('POST', '/fapi/v1/order', { ...rest, newClientOrderId: 'later' });
  expect(Object(body).orderId).toBeGreaterThan(Object(before[1])[1].orderId);
});

test('what cannot be served is an error in one line, and nothing is left listening', async () => {
  const clock = new VirtualClock();
  const base = { clock, seed: 1, accounts: [ACCOUNT], symbols: ['BTCUSDT'] };
  const problem = async (options: object) =>
    startSim({ ...base, ...options }).then(
      () => 'served',
      (error: unknown) => (error instanceof OperatingError ? error.message : `a bug: ${error}`),
    );
  expect(await problem({ symbols: ['NOPE'] })).toContain('NOPE');
  expect(await problem({ replay: { path: '/nonexistent.gz', speed: 1 } })).toContain('/nonexistent.gz');
  const { sim } = await start({});
  const port = Number(new URL(sim.urls.control).port);
  expect(await problem({ port })).toContain(String(port));
  expect(await problem({ controlPort: port })).toContain(String(port));
  expect(clock.pending).toBe(0);
});

test('closing twice is closing once, and leaves no timer', async () => {
  const venue = await start({});
  await venue.keyed('POST', '/fapi/v1/listenKey');
  const socket = await venue.open('/ws/btcusdt@depth@100ms');
  venue.clock.advance(1_050);
  await Promise.all([venue.sim.close(), venue.sim.close()]);
  await socket.closed;
  expect(venue.clock.pending).toBe(0);
});
