/** Random trading through the whole core. A failure prints its seed; `SEED=n` replays it. */
import { describe, expect, test } from 'bun:test';
import { add, compare, decimal, multiply, negate, price, quantity, subtract, sum } from '@trunkline/proto/decimal';
import { type Rng, seededRng } from '@trunkline/proto/rng';
import type { Core } from './core-api.ts';
import type { CoreEvent } from './events.ts';
import { INSTRUMENT, newOrder, SYMBOL, testVenue } from './test-support.ts';
import type { Fill, Level, Side } from './types.ts';

const SEEDS = process.env['SEED'] === undefined ? [1, 2, 3] : [Number(process.env['SEED'])];
const ALL = { limit: 100_000 };

describe.each(SEEDS)('seed %d', (seed) => {
  test('what is bought is sold, positions and wallets are the sum of the fills, and the deltas give the book', async () => {
    const { core, clock, events } = await testVenue({
      rng: seededRng(seed),
      market: { kind: 'order_flow', markets: [{ instrument: INSTRUMENT, startPrice: price('60000') }] },
    });
    const before = core.book(SYMBOL, 10_000);
    const rng = seededRng(seed).fork('requests');
    for (let count = 0; count < 600; count++) {
      act(core, rng, count);
      clock.advance(rng.integer(20));
      const bid = core.book(SYMBOL, 1)?.bids[0]?.[0];
      const ask = core.book(SYMBOL, 1)?.asks[0]?.[0];
      if (bid !== undefined && ask !== undefined) expect(compare(bid, ask)).toBe(-1);
    }
    const fills = [...core.fills('a', SYMBOL, ALL), ...core.fills('b', SYMBOL, ALL)];
    expect(fills.length).toBeGreaterThan(100);
    expectPublicTrades(events, fills);
    for (const accountId of ['a', 'b']) expectMoney(core, accountId);
    for (const accountId of ['a', 'b']) expectOrders(core, accountId);
    expect(bookOf(events, before)).toEqual(bookOf([], core.book(SYMBOL, 10_000)));
    expect(chainOf(events)).toEqual([]);
    await core.close();
  });
});

test('the same seed gives the same events', async () => {
  const run = async (seed: number) => {
    const { core, clock, events } = await testVenue({
      rng: seededRng(seed),
      market: { kind: 'order_flow', markets: [{ instrument: INSTRUMENT, startPrice: price('60000') }] },
    });
    const rng = seededRng(seed);
    for (let count = 0; count < 100; count++) {
      act(core, rng, count);
      clock.advance(10);
    }
    await core.close();
    return JSON.stringify(events);
  };
  const [one, again, other] = [await run(7), await run(7), await run(8)];
  expect(one === again).toBe(true);
  expect(one === other).toBe(false);
});

function act(core: Core, rng: Rng, count: number): void {
  const accountId = rng.integer(2) === 0 ? 'a' : 'b';
  const side: Side = rng.integer(2) === 0 ? 'buy' : 'sell';
  const away = rng.integer(20) - 4;
  const at = price(String(Number(core.bestQuote(SYMBOL)?.bid[0] ?? '60000').toFixed(0)));
  const offset = decimal(String(away / 10));
  const limit = side === 'buy' ? subtract(at, offset) : add(at, offset);
  const timeInForce = (['gtc', 'gtc', 'ioc', 'fok', 'gtx'] as const)[rng.integer(5)] ?? 'gtc';
  const amount = quantity(`0.${String(1 + rng.integer(99)).padStart(3, '0')}`);
  const open = core.openOrders(accountId);
  const existing = open[rng.integer(Math.max(1, open.length))];
  const choice = rng.integer(10);
  if (choice < 7 || existing === undefined) {
    const type = rng.integer(8) === 0 ? 'market' : 'limit';
    const terms = { accountId, side, timeInForce, quantity: amount, reduceOnly: rng.integer(5) === 0, type } as const;
    const clientOrderId = `c${count}`;
    core.place(
      type === 'market'
        ? newOrder({ clientOrderId, ...terms })
        : newOrder({ clientOrderId, ...terms, price: price(limit) }),
    );
    return;
  }
  const named = { accountId, symbol: SYMBOL, order: { by: 'venue', venueOrderId: existing.venueOrderId } } as const;
  if (choice < 8) core.cancel(named);
  else core.amend({ ...named, price: choice === 8 ? price(limit) : (existing.price ?? at), quantity: amount });
}

