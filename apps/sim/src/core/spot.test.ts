/** Spot accounts: what is locked, paid, received and refused. A failure of the random run prints its seed; `SEED=n`. */
import { describe, expect, test } from 'bun:test';
import { add, compare, type Decimal, decimal, isNegative, price, quantity, sum } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import type { Core, CoreOptions } from './core-api.ts';
import {
  codeOf,
  newOrder,
  place,
  RULES,
  SPOT_INSTRUMENT as SPOT,
  SYMBOL,
  spending,
  testVenue,
} from './test-support.ts';

const SEEDS = process.env['SEED'] === undefined ? [1, 2, 3] : [Number(process.env['SEED'])];

async function spotVenue(options: Partial<CoreOptions> = {}) {
  const quiet = {
    kind: 'order_flow',
    markets: [{ instrument: SPOT, startPrice: price('60000') }],
    actionsPerSecond: 0.000001,
  } as const;
  const venue = await testVenue({ market: quiet, ...options });
  const { core } = venue;
  for (const accountId of ['x', 'y'])
    core.createAccount({
      accountId,
      deposits: [
        { asset: 'USDT', amount: decimal('100000') },
        { asset: 'BTC', amount: decimal('2') },
      ],
    });
  // Takes away the book that the market begins with.
  const broom = { accountId: 'broom', type: 'market', quantity: quantity('500') } as const;
  core.createAccount({
    accountId: 'broom',
    deposits: [
      { asset: 'USDT', amount: decimal('1000000000') },
      { asset: 'BTC', amount: decimal('1000') },
    ],
  });
  place(core, { ...broom, clientOrderId: 'asks', side: 'buy' });
  place(core, { ...broom, clientOrderId: 'bids', side: 'sell' });
  return venue;
}

function balances(core: Core, accountId: string) {
  const assets = core.account(accountId)?.assets ?? [];
  return Object.fromEntries(assets.map((one) => [one.asset, [one.walletBalance, one.locked, one.availableBalance]]));
}

describe('locks', () => {
  test('a buy locks its price times quantity, a sell its quantity, until they end', async () => {
    const { core, events } = await spotVenue();
    const buy = place(core, { clientOrderId: 'b', accountId: 'x', price: price('50000') });
    place(core, { clientOrderId: 's', accountId: 'x', side: 'sell', price: price('70000'), quantity: quantity('0.5') });
    expect<unknown>(balances(core, 'x')).toEqual({
      USDT: ['100000', '50000', '50000'],
      BTC: ['2', '0.5', '1.5'],
    });
    const told = events.filter((event) => event.kind === 'account').slice(-2);
    expect(told).toMatchObject([
      { accountId: 'x', balances: [{ asset: 'USDT', locked: '50000' }], positions: [] },
      { accountId: 'x', balances: [{ asset: 'BTC', locked: '0.5' }], positions: [] },
    ]);
    core.cancel({ accountId: 'x', symbol: SYMBOL, order: { by: 'venue', venueOrderId: buy.venueOrderId } });
    expect<unknown>(balances(core, 'x')['USDT']).toEqual(['100000', '0', '100000']);
  });

  test('more than the free balance is refused on either side, and an amend counts its own lock as free', async () => {
    const { core } = await spotVenue();
    place(core, { clientOrderId: 'b', accountId: 'x', price: price('60000') });
    expect(codeOf(core.place(newOrder({ clientOrderId: 'b2', accountId: 'x', price: price('40000.1') })))).toBe(
      'insufficient_balance',
    );
    expect(
      codeOf(core.place(newOrder({ clientOrderId: 's', accountId: 'x', side: 'sell', quantity: quantity('2.001') }))),
    ).toBe('insufficient_balance');
    const grow = (amount: string) =>
      codeOf(
        core.amend({
          accountId: 'x',
          symbol: SYMBOL,
          order: { by: 'client', clientOrderId: 'b' },
          price: price('50000'),
          quantity: quantity(amount),
        }),
      );
    expect(grow('2.001')).toBe('insufficient_balance');
    expect(grow('2')).toBe('accepted');
  });

  test('what a contract has and spot has not is refused', async () => {
    const { core } = await spotVenue();
    const fields = { clientOrderId: 'c', accountId: 'x' } as const;
    expect(codeOf(core.place(newOrder({ ...fields, reduceOnly: true })))).toBe('wrong_market');
    expect(codeOf(core.place(newOrder({ ...fields, positionSide: 'long' })))).toBe('position_side_mismatch');
    expect(codeOf(core.setLeverage('x', SYMBOL, 2))).toBe('wrong_market');
    expect(codeOf(core.setMarginType('x', SYMBOL, 'isolated'))).toBe('wrong_market');
    expect(codeOf(core.setPositionMode('x', 'hedge'))).toBe('wrong_market');
    expect(core.markPrice(SYMBOL)).toBeUndefined();
    expect(core.openInterest(SYMBOL)).toBeUndefined();
  });
});

