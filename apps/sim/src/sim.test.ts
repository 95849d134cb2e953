import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatingError } from '@trunkline/kit/operating-error';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { startSim } from './sim.ts';
import { ACCOUNT, startVenue, type TestVenue } from './venues/binance/test-client.ts';
import type { VenueName } from './venues/registry.ts';

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

test('several venues stand apart: their own address, prices, balances and folder', async () => {
  const stateDir = folder();
  const clock = new VirtualClock();
  const venues = ['binance-usdm', 'gate-usdt-futures'] as const;
  const options = { clock, seed: 1, accounts: [ACCOUNT], symbols: ['BTCUSDT'], venues, stateDir };
  const sim = await startSim(options);
  closers.push(sim.close);
  expect(Object.keys(sim.urls.venues)).toEqual([...venues]);
  expect(new Set([sim.urls.control, ...Object.values(sim.urls.venues)]).size).toBe(3);
  const [binance, gate] = venues.map((name) => sim.venue(name).core);
  expect(binance?.instruments()[0]?.symbol).toBe('BTCUSDT');
  expect(gate?.instruments()[0]?.symbol).toBe('BTC_USDT');
  expect(sim.symbols).toEqual(['BTCUSDT']);
  expect(binance?.book('BTCUSDT', 5)?.bids).not.toEqual(gate?.book('BTC_USDT', 5)?.bids ?? []);
  expect(readdirSync(stateDir).sort()).toEqual([...venues]);

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${sim.urls.control}${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  expect(await ask('/truth/balances')).toEqual({
    status: 400,
    body: {
      error: 'venue is needed, as several are served; it must be one of: binance-usdm, gate-usdt-futures',
    },
  });
  expect((await ask('/book?venue=nyse&symbol=BTCUSDT')).status).toBe(400);
  expect((await ask('/book?venue=gate-usdt-futures&symbol=BTC_USDT')).status).toBe(200);
  expect(await ask('/truth/balances?venue=gate-usdt-futures')).toMatchObject({ body: { items: [{ asset: 'USDT' }] } });
  const fault = { kind: 'close_sockets', sockets: 'all' };
  const post = (body: object) => ask('/faults', { method: 'POST', body: JSON.stringify(body) });
  expect((await post(fault)).status).toBe(400);
  expect((await post({ ...fault, venue: 'binance-usdm' })).body).toEqual({ ok: true, closed: 0 });
});

test('what a venue does for a seed does not depend on which others are served', async () => {
  const bookWith = async (venues: readonly VenueName[]) => {
    const sim = await startSim({
      clock: new VirtualClock(),
      seed: 5,
      accounts: [ACCOUNT],
      symbols: ['ETHUSDT'],
      venues,
    });
    closers.push(sim.close);
    return sim.venue('binance-usdm').core.book('ETHUSDT', 100);
  };
  expect(await bookWith(['gate-usdt-futures', 'binance-usdm'])).toEqual(await bookWith(['binance-usdm']));
});
