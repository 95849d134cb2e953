/** Lists of orders that change while they are read page by page. */
import { expect, test } from 'bun:test';
import { readOpenOrders } from './asking.ts';
import type { Request } from './client.ts';
import { FUTURES, type MarketKind, SPOT } from './market-kind.ts';
import { SYMBOL, scriptedAsking } from './testing/scripted-asking.ts';

const spotOrder = (id: number) => ({
  id: String(id),
  text: `t-a${id}`,
  side: 'buy',
  type: 'limit',
  amount: '1',
  left: '1',
  price: '2',
  status: 'open',
  time_in_force: 'gtc',
  update_time_ms: 1_700_000_000_000 + id,
});
const futuresOrder = (id: number) => ({
  id,
  text: `t-a${id}`,
  size: 5,
  left: 5,
  price: '2',
  status: 'open',
  tif: 'gtc',
  create_time: 1_700_000_000 + id,
});

/** A venue with these orders, where `change` happens after each page. */
function asking(kind: MarketKind, ids: number[], change: (page: number) => void) {
  const asked: Request[] = [];
  const made = scriptedAsking(kind, async (request) => {
    asked.push(request);
    const { query = {} } = request;
    const limit = Number(query['limit']);
    const from = query['page'] === undefined ? Number(query['offset']) : (Number(query['page']) - 1) * limit;
    const page = ids.slice(from, from + limit).map((id) => (kind.market === 'spot' ? spotOrder(id) : futuresOrder(id)));
    change(asked.length);
    return page;
  });
  return { made, asked };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

for (const kind of [SPOT, FUTURES]) {
  test(`one page of ${kind.market} orders is asked for once`, async () => {
    const { made, asked } = asking(kind, upTo(99), () => {});
    const { orders, complete } = await readOpenOrders(made, SYMBOL);
    expect([orders.length, complete, asked.length]).toEqual([99, true, 1]);
    expect(asked[0]?.query).toMatchObject({ [kind.symbolField]: 'BTC_USDT', status: 'open', limit: 100 });
  });

  test(`an order of ${kind.market} that an end before it moved out of sight is seen all the same`, async () => {
    const ids = upTo(150);
    const { made, asked } = asking(kind, ids, (page) => {
      // The first order ends between the first two pages: number 101 slips to the place before the second.
      if (page === 1) ids.shift();
    });
    const { orders, complete } = await readOpenOrders(made, SYMBOL);
    expect(complete).toBe(true);
    expect(orders.map(({ venueOrderId }) => Number(venueOrderId)).sort((a, b) => a - b)).toEqual(upTo(150));
    expect(asked.length).toBe(4);
  });

  test(`what was looked for in ${kind.market} ends the reading`, async () => {
    const { made, asked } = asking(kind, upTo(150), () => {});
    const { orders } = await readOpenOrders(made, SYMBOL, (page) =>
      page.some(({ clientOrderId }) => clientOrderId === 'a7'),
    );
    expect(orders.some(({ clientOrderId }) => clientOrderId === 'a7')).toBe(true);
    expect(asked.length).toBe(1);
  });
}
