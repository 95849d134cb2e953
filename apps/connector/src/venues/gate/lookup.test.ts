/** What Gate's lists prove of an order that is not found. */
import { expect, test } from 'bun:test';
import { OrderReference } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Request } from './client.ts';
import { gateSearch } from './lookup.ts';
import { FUTURES } from './market-kind.ts';
import { SYMBOL, scriptedAsking } from './testing/scripted-asking.ts';

const SENT_S = 1_700_000_000;
const PAGE = 100;

const ended = (id: number, createdS: number, finishedS: number) => ({
  id,
  text: `t-a${id}`,
  size: 5,
  left: 5,
  price: '2',
  status: 'finished',
  finish_as: 'cancelled',
  tif: 'gtc',
  create_time: createdS,
  finish_time: finishedS,
});

/** A venue that keeps these, newest end first. */
function search(orders: readonly object[]) {
  const asked: Request[] = [];
  const asking = scriptedAsking(FUTURES, async (request) => {
    asked.push(request);
    const offset = Number(request.query?.['offset']);
    return orders.slice(offset, offset + PAGE);
  });
  return { asked, history: gateSearch(asking).history };
}

const wanted = OrderReference.fromPartial({ symbol: SYMBOL, clientOrderId: 'a7' });

test('old orders that ended after the wanted one do not hide it', async () => {
  // A day's resting orders are cancelled at once, just after ours was.
  const old = Array.from({ length: 150 }, (_, index) => ended(1_000 + index, SENT_S - 86_400, SENT_S + 3));
  const { history } = search([...old, ended(7, SENT_S, SENT_S + 1)]);
  const { order } = await history(wanted, SENT_S * 1_000_000);
  expect(order?.clientOrderId).toBe('a7');
});

test('the list is read no further than to a page that ended before the send', async () => {
  const old = Array.from({ length: 500 }, (_, index) => ended(1_000 + index, SENT_S - 86_400, SENT_S - 10 - index));
  const { history, asked } = search(old);
  expect(await history(wanted, SENT_S * 1_000_000)).toEqual({ order: undefined, complete: true });
  expect(asked.length).toBe(1);
});
