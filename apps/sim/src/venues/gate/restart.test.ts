import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SPOT_ORDER, startVenue, type TestVenue } from './test-client.ts';

let venue: TestVenue;
const folder = mkdtempSync(join(tmpdir(), 'sim-gate-'));

afterEach(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a restarted venue still knows what its orders paid and what its account did', async () => {
  const options = { stateDir: folder, actionsPerSecond: 0.001 };
  venue = await startVenue('gate-usdt-futures', options);
  const market = { contract: 'BTC_USDT', price: '0', tif: 'ioc' };
  for (const size of [50, -50, 20]) await venue.call('POST', '/futures/usdt/orders', { ...market, size });
  const history = async () => Object((await venue.call('GET', '/futures/usdt/accounts')).body).history;
  const book = async () => (await venue.call('GET', '/futures/usdt/account_book')).body;
  const before = [await history(), await book()];
  await venue.close();
  venue = await startVenue('gate-usdt-futures', options);
  expect([await history(), await book()]).toEqual(before);
  expect(before[0].fee).toStartWith('-');
});

test('an order of pairs that was partly filled before a restart goes on adding up its fee', async () => {
  const options = { stateDir: folder, actionsPerSecond: 0.001 };
  venue = await startVenue('gate-spot', options);
  const ask = venue.core.book('BTC_USDT', 1)?.asks[0];
  const amount = String(Number(ask?.[1]) + 0.01);
  const placed = await venue.call('POST', '/spot/orders', { ...SPOT_ORDER, price: ask?.[0], amount, text: 't-kept' });
  const { id, fee } = Object(placed.body);
  expect(Number(fee)).toBeGreaterThan(0);
  await venue.close();
  venue = await startVenue('gate-spot', options);
  const now = Object((await venue.call('GET', `/spot/orders/${id}`, { currency_pair: 'BTC_USDT' })).body);
  const fills = venue.core.fills('main', 'BTC_USDT', { venueOrderId: id, limit: 100 });
  expect(now.text).toBe('t-kept');
  expect(Number(now.fee)).toBeCloseTo(
    fills.reduce((total, each) => total + Number(each.fee), 0),
    12,
  );
});
