import { expect, test } from 'bun:test';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Json } from '../fields.ts';
import { listFills } from './fills.ts';
import { readUserTrade } from './order-mapper.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 30 * DAY_MS;
const read = (entry: Json) => readUserTrade(entry, { symbol: 'BTC/USDT:USDT', receivedAtUs: 1 });

/** A trade list that keeps Binance's rules: 7 days a window, `fromId` without times, oldest first. */
function venue(trades: readonly { id: number; time: number }[]) {
  const asked: Record<string, string | number>[] = [];
  const ask = async (parameters: Record<string, string | number>) => {
    asked.push(parameters);
    const { startTime, endTime, fromId, limit } = parameters;
    if (fromId !== undefined && (startTime !== undefined || endTime !== undefined)) throw new Error('-1128');
    if (startTime !== undefined && Number(endTime) - Number(startTime) >= 7 * DAY_MS) throw new Error('-4166');
    return trades
      .filter((trade) => fromId === undefined || trade.id >= Number(fromId))
      .filter((trade) => startTime === undefined || (trade.time >= Number(startTime) && trade.time <= Number(endTime)))
      .slice(0, Number(limit))
      .map(({ id, time }) => ({
        id,
        time,
        orderId: 1,
        side: 'BUY',
        price: '1',
        qty: '1',
        commission: '0',
        commissionAsset: 'USDT',
        maker: true,
        realizedPnl: '0',
      }));
  };
  return { ask, asked };
}

async function all(request: Partial<ListFillsRequest>, trades: readonly { id: number; time: number }[]) {
  const { ask, asked } = venue(trades);
  const ids: string[] = [];
  let pageToken = '';
  do {
    const page = await listFills(ListFillsRequest.fromPartial({ ...request, pageToken }), {
      ask,
      read,
      windowMs: 7 * DAY_MS - 1,
      nowMs: NOW_MS,
    });
    ids.push(...page.fills.map((fill) => fill.tradeId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && asked.length < 50);
  return { ids, asked };
}

test('a list that begins weeks ago walks in windows of at most 7 days, empty ones included', async () => {
  const trades = [
    { id: 1, time: 2 * DAY_MS },
    { id: 2, time: 20 * DAY_MS },
    { id: 3, time: NOW_MS - 1 },
  ];
  const { ids, asked } = await all({ sinceUs: DAY_MS * 1_000 }, trades);
  expect(ids).toEqual(['1', '2', '3']);
  expect(asked.length).toBe(5);
});

test('more than a page in one millisecond is read whole', async () => {
  const trades = Array.from({ length: 7 }, (_, index) => ({ id: index + 1, time: NOW_MS - 5 }));
  const { ids } = await all({ sinceUs: (NOW_MS - 10) * 1_000, pageSize: 3 }, trades);
  expect(ids).toEqual(['1', '2', '3', '4', '5', '6', '7']);
});

test('without a start the list begins with the first trade', async () => {
  const { ids, asked } = await all({ sinceUs: 0 }, [{ id: 5, time: 1 }]);
  expect(ids).toEqual(['5']);
  expect(asked).toEqual([{ fromId: '0', limit: 500 }]);
});

test('one order\u2019s trades are asked by its id alone', async () => {
  const { asked } = await all({ sinceUs: 1, venueOrderId: '77' }, []);
  expect(asked).toEqual([{ orderId: '77', limit: 1_000 }]);
});

test('a page token of another list is refused', async () => {
  const { ask } = venue([]);
  const request = ListFillsRequest.fromPartial({ pageToken: '12; drop' });
  await expect(listFills(request, { ask, read, windowMs: 7 * DAY_MS - 1, nowMs: NOW_MS })).rejects.toBeInstanceOf(
    ExchangeError,
  );
});
