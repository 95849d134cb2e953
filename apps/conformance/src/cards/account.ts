/** ACC: the account, as queries, and its settings. */

import { compare, isZero } from '@trunkline/proto/decimal';
import { MarginMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  ListFundingPaymentsRequest,
  ExchangeServiceService as Service,
  SetLeverageRequest,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { marginModes, method, perpetual } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { read } from '../suite/session.ts';
import { listFills } from './lists.ts';
import { take } from './order-life.ts';

const balances: Card = {
  id: 'ACC-01',
  title: 'GetBalances names each asset once, with no more available than there is',
  manner: 'beside',
  needs: [method('GetBalances')],
  action: 'GetBalances.',
  expected: ['different assets; available at most total, or unrealized profit above it on a perpetual account'],
  async run(bench) {
    const { balances: all, askedAtUs } = await bench.call(Service.getBalances, {});
    expect(askedAtUs > 0, 'asked_at_us', String(askedAtUs));
    expectEqual(new Set(all.map(({ asset }) => asset)).size, all.length, 'the number of different assets');
    for (const { asset, total, available } of all) {
      const [whole, free] = [read(total, `total of ${asset}`), read(available, `available of ${asset}`)];
      const isSpot = bench.target.capabilities.marginModes.length === 0;
      expect(!isSpot || compare(free, whole) <= 0, `no more ${asset} available than there is`, `${free} of ${whole}`);
    }
  },
};

const positions: Card = {
  id: 'ACC-02',
  title: 'ListPositions names each symbol and side once, flat ones without an entry price',
  manner: 'beside',
  needs: [method('ListPositions')],
  action: 'ListPositions.',
  expected: ['different symbols and sides; an entry price where there is a position'],
  async run(bench) {
    const { positions: all } = await bench.call(Service.listPositions, { pageSize: 0, pageToken: '' });
    const keys = all.map(({ symbol, side }) => `${symbol} ${side}`);
    expectEqual(new Set(keys).size, keys.length, 'the number of different positions');
    for (const { symbol, quantity, entryPrice } of all) {
      const isFlat = isZero(read(quantity, 'quantity'));
      expect(isFlat || entryPrice !== undefined, `an entry price of ${symbol}`, 'none');
    }
  },
};

const settings: Card = {
  id: 'ACC-03',
  title: 'GetAccountSettings tells how the account trades the symbol',
  manner: 'beside',
  needs: [method('GetAccountSettings')],
  action: 'GetAccountSettings.',
  expected: ['our symbol; a leverage above zero where there is one'],
  async run(bench) {
    const { settings: seen } = await bench.call(Service.getAccountSettings, { symbol: bench.symbol });
    expectEqual(seen?.symbol, bench.symbol, 'the symbol');
    expect(seen?.leverage === undefined || seen.leverage > 0, 'a leverage above zero', String(seen?.leverage));
  },
};

const leverage: Card = {
  id: 'ACC-04',
  title: 'A leverage that is set is read back',
  manner: 'session',
  needs: [method('SetLeverage'), method('GetAccountSettings')],
  action: 'Read the leverage; set another; read it; set the first again; set 0.',
  expected: ['SetLeverage answers what was set', 'GetAccountSettings says the same', 'INVALID_FIELD for 0'],
  async run(bench) {
    const before = (await leverageOf(bench)) ?? 5;
    const other = before === 7 ? 6 : 7;
    try {
      const set = await bench.call(Service.setLeverage, { symbol: bench.symbol, leverage: other });
      expectEqual(set.leverage, other, 'the leverage answered');
      expectEqual(await leverageOf(bench), other, 'the leverage read back');
    } finally {
      await bench.call(Service.setLeverage, { symbol: bench.symbol, leverage: before });
    }
    const none = SetLeverageRequest.fromPartial({ symbol: bench.symbol, leverage: 0 });
    expectEqual((await bench.refusal(Service.setLeverage, none)).reasonName, 'INVALID_FIELD', 'the refusal of 0');
  },
};

async function leverageOf(bench: Bench): Promise<number | undefined> {
  return (await bench.call(Service.getAccountSettings, { symbol: bench.symbol })).settings?.leverage;
}

const marginMode: Card = {
  id: 'ACC-05',
  title: 'A margin mode that is set is read back',
  manner: 'session',
  needs: [marginModes, perpetual, method('GetAccountSettings')],
  action: 'While flat: set ISOLATED; read it; set CROSS; read it; set no mode.',
  expected: ['ISOLATED', 'CROSS', 'INVALID_FIELD'],
  async run(bench) {
    const { settings: before } = await bench.call(Service.getAccountSettings, { symbol: bench.symbol });
    const first = before?.marginMode ?? MarginMode.CROSS;
    try {
      for (const mode of [MarginMode.ISOLATED, MarginMode.CROSS]) {
        await bench.call(Service.setMarginMode, { symbol: bench.symbol, marginMode: mode });
        const { settings: after } = await bench.call(Service.getAccountSettings, { symbol: bench.symbol });
        expectEqual(after && MarginMode[after.marginMode], MarginMode[mode], 'the margin mode read back');
      }
    } finally {
      const back = first === MarginMode.ISOLATED ? MarginMode.ISOLATED : MarginMode.CROSS;
      await bench.call(Service.setMarginMode, { symbol: bench.symbol, marginMode: back });
    }
    const refusal = await bench.refusal(Service.setMarginMode, { symbol: bench.symbol, marginMode: 0 });
    expectEqual(refusal.reasonName, 'INVALID_FIELD', 'the refusal of no mode');
  },
};

const fillsInOrder: Card = {
  id: 'ACC-06',
  title: 'ListFills is oldest first and begins where it was asked to',
  manner: 'session',
  needs: [method('ListFills')],
  action: 'Trade twice; ListFills since before the first, and since after the last.',
  expected: ['times that do not go down, none before since_us', 'an empty list'],
  async run(bench) {
    const session = await bench.session();
    const first = await take(bench, session, Side.BUY);
    await take(bench, session, Side.BUY);
    const sinceUs = first.fills[0]?.venueTimeUs ?? 0;
    const startedUs = bench.clock.monotonicUs();
    const ids = session.events.flatMap(({ event }) => (event?.$case === 'fill' ? [event.value.tradeId] : []));
    for (;;) {
      const fills = await listFills(bench, { sinceUs });
      const times = fills.map(({ venueTimeUs }) => venueTimeUs);
      const isSorted = times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0));
      expect(isSorted, 'times that do not go down', times.join(', '));
      expect(
        times.every((time) => time >= sinceUs),
        `nothing before ${sinceUs}`,
        times.join(', '),
      );
      const missing = ids.filter((id) => !fills.some(({ tradeId }) => tradeId === id));
      if (missing.length === 0) break;
      // Trade lists of venues lag behind their streams.
      const isLate = bench.clock.monotonicUs() - startedUs > LIST_LAG_US;
      expect(!isLate, `trades ${missing.join(', ')} in the list`, 'a list without them');
      await bench.sleep(200);
    }
    const later = await listFills(bench, { sinceUs: bench.clock.wallUs() + LATER_US });
    expectEqual(later.length, 0, 'fills of the future');
  },
};

const LIST_LAG_US = 5_000_000;
const LATER_US = 3_600_000_000;

const fundingPayments: Card = {
  id: 'ACC-07',
  title: 'ListFundingPayments is oldest first, of our symbol',
  manner: 'beside',
  needs: [method('ListFundingPayments')],
  action: 'ListFundingPayments of the last week.',
  expected: ['payments with an id and an amount, times that do not go down'],
  async run(bench) {
    const sinceUs = bench.clock.wallUs() - 6 * 86_400_000_000;
    const request = ListFundingPaymentsRequest.fromPartial({ symbol: bench.symbol, sinceUs });
    const { payments } = await bench.call(Service.listFundingPayments, request);
    const times = payments.map(({ venueTimeUs }) => venueTimeUs);
    expectEqual(
      times,
      [...times].sort((a, b) => a - b),
      'the times',
    );
    for (const { symbol, paymentId, amount } of payments) {
      expect(symbol === bench.symbol && paymentId !== '', 'our symbol and an id', `${symbol} ${paymentId}`);
      read(amount, 'amount');
    }
  },
};

export const ACCOUNT = group('ACC', 'Account', [
  balances,
  positions,
  settings,
  leverage,
  marginMode,
  fillsInOrder,
  fundingPayments,
]);
