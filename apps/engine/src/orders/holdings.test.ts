import { expect, test } from 'bun:test';
import { type Decimal, decimal, price, quantity } from '@trunkline/proto/decimal';
import { Balance } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { PositionBook } from '../positions/position-book.ts';
import type { AccountQueries } from './account-queries.ts';
import { createHoldings } from './holdings.ts';

const baseline = { atUs: 1, balances: { USDT: decimal('1000'), BTC: decimal('2') } };

/** A spot account whose venue says that it holds `btc`. */
function spot(first: string) {
  const state = { btc: first, fails: false };
  const unasked = () => Promise.reject(new Error('not asked of a spot account'));
  const queries: AccountQueries = {
    ...{ openOrders: unasked, fills: unasked, order: unasked, positions: unasked, fundingPayments: unasked },
    async balances() {
      if (state.fails) return { kind: 'failed', reason: 'VENUE_UNAVAILABLE', message: 'down' };
      const balances = [Balance.fromPartial({ asset: 'BTC', total: state.btc, available: state.btc })];
      return { kind: 'ok', value: { balances, askedAtUs: 5 } };
    },
  };
  const positions = new PositionBook('main', []);
  const heard: Readonly<Record<string, Decimal>>[] = [];
  const clock = new VirtualClock();
  const balancesHeard = (balances: Readonly<Record<string, Decimal>>) => heard.push(balances);
  const holdings = createHoldings({ clock, symbols: ['BTC/USDT'], queries, positions, balancesHeard });
  return { clock, state, positions, holdings, heard };
}

test('a spot account agrees when the balance is the baseline and its trades', async () => {
  const { holdings, positions, heard } = spot('2.4995');
  const terms = { tradeId: '1', venueOrderId: '9', side: 'buy', positionSide: 'both', liquidity: 'taker' } as const;
  const amounts = { price: price('100'), quantity: quantity('0.5'), fee: decimal('0.0005'), feeAsset: 'BTC' };
  positions.fill('BTC/USDT', { ...terms, ...amounts, realizedPnl: null, venueTimeUs: 4, recovered: false }, 4);
  expect(await holdings.compare(baseline)).toEqual({ kind: 'ok' });
  expect(heard).toEqual([{ BTC: decimal('2.4995') }]);
});

test('a venue that does not answer neither agrees nor differs', async () => {
  const { holdings, state } = spot('2');
  state.fails = true;
  expect(await holdings.compare(baseline)).toEqual({ kind: 'failed', message: 'balances: down' });
});

test('a difference is a transfer when it stays what it was after all trades were read, longer than lists lag', async () => {
  const { clock, holdings, state } = spot('3');
  const explained = async (readAllTrades: boolean) =>
    holdings.explain(baseline, await holdings.compare(baseline), readAllTrades);
  expect(await holdings.compare(baseline)).toMatchObject({ message: "balance BTC: ours 2, the venue's 3" });
  expect(await explained(false)).toBeUndefined();
  await clock.advanceAsync(5_000);
  expect(await explained(true)).toBeUndefined();
  await clock.advanceAsync(1_500);
  state.btc = '4';
  expect(await explained(true)).toBeUndefined();
  await clock.advanceAsync(1_500);
  expect(await explained(false)).toBeUndefined();
  await clock.advanceAsync(1_500);
  const moved = await explained(false);
  expect(moved).toEqual({ atUs: 1, balances: { USDT: decimal('1000'), BTC: decimal('4') } });
  if (moved) expect(await holdings.compare(moved)).toEqual({ kind: 'ok' });
});

test('a difference that went away and comes back has to stand anew', async () => {
  const { clock, holdings, state } = spot('3');
  expect(holdings.explain(baseline, await holdings.compare(baseline), true)).toBeUndefined();
  state.btc = '2';
  expect(await holdings.compare(baseline)).toEqual({ kind: 'ok' });
  await clock.advanceAsync(60_000);
  state.btc = '3';
  expect(holdings.explain(baseline, await holdings.compare(baseline), false)).toBeUndefined();
  expect(holdings.explain(baseline, await holdings.compare(baseline), true)).toBeUndefined();
});
