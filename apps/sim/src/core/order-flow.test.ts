import { expect, test } from 'bun:test';
import { decimal, multiply, price, quantity } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import type { Core } from './core-api.ts';
import { INSTRUMENT, newOrder, SYMBOL, testVenue } from './test-support.ts';

const LEVELS = 5;
const SPACING_TICKS = 3;

test('a post-only grid near the touch fills more than ten times a second, in a book of 50 levels and more', async () => {
  const market = { kind: 'order_flow', markets: [{ instrument: INSTRUMENT, startPrice: price('60000') }] } as const;
  const { core, clock, events } = await testVenue({ rng: seededRng(3), market });
  const seconds = 20;
  let shallowest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < seconds * 10; step++) {
    quote(core, step);
    clock.advance(100);
    const book = core.book(SYMBOL, 1_000);
    shallowest = Math.min(shallowest, book?.bids.length ?? 0, book?.asks.length ?? 0);
  }
  const fills = events.filter((event) => event.kind === 'fill').length;
  expect(fills / seconds).toBeGreaterThan(10);
  expect(shallowest).toBeGreaterThanOrEqual(50);
  const marks = events.filter((event) => event.kind === 'mark_price').length;
  expect(marks).toBe(seconds);
  await core.close();
});

test('two minutes of trading make a candle a minute, whose trades are the public ones', async () => {
  const market = { kind: 'order_flow', markets: [{ instrument: INSTRUMENT, startPrice: price('60000') }] } as const;
  const { core, clock, events } = await testVenue({ market });
  clock.advance(120_000);
  const candles = core.candles(SYMBOL, 60_000, { limit: 10 });
  const [both] = core.candles(SYMBOL, 300_000, { limit: 10 });
  expect(candles.length).toBe(2);
  const trades = events.filter((event) => event.kind === 'trade').length;
  expect(both?.trades).toBe(trades);
  expect(both?.open).toBe(candles[0]?.open ?? price('0'));
  expect(both?.close).toBe(candles[1]?.close ?? price('0'));
  await core.close();
});

/** Withdraws the grid where it is no longer wanted and quotes the levels that are free. */
function quote(core: Core, step: number): void {
  const best = core.bestQuote(SYMBOL);
  if (best === undefined) return;
  for (const side of ['buy', 'sell'] as const) {
    for (let level = 0; level < LEVELS; level++) {
      const ticks = multiply(decimal(String(level * SPACING_TICKS)), INSTRUMENT.tickSize);
      const [touch] = side === 'buy' ? best.bid : best.ask;
      const at = price(String((Number(touch) + (side === 'buy' ? -1 : 1) * Number(ticks)).toFixed(1)));
      const mine = core.openOrders('a', SYMBOL).filter((order) => order.side === side);
      if (mine.some((order) => order.price === at)) continue;
      const oldest = mine[0];
      if (mine.length >= LEVELS && oldest !== undefined)
        core.cancel({ accountId: 'a', symbol: SYMBOL, order: { by: 'venue', venueOrderId: oldest.venueOrderId } });
      const terms = { side, timeInForce: 'gtx', price: at, quantity: quantity('0.01') } as const;
      core.place(newOrder({ clientOrderId: `g${step}_${side}_${level}`, ...terms }));
    }
  }
}
