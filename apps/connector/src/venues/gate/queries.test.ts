/** Windows of candles: which are asked for, and where a list goes on. */
import { expect, test } from 'bun:test';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ListCandlesRequest } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { CandleInterval } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type { Request } from './client.ts';
import { FUTURES, SPOT } from './market-kind.ts';
import { commonQueries } from './queries.ts';
import { SYMBOL, scriptedAsking } from './testing/scripted-asking.ts';

const MINUTE = 60;
/** The minute of the scripted clock. */
const NOW = 1_699_999_980;

function asking() {
  const asked: Request[] = [];
  const made = scriptedAsking(SPOT, async (request) => {
    asked.push(request);
    const { from = 0, to = 0 } = request.query ?? {};
    const count = (Number(to) - Number(from)) / MINUTE + 1;
    return Array.from({ length: count }, (_, index) => [
      ...[String(Number(from) + index * MINUTE), '0', '3', '4', '1', '2', '5', 'true'],
    ]);
  });
  const list = (fields: Partial<ListCandlesRequest>) =>
    commonQueries(made).listCandles(
      ListCandlesRequest.fromPartial({ symbol: SYMBOL, interval: CandleInterval.CANDLE_INTERVAL_1M, ...fields }),
    );
  return { asked, list };
}

test('without a beginning the latest candles come', async () => {
  const { asked, list } = asking();
  const { candles, nextPageToken } = await list({ pageSize: 3 });
  expect(asked[0]?.query).toMatchObject({ interval: '1m', from: NOW - 2 * MINUTE, to: NOW });
  expect(candles.map(({ openTimeUs }) => openTimeUs / 1_000_000)).toEqual([NOW - 2 * MINUTE, NOW - MINUTE, NOW]);
  expect(nextPageToken).toBe('');
});

test('pages follow each other without a hole, and the last ends the list', async () => {
  const { list } = asking();
  const sinceUs = (NOW - 4 * MINUTE) * 1_000_000 - 1;
  const seen: number[] = [];
  let pageToken = '';
  do {
    const page = await list({ sinceUs, untilUs: NOW * 1_000_000, pageSize: 3, pageToken });
    seen.push(...page.candles.map(({ openTimeUs }) => openTimeUs / 1_000_000));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual([4, 3, 2, 1].map((minutes) => NOW - minutes * MINUTE));
});

test('what is older than the venue keeps is not asked for', async () => {
  const { asked, list } = asking();
  await list({ sinceUs: 1, pageSize: 2 });
  expect(asked[0]?.query).toMatchObject({ from: NOW - 9_999 * MINUTE, to: NOW - 9_998 * MINUTE });
});

test('a range that holds no candle asks for none', async () => {
  const { asked, list } = asking();
  const sinceUs = NOW * 1_000_000 + 1;
  expect(await list({ sinceUs })).toMatchObject({ candles: [], nextPageToken: '' });
  expect(asked).toEqual([]);
});

test('a page token that is no beginning of a candle is refused', async () => {
  const { list } = asking();
  expect(await list({ pageToken: `${NOW + 1}` }).catch((error) => error)).toBeInstanceOf(ExchangeError);
});

test.each([
  [SPOT, '/spot/countdown_cancel_all', { timeout: 8, currency_pair: 'BTC_USDT' }],
  [FUTURES, '/futures/usdt/countdown_cancel_all', { timeout: 8, contract: 'BTC_USDT' }],
])('the countdown is told in whole seconds, and not a moment less', async (kind, path, body) => {
  const asked: Request[] = [];
  const made = scriptedAsking(kind, async (request) => asked.push(request));
  await commonQueries(made).armDeadMan(SYMBOL, 7_001);
  expect(asked).toEqual([{ method: 'POST', path, body }]);
});
