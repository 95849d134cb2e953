import { expect, test } from 'bun:test';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ListFillsRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type AskFills, listFills } from './fills.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_000 * DAY_MS;

interface TradeAt {
  readonly id: number;
  readonly ms: number;
}

/** A trade list that keeps Bitget's rules: newest first, at most `most` in one walk. */
function venue(trades: readonly TradeAt[], most: number) {
  const windows: number[] = [];
  const ask: AskFills = async ({ startTime, endTime, orderId }) => {
    windows.push(Number(endTime) - Number(startTime));
    const found = trades
      .filter(({ ms }) => ms >= Number(startTime) && ms <= Number(endTime))
      .filter(({ id }) => orderId === undefined || id % 2 === Number(orderId))
      .toSorted((a, b) => b.ms - a.ms || b.id - a.id);
    const fills = found
      .slice(0, most)
      .map(({ id, ms }) => Fill.fromPartial({ tradeId: String(id), venueTimeUs: ms * 1_000, quantity: '1' }));
    return { fills, complete: found.length <= most };
  };
  return { ask, windows };
}

async function readAll(ask: AskFills, request: Partial<ListFillsRequest>) {
  const ids: number[] = [];
  const sizes: number[] = [];
  let pageToken = '';
  do {
    const page = await listFills(ListFillsRequest.fromPartial({ ...request, pageToken }), { ask, nowMs: NOW_MS });
    ids.push(...page.fills.map(({ tradeId }) => Number(tradeId)));
    sizes.push(page.fills.length);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return { ids, sizes };
}

/** Two a millisecond, over some days, and a burst. */
const TRADES: TradeAt[] = [
  ...Array.from({ length: 60 }, (_, index) => ({ id: index + 1, ms: NOW_MS - 80 * DAY_MS + (index >> 1) * DAY_MS })),
  ...Array.from({ length: 200 }, (_, index) => ({ id: 1_000 + index, ms: NOW_MS - 5_000_000 + (index >> 1) })),
];
const ALL = TRADES.map(({ id }) => id);

test.each([0, 1, 7, 50])('with pages of %d every fill comes once, oldest first', async (pageSize) => {
  const { ask } = venue(TRADES, 1_000);
  const { ids, sizes } = await readAll(ask, { pageSize });
  expect(ids).toEqual(ALL);
  if (pageSize > 0) expect(Math.max(...sizes)).toBeLessThanOrEqual(pageSize);
});

test('a window that holds more than a walk may read is made smaller until it does not', async () => {
  const { ask } = venue(TRADES, 100);
  // The burst lasts 100 ms: no window of a second may cut it.
  const spread = TRADES.map(({ id, ms }) => ({ id, ms: id < 1_000 ? ms : NOW_MS - 5_000_000 + (id - 1_000) * 30_000 }));
  const wide = venue(
    spread.filter(({ ms }) => ms <= NOW_MS),
    20,
  );
  const { ids } = await readAll(wide.ask, {});
  expect(ids).toEqual(spread.filter(({ ms }) => ms <= NOW_MS).map(({ id }) => id));
  expect(await readAll(ask, {}).catch((error: unknown) => error)).toBeInstanceOf(ExchangeError);
});

test('nothing older than the venue keeps is asked for, and nothing at all costs one request', async () => {
  const { ask, windows } = venue([], 100);
  const { ids } = await readAll(ask, { sinceUs: 0 });
  expect(ids).toEqual([]);
  expect(windows).toEqual([90 * DAY_MS]);
});

test('since is inclusive, and an order\u2019s own fills can be asked for', async () => {
  const { ask } = venue(TRADES, 1_000);
  const since = TRADES[160];
  const { ids } = await readAll(ask, { sinceUs: (since?.ms ?? 0) * 1_000 });
  expect(ids[0]).toBe(since?.id);
  const odd = await readAll(ask, { venueOrderId: '1' });
  expect(odd.ids).toEqual(ALL.filter((id) => id % 2 === 1));
});

test('a token that this list did not make is refused', async () => {
  const { ask } = venue([], 100);
  const request = ListFillsRequest.fromPartial({ pageToken: 'x' });
  expect(await listFills(request, { ask, nowMs: NOW_MS }).catch((error: unknown) => error)).toBeInstanceOf(
    ExchangeError,
  );
});
