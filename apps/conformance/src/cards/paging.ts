/** PAG: every list comes in pages, and the pages are the list. */
import {
  ListCandlesRequest,
  ListFillsRequest,
  ListFundingPaymentsRequest,
  ListInstrumentsRequest,
  ListOpenOrdersRequest,
  ListPositionsRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Card, group } from '../card.ts';
import { method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expect, expectEqual, Mismatch } from '../suite/mismatch.ts';
import { take } from './order-life.ts';
import { firstInterval } from './topics.ts';

interface Page {
  readonly keys: readonly string[];
  readonly next: string;
}

type List = (pageSize: number, pageToken: string) => Promise<Page>;

const MOST_PAGES = 200;

/** The whole list, page by page. */
async function collect(list: List, pageSize: number): Promise<{ keys: string[]; pages: number }> {
  const keys: string[] = [];
  let token = '';
  for (let pages = 1; pages <= MOST_PAGES; pages++) {
    const page = await list(pageSize, token);
    expect(pageSize === 0 || page.keys.length <= pageSize, `at most ${pageSize} items a page`, `${page.keys.length}`);
    keys.push(...page.keys);
    if (page.next === '') return { keys, pages };
    expect(page.next !== token, 'another page token', 'the same again');
    token = page.next;
  }
  throw new Mismatch(`an end within ${MOST_PAGES} pages`, 'a page token on the last of them');
}

async function expectPages(list: List, atLeast: number): Promise<void> {
  const whole = await collect(list, 0);
  const inPages = await collect(list, 1);
  const missing = whole.keys.filter((key) => !inPages.keys.includes(key));
  expectEqual(missing, [], 'what stands in the list and on no page');
  expectEqual(new Set(inPages.keys).size, inPages.keys.length, 'the number of different items on all pages');
  expect(whole.keys.length >= atLeast, `at least ${atLeast} items`, `${whole.keys.length}`);
}

const instruments: Card = {
  id: 'PAG-01',
  title: 'ListInstruments comes in pages',
  manner: 'beside',
  needs: [method('ListInstruments')],
  action: 'List whole, and in pages of one.',
  expected: ['the same items, each once'],
  run: (bench) =>
    expectPages(async (pageSize, pageToken) => {
      const request = ListInstrumentsRequest.fromPartial({ pageSize, pageToken });
      const page = await bench.call(Service.listInstruments, request);
      return { keys: page.instruments.map(({ symbol }) => symbol), next: page.nextPageToken };
    }, 1),
};

const openOrders: Card = {
  id: 'PAG-02',
  title: 'ListOpenOrders comes in pages',
  manner: 'session',
  needs: [method('ListOpenOrders')],
  action: 'Place three resting orders; list whole, and in pages of one.',
  expected: ['the same items, each once'],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    for (let index = 0; index < 3; index++) await session.accept(bench.orders.resting(Side.BUY, quote));
    await expectPages(async (pageSize, pageToken) => {
      const request = ListOpenOrdersRequest.fromPartial({ symbol: bench.symbol, pageSize, pageToken });
      const page = await bench.call(Service.listOpenOrders, request);
      return { keys: page.orders.map(({ venueOrderId }) => venueOrderId), next: page.nextPageToken };
    }, 3);
  },
};

const fills: Card = {
  id: 'PAG-03',
  title: 'ListFills comes in pages',
  manner: 'session',
  needs: [method('ListFills')],
  action: 'Trade twice; list since the first trade whole, and in pages of one.',
  expected: ['the same items, each once'],
  async run(bench) {
    const session = await bench.session();
    const first = await take(bench, session, Side.BUY);
    await take(bench, session, Side.BUY);
    await bench.sleep(500);
    const sinceUs = first.fills[0]?.venueTimeUs ?? 0;
    await expectPages(async (pageSize, pageToken) => {
      const request = ListFillsRequest.fromPartial({ symbol: bench.symbol, sinceUs, pageSize, pageToken });
      const page = await bench.call(Service.listFills, request);
      return {
        keys: page.fills.map(({ tradeId, venueOrderId }) => `${tradeId} ${venueOrderId}`),
        next: page.nextPageToken,
      };
    }, 2);
  },
};

