import { expect, test } from 'bun:test';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { GetOrderRequest, SearchedSource } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Fill, Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { type SearchDialect, searchOrder } from './order-search.ts';

const clock = new VirtualClock();
const NOW_US = clock.wallUs();
const REFERENCE = { symbol: 'BTC/USDT:USDT', clientOrderId: 'a_1', venueOrderId: '' };
const ORDER = Order.fromPartial({ clientOrderId: 'a_1', venueOrderId: '9', filledQuantity: '0' });
const busy = () => Promise.reject(new ExchangeError(ErrorReason.VENUE_UNAVAILABLE, 'busy'));

const nowhere: SearchDialect = {
  historyKeptMs: 3 * 86_400_000,
  byId: async () => undefined,
  openOrders: async () => ({ order: undefined, complete: true }),
  history: async () => ({ order: undefined, complete: true }),
  trades: async () => ({ fills: [], complete: true }),
};

async function search(dialect: Partial<SearchDialect>, request: Partial<GetOrderRequest> = {}) {
  const full = {
    order: REFERENCE,
    sentAtUs: NOW_US - 5_000_000,
    settledAtUs: NOW_US - 1,
    fullSearch: true,
    ...request,
  };
  return (await searchOrder(GetOrderRequest.fromPartial(full), { ...nowhere, ...dialect }, clock)).answer;
}

test('absence is proved when every source answered completely, late enough', async () => {
  expect(await search({})).toMatchObject({
    $case: 'absent',
    value: { proved: true, reason: '', searchedAtUs: NOW_US },
  });
});

test.each<[string, Partial<SearchDialect>, Partial<GetOrderRequest>, string]>([
  ['a source failed', { history: busy }, {}, 'ORDER_HISTORY failed'],
  ['the lookup by id failed', { byId: busy }, {}, 'BY_ID failed'],
  ['a list has more than was read', { history: async () => ({ order: undefined, complete: false }) }, {}, 'has more'],
  [
    'the trades have more than was read',
    { trades: async () => ({ fills: [], complete: false }) },
    {},
    'trade list has more',
  ],
  ['the order could still appear', {}, { settledAtUs: NOW_US + 1 }, 'could still appear'],
  ['nobody said when it settles', {}, { settledAtUs: 0 }, 'could still appear'],
  ['nobody said when it was sent', {}, { sentAtUs: 0 }, 'sent_at'],
  ['the history is not kept that long', {}, { sentAtUs: NOW_US - 4 * 86_400_000_000 }, 'no history that old'],
  ['only the id was asked', {}, { fullSearch: false }, 'only asked by id'],
  [
    'trades name an order that no list has',
    { trades: async () => ({ fills: [Fill.fromPartial({ tradeId: '1' })], complete: true }) },
    {},
    'trades name the order',
  ],
])('absence is not proved when %s', async (_, dialect, request, reason) => {
  const answer = await search(dialect, request);
  if (answer?.$case !== 'absent') throw new Error('found');
  expect(answer.value.proved).toBe(false);
  expect(answer.value.reason).toContain(reason);
});

test('an order found anywhere is found, even if other sources failed', async () => {
  expect(await search({ byId: busy, history: async () => ({ order: ORDER, complete: true }) })).toMatchObject({
    $case: 'found',
  });
});

test('a found order with executions brings its fills', async () => {
  const fill = Fill.fromPartial({ tradeId: '5' });
  const asked: string[] = [];
  const answer = await search({
    byId: async () => ({ ...ORDER, filledQuantity: '1' }),
    trades: async (order) => {
      asked.push(order.venueOrderId);
      return { fills: [fill], complete: true };
    },
  });
  expect(answer).toMatchObject({ $case: 'found', value: { fills: [{ tradeId: '5' }] } });
  expect(asked).toEqual(['9']);
});

test('a failed source is not said to have been searched', async () => {
  const answer = await search({ openOrders: busy });
  if (answer?.$case !== 'absent') throw new Error('found');
  expect(answer.value.searched).toEqual([SearchedSource.BY_ID, SearchedSource.ORDER_HISTORY, SearchedSource.TRADES]);
});

test('asked by id alone, a failure is the caller\u2019s to know', async () => {
  await expect(search({ byId: busy }, { fullSearch: false })).rejects.toBeInstanceOf(ExchangeError);
});