describe('money', () => {
  test('fees are paid in what is received, and a better price frees what it saved', async () => {
    const { core } = await spotVenue();
    place(core, { clientOrderId: 's', accountId: 'y', side: 'sell', price: price('60000') });
    const bought = place(core, { clientOrderId: 'b', accountId: 'x', price: price('61000') });
    expect(bought.status).toBe('filled');
    const [took] = core.fills('x', SYMBOL, { limit: 9 });
    const [made] = core.fills('y', SYMBOL, { limit: 9 });
    expect<unknown>([took?.fee, took?.feeAsset, took?.realizedPnl]).toEqual(['0.002', 'BTC', '0']);
    expect<unknown>([made?.fee, made?.feeAsset]).toEqual(['60', 'USDT']);
    expect<unknown>(balances(core, 'x')).toEqual({ USDT: ['40000', '0', '40000'], BTC: ['2.998', '0', '2.998'] });
    expect<unknown>(balances(core, 'y')).toEqual({ USDT: ['159940', '0', '159940'], BTC: ['1', '0', '1'] });
    expect(core.account('x')?.positions).toEqual([]);
  });

  test('a market buy by quote spends at most that over all the levels that it needs', async () => {
    const { core } = await spotVenue();
    place(core, { clientOrderId: '1', accountId: 'y', side: 'sell', price: price('60000'), quantity: quantity('0.5') });
    place(core, { clientOrderId: '2', accountId: 'y', side: 'sell', price: price('61000'), quantity: quantity('1') });
    const order = place(core, spending('60000', { clientOrderId: 'm', accountId: 'x' }));
    // 30000 buys 0.5, the other 30000 buys 0.491 at 61000, and 49 are left.
    expect<unknown>([
      order.status,
      order.quantity,
      order.executedQuantity,
      order.executedQuote,
      order.quoteQuantity,
    ]).toEqual(['filled', '0.991', '0.991', '59951', '60000']);
    expect(codeOf(core.place(spending('40050', { clientOrderId: 'n', accountId: 'x' })))).toBe('insufficient_balance');
    expect(codeOf(core.place(spending('4', { clientOrderId: 'n', accountId: 'x' })))).toBe('below_min_notional');
  });

  test.each(SEEDS)('no asset comes from nowhere and no balance goes below zero, with seed %d', async (seed) => {
    const { core } = await spotVenue({ rules: { ...RULES, selfTradePrevention: 'expire_maker' } });
    const rng = seededRng(seed);
    const total = (asset: string): Decimal => {
      const held = ['x', 'y'].map((id) =>
        decimal(core.account(id)?.assets.find((one) => one.asset === asset)?.walletBalance ?? '0'),
      );
      const fills = ['x', 'y'].flatMap((id) => core.fills(id, SYMBOL, { limit: 10_000 }));
      return add(sum(held), sum(fills.filter((fill) => fill.feeAsset === asset).map((fill) => fill.fee)));
    };
    for (let count = 0; count < 400; count++) {
      const side = rng.integer(2) === 0 ? 'buy' : 'sell';
      const accountId = rng.integer(2) === 0 ? 'x' : 'y';
      const fields = { clientOrderId: `r${count}`, accountId, side } as const;
      const amount = quantity(`0.${String(1 + rng.integer(400)).padStart(3, '0')}`);
      const at = price(String(60_000 + rng.integer(21) - 10));
      const choice = rng.integer(6);
      if (choice === 0) core.place(spending(String(100 + rng.integer(30_000)), { ...fields }));
      else if (choice === 1) core.place(newOrder({ ...fields, type: 'market', quantity: amount }));
      else core.place(newOrder({ ...fields, price: at, quantity: amount }));
      for (const id of ['x', 'y'])
        for (const { walletBalance, locked } of core.account(id)?.assets ?? []) {
          expect(isNegative(walletBalance)).toBe(false);
          expect(compare(locked, walletBalance)).not.toBe(1);
        }
    }
    expect(core.fills('x', SYMBOL, { limit: 10_000 }).length).toBeGreaterThan(50);
    expect<unknown>([total('USDT'), total('BTC')]).toEqual(['200000', '4']);
  });
});