const candles: Card = {
  id: 'PAG-04',
  title: 'ListCandles comes in pages',
  manner: 'beside',
  needs: [method('ListCandles')],
  action: 'List the last six candles whole, and in pages of one.',
  expected: ['the same items, each once'],
  async run(bench) {
    const interval = firstInterval(bench);
    const recent = ListCandlesRequest.fromPartial({ symbol: bench.symbol, interval, pageSize: 100 });
    const { candles: known } = await bench.call(Service.listCandles, recent);
    const sinceUs = known.at(-6)?.openTimeUs ?? known[0]?.openTimeUs ?? 0;
    // A candle that begins between two looks would be on one list alone.
    const untilUs = (known.at(-1)?.openTimeUs ?? 0) + 1;
    await expectPages(async (pageSize, pageToken) => {
      const bounds = { symbol: bench.symbol, interval, sinceUs, untilUs };
      const request = ListCandlesRequest.fromPartial({ ...bounds, pageSize, pageToken });
      const page = await bench.call(Service.listCandles, request);
      return { keys: page.candles.map(({ openTimeUs }) => String(openTimeUs)), next: page.nextPageToken };
    }, 1);
  },
};

const positions: Card = {
  id: 'PAG-05',
  title: 'ListPositions comes in pages',
  manner: 'session',
  needs: [method('ListPositions')],
  action: 'Buy; list whole, and in pages of one.',
  expected: ['the same items, each once'],
  async run(bench) {
    const session = await bench.session();
    await take(bench, session, Side.BUY);
    await expectPages(async (pageSize, pageToken) => {
      const page = await bench.call(Service.listPositions, ListPositionsRequest.fromPartial({ pageSize, pageToken }));
      return { keys: page.positions.map(({ symbol, side }) => `${symbol} ${side}`), next: page.nextPageToken };
    }, 1);
  },
};

type Probe = readonly [name: string, ask: (bench: Bench, pageToken: string) => Promise<string>];

const PROBES: readonly Probe[] = [
  [
    'ListInstruments',
    async (bench, pageToken) => {
      const request = ListInstrumentsRequest.fromPartial({ pageToken });
      return (await bench.refusal(Service.listInstruments, request)).reasonName;
    },
  ],
  [
    'ListOpenOrders',
    async (bench, pageToken) => {
      const request = ListOpenOrdersRequest.fromPartial({ symbol: bench.symbol, pageToken });
      return (await bench.refusal(Service.listOpenOrders, request)).reasonName;
    },
  ],
  [
    'ListFills',
    async (bench, pageToken) => {
      const request = ListFillsRequest.fromPartial({ symbol: bench.symbol, pageToken });
      return (await bench.refusal(Service.listFills, request)).reasonName;
    },
  ],
  [
    'ListCandles',
    async (bench, pageToken) => {
      const request = ListCandlesRequest.fromPartial({
        symbol: bench.symbol,
        interval: firstInterval(bench),
        pageToken,
      });
      return (await bench.refusal(Service.listCandles, request)).reasonName;
    },
  ],
  [
    'ListFundingPayments',
    async (bench, pageToken) => {
      const request = ListFundingPaymentsRequest.fromPartial({ symbol: bench.symbol, pageToken });
      return (await bench.refusal(Service.listFundingPayments, request)).reasonName;
    },
  ],
];

const badToken: Card = {
  id: 'PAG-06',
  title: 'A page token that was not given is refused',
  manner: 'beside',
  needs: [],
  action: 'Ask each list that is served for the page "not-a-token".',
  expected: ['INVALID_FIELD'],
  async run(bench) {
    for (const [name, ask] of PROBES) {
      if (!bench.target.capabilities.methods.includes(name)) continue;
      expectEqual(await ask(bench, 'not-a-token'), 'INVALID_FIELD', `the refusal of ${name}`);
    }
  },
};

export const PAGING = group('PAG', 'Paging', [instruments, openOrders, fills, candles, positions, badToken]);
