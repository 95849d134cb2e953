/** Paging over a venue that gives the newest first, a thousand at a time. */
import { expect, test } from 'bun:test';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type AskTrades, listTrades, PAGE } from './trades.ts';

const NOW_US = 1_700_000_000_500_000;
const SECOND_US = 1_000_000;

/** The venue with `count` trades, `perSecond` of them in each of the last seconds. */
function venue(
  count: number,
  perSecond: number,
): { readonly ask: AskTrades; readonly asked: () => number; ids: string[] } {
  let asked = 0;
  const fills = Array.from({ length: count }, (_, index) => {
    const secondsAgo = Math.floor((count - 1 - index) / perSecond);
    return Fill.fromPartial({
      tradeId: String(index + 1),
      venueOrderId: '7',
      venueTimeUs: NOW_US - secondsAgo * SECOND_US,
    });
  });
  return {
    ids: fills.map(({ tradeId }) => tradeId),
    asked: () => asked,
    async ask({ from, to }, page) {
      asked++;
      const within = fills.filter(({ venueTimeUs }) => {
        const second = Math.floor(venueTimeUs / SECOND_US);
        return second >= from && second <= to;
      });
      return within.reverse().slice(page * PAGE, (page + 1) * PAGE);
    },
  };
}

async function all(ask: AskTrades, sinceUs: number, pageSize: number): Promise<string[]> {
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await listTrades({ sinceUs, pageSize, pageToken }, ask, NOW_US);
    seen.push(...page.fills.map(({ tradeId }) => tradeId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return seen;
}

test.each([
  [5, 1, 2],
  [5, 5, 2],
  [2_500, 10, 1_000],
  [12_000, 50, 1_000],
])('%d trades, %d a second, come out once and oldest first in pages of %d', async (count, perSecond, pageSize) => {
  const { ask, ids } = venue(count, perSecond);
  expect(await all(ask, 0, pageSize)).toEqual(ids);
});

test('what is older than asked for is left out, to the microsecond', async () => {
  const { ask } = venue(5, 1);
  expect(await all(ask, NOW_US - 2 * SECOND_US, 2)).toEqual(['3', '4', '5']);
  expect(await all(ask, NOW_US - 2 * SECOND_US + 1, 2)).toEqual(['4', '5']);
});

test('a time long ago is reached window by window', async () => {
  const { ask, asked, ids } = venue(3, 1);
  expect(await all(ask, NOW_US - 30 * 86_400 * SECOND_US, 2)).toEqual(ids);
  expect(asked()).toBeLessThan(10);
});

test('a page token of another list is refused', async () => {
  const { ask } = venue(1, 1);
  const refused = await listTrades({ sinceUs: 0, pageSize: 2, pageToken: 'i42' }, ask, NOW_US).catch((error) => error);
  expect(refused).toBeInstanceOf(ExchangeError);
});