/** Every fill is one side of a public trade, and no trade has more of a side than its quantity. */
function expectPublicTrades(events: readonly CoreEvent[], fills: readonly Fill[]): void {
  const trades = new Map(
    events.flatMap((event) => (event.kind === 'trade' ? [[event.trade.tradeId, event.trade]] : [])),
  );
  for (const fill of fills) {
    const trade = trades.get(fill.tradeId);
    expect(trade?.quantity).toBe(fill.quantity);
    expect(trade?.price).toBe(fill.price);
    expect(trade?.buyerIsMaker).toBe(fill.maker === (fill.side === 'buy'));
  }
  const seen = fills.map((fill) => `${fill.tradeId}/${fill.side}`);
  expect(new Set(seen).size).toBe(seen.length);
}

function expectMoney(core: Core, accountId: string): void {
  const fills = core.fills(accountId, SYMBOL, ALL);
  const account = core.account(accountId);
  const position = account?.positions.find(({ symbol }) => symbol === SYMBOL);
  const signed = fills.map((fill) => (fill.side === 'buy' ? decimal(fill.quantity) : negate(decimal(fill.quantity))));
  expect(position?.quantity).toBe(sum(signed));
  const realized = sum(fills.map((fill) => fill.realizedPnl));
  const fees = sum(fills.map((fill) => fill.fee));
  expect(account?.assets[0]?.walletBalance).toBe(subtract(add(decimal('1000000'), realized), fees));
  // All that was paid and received is either realised or still in the cost of the open position.
  const cash = sum(fills.map((fill, index) => negate(multiply(fill.price, signed[index] ?? decimal('0')))));
  expect(add(realized, negate(position?.cost ?? decimal('0')))).toBe(cash);
}

function expectOrders(core: Core, accountId: string): void {
  for (const order of core.orders(accountId, SYMBOL, ALL)) {
    const fills = core.fills(accountId, SYMBOL, { ...ALL, venueOrderId: order.venueOrderId });
    expect(order.executedQuantity).toBe(quantity(sum(fills.map((fill) => fill.quantity))));
    expect(order.executedQuote).toBe(sum(fills.map((fill) => multiply(fill.price, fill.quantity))));
    expect(order.status === 'filled').toBe(order.executedQuantity === order.quantity && order.end === undefined);
  }
}

function bookOf(events: readonly CoreEvent[], start: { bids: readonly Level[]; asks: readonly Level[] } | undefined) {
  const bids = new Map(start?.bids);
  const asks = new Map(start?.asks);
  for (const event of events) {
    if (event.kind !== 'book_delta') continue;
    for (const [at, amount] of event.delta.bids) amount === '0' ? bids.delete(at) : bids.set(at, amount);
    for (const [at, amount] of event.delta.asks) amount === '0' ? asks.delete(at) : asks.set(at, amount);
  }
  return { bids: [...bids].sort(), asks: [...asks].sort() };
}

/** Deltas that do not follow the one before. */
function chainOf(events: readonly CoreEvent[]) {
  const deltas = events.flatMap((event) => (event.kind === 'book_delta' ? [event.delta] : []));
  return deltas.filter((delta, index) => {
    const before = deltas[index - 1];
    const isWhole = delta.lastUpdateId - delta.firstUpdateId + 1 === delta.bids.length + delta.asks.length;
    return !isWhole || (before !== undefined && delta.previousUpdateId !== before.lastUpdateId);
  });
}
