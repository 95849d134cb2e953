import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, decimal, multiply, negate, price, quantity, round, subtract } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createSimCore } from './core.ts';
import type { Core } from './core-api.ts';
import { accepted, INSTRUMENT, newOrder, place, RULES, SPOT_INSTRUMENT, SYMBOL, testVenue } from './test-support.ts';

const INTERVAL_MS = 60_000;
const ALL = { limit: 1_000 };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'venue-funding-'));
  folders.push(path);
  return path;
}

const QUICK = {
  kind: 'order_flow',
  markets: [{ instrument: { ...INSTRUMENT, fundingIntervalMs: INTERVAL_MS }, startPrice: price('60000') }],
  actionsPerSecond: 0.000001,
} as const;

const wallet = (core: Core, accountId: string, asset = 'USDT') =>
  core.account(accountId)?.assets.find((one) => one.asset === asset)?.walletBalance ?? decimal('0');

test('each funding time moves the wallets by what the published rate says, and tells it', async () => {
  const { core, clock, events } = await testVenue({ market: QUICK });
  place(core, { clientOrderId: 'ask', accountId: 'b', side: 'sell', price: price('60000'), quantity: quantity('2') });
  place(core, { clientOrderId: 'long', price: price('61000'), type: 'limit', quantity: quantity('2') });
  const held = decimal(core.account('a')?.positions[0]?.quantity ?? '0');
  expect<unknown>(held).toBe('2');
  const before = { a: wallet(core, 'a'), sweeper: wallet(core, 'sweeper') };
  clock.advance(INTERVAL_MS);
  const [payment, ...others] = core.fundingPayments('a', SYMBOL, ALL);
  if (payment === undefined) throw new Error('nothing was charged');
  expect(others).toEqual([]);
  expect(payment.timeUs % (INTERVAL_MS * 1_000)).toBe(0);
  const marks = events.flatMap((event) => (event.kind === 'mark_price' ? [event.mark] : []));
  const published = marks.filter(({ nextFundingUs }) => nextFundingUs === payment.timeUs);
  expect(new Set(published.map(({ fundingRate }) => fundingRate))).toEqual(new Set([payment.rate]));
  const at = published.at(-1)?.markPrice ?? price('0');
  expect(payment.amount).toBe(negate(round(multiply(multiply(held, at), payment.rate), 8, 'half-even')));
  expect(subtract(wallet(core, 'a'), before.a)).toBe(payment.amount);
  expect(wallet(core, 'sweeper')).toBe(before.sweeper);
  const told = events.filter(
    (event) => event.kind === 'funding' || (event.kind === 'account' && event.reason === 'funding'),
  );
  expect(told.slice(0, 2)).toMatchObject([{ kind: 'funding', payment }, { kind: 'funding' }]);
  expect(told.find((event) => event.kind === 'account' && event.accountId === 'a')).toMatchObject({
    balances: [{ asset: 'USDT', walletBalance: wallet(core, 'a') }],
    positions: [{ symbol: SYMBOL }],
  });
  clock.advance(3 * INTERVAL_MS);
  expect(core.fundingPayments('a', SYMBOL, ALL)).toHaveLength(4);
  await core.close();
  expect(clock.pending).toBe(0);
});

test('rates have both signs and the same seed gives the same ones', async () => {
  const ratesOf = async (seed: number) => {
    const { core, clock } = await testVenue({ market: QUICK, rng: seededRng(seed) });
    place(core, { clientOrderId: 'long', price: price('61000') });
    clock.advance(40 * INTERVAL_MS);
    return core.fundingPayments('a', SYMBOL, ALL).map(({ rate }) => rate);
  };
  const rates = await ratesOf(5);
  expect(rates.some((rate) => compare(rate, decimal('0')) < 0)).toBe(true);
  expect(rates.some((rate) => compare(rate, decimal('0')) > 0)).toBe(true);
  expect(await ratesOf(5)).toEqual(rates);
  expect(await ratesOf(6)).not.toEqual(rates);
});

test('open interest counts what the accounts hold', async () => {
  const { core } = await testVenue({ market: QUICK });
  const before = core.openInterest(SYMBOL)?.quantity ?? quantity('0');
  expect(compare(before, quantity('100'))).toBe(1);
  place(core, { clientOrderId: 'long', price: price('61000'), quantity: quantity('1') });
  const mark = core.markPrice(SYMBOL)?.markPrice;
  expect(mark).toBeDefined();
  expect<unknown>(subtract(core.openInterest(SYMBOL)?.quantity ?? quantity('0'), before)).toBe('1');
  expect(core.openInterest('NOPE')).toBeUndefined();
});

async function again(stateDir: string, market: Parameters<typeof createSimCore>[0]['market']): Promise<Core> {
  const made = await createSimCore({ clock: new VirtualClock(), rng: seededRng(2), market, rules: RULES, stateDir });
  if (!made.ok) throw new Error(made.failure.detail);
  return made.core;
}

test('a killed venue comes back with payments, both positions of a hedge and the settings', async () => {
  const stateDir = folder();
  const { core, clock } = await testVenue({ market: QUICK, stateDir });
  accepted(core.setMarginType('a', SYMBOL, 'isolated'));
  accepted(core.setPositionMode('a', 'hedge'));
  place(core, { clientOrderId: 'l', positionSide: 'long', price: price('61000') });
  place(core, { clientOrderId: 's', positionSide: 'short', side: 'sell', price: price('59500') });
  clock.advance(INTERVAL_MS);
  const seen = (of: Core) => ({
    mode: of.positionMode('a'),
    marginType: of.marginType('a', SYMBOL),
    held: of.account('a')?.positions.map(({ positionSide, quantity: q, cost }) => [positionSide, q, cost]),
    payments: of.fundingPayments('a', SYMBOL, ALL),
    wallet: wallet(of, 'a'),
  });
  const before = seen(core);
  expect(before.payments).toHaveLength(2);
  const back = await again(stateDir, QUICK);
  expect(seen(back)).toEqual(before);
  await back.close();
  await core.close();
});

test('a killed venue comes back with spot balances and what is locked of them', async () => {
  const stateDir = folder();
  const market = { ...QUICK, markets: [{ instrument: SPOT_INSTRUMENT, startPrice: price('60000') }] };
  const { core } = await testVenue({ market, stateDir });
  core.createAccount({
    accountId: 'x',
    deposits: ['USDT', 'BTC'].map((asset) => ({ asset, amount: decimal('100000') })),
  });
  place(core, { clientOrderId: 'buy', accountId: 'x', price: price('61000'), quantity: quantity('0.01') });
  place(core, { clientOrderId: 'rest', accountId: 'x', price: price('58000'), quantity: quantity('0.5') });
  place(core, { clientOrderId: 'ask', accountId: 'x', side: 'sell', price: price('62000'), quantity: quantity('0.3') });
  core.place(newOrder({ clientOrderId: 'too much', accountId: 'x', quantity: quantity('100') }));
  const assets = (of: Core) => of.account('x')?.assets;
  expect<unknown>(assets(core)?.map(({ asset, locked }) => [asset, locked])).toEqual([
    ['USDT', '29000'],
    ['BTC', '0.3'],
  ]);
  const back = await again(stateDir, market);
  expect(assets(back)).toEqual(assets(core));
  await back.close();
  await core.close();
});
