import { expect, test } from 'bun:test';
import { add, compare, type Decimal, decimal, negate, price, quantity, subtract, ZERO } from '@trunkline/proto/decimal';
import { type ClientOrderId, literal, parseClientOrderId, parseSymbol } from '@trunkline/proto/ids';
import { seededRng } from '@trunkline/proto/rng';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createGrid } from './grid.ts';
import { type GridSettings, gridSlots, latticeStep } from './grid-plan.ts';
import type { LimitRequest, StrategyInstrument, StrategyOrder } from './strategy.ts';

const instrument: StrategyInstrument = {
  symbol: literal(parseSymbol, 'BTC/USDT:USDT'),
  tickSize: decimal('0.1'),
  quantityStep: decimal('0.001'),
  minQuantity: decimal('0.001'),
  minNotional: decimal('5'),
  makerFeeRate: decimal('0.0002'),
};
const settings: GridSettings = {
  levels: 3,
  spacingBps: decimal('1'),
  halfSpreadBps: decimal('1'),
  quantity: quantity('0.01'),
  maxPosition: quantity('0.05'),
};

test('no slot is nearer to the anchor than the maker fee, and none lies off the tick', () => {
  const anchor = price('60000');
  const step = latticeStep(settings, instrument, anchor);
  expect(step).toBe(decimal('6'));
  const slots = gridSlots(settings, instrument, anchor, step);
  expect(slots.map((slot) => `${slot.side} ${slot.price}`)).toEqual([
    'buy 59988',
    'buy 59982',
    'buy 59976',
    'sell 60012',
    'sell 60018',
    'sell 60024',
  ]);
});

test('the grid fills its slots once, and refills one that was filled', () => {
  const desk = new Desk();
  desk.quote('59999.9', '60000.1');
  expect(desk.prices()).toEqual(['59976', '59982', '59988', '60012', '60018', '60024']);
  desk.quote('59999.8', '60000.2');
  expect(desk.placed).toBe(6);
  desk.fill('59988');
  desk.tick();
  expect(desk.prices()).toContain('59988');
  expect(desk.placed).toBe(7);
});

test('no more is placed than the order rate has room for, nearest to the market first, and the rest later', () => {
  const desk = new Desk();
  desk.room = 2;
  desk.quote('59999.9', '60000.1');
  expect(desk.prices()).toEqual(['59988', '60012']);
  desk.room = 0;
  desk.tick();
  expect(desk.placed).toBe(2);
  desk.room = 3;
  desk.tick();
  expect(desk.prices()).toEqual(['59976', '59982', '59988', '60012', '60018']);
});

test('a moved market shifts the window and keeps the orders that are still inside it', () => {
  const desk = new Desk();
  desk.quote('59999.9', '60000.1');
  desk.quote('60006.9', '60007.1');
  expect(desk.canceled.toSorted()).toEqual(['59976', '60012', '60018']);
  expect(desk.prices()).toEqual(['59982', '59988', '59994', '60024', '60030', '60036']);
});

test('filled orders never carry the position past its limit, whatever fills', () => {
  const seed = process.env.SEED ?? '7';
  const rng = seededRng(seed);
  const desk = new Desk();
  let middle = 60_000;
  for (let turn = 0; turn < 2_000; turn++) {
    middle += rng.integer(41) - 20;
    desk.quote((middle - 0.1).toFixed(1), (middle + 0.1).toFixed(1));
    const resting = desk.prices();
    const victim = resting[rng.integer(resting.length)];
    if (victim && rng.next() < 0.6) desk.fill(victim);
    const within =
      compare(desk.position, settings.maxPosition) <= 0 && compare(desk.position, negate(settings.maxPosition)) >= 0;
    expect(within, `seed ${seed} turn ${turn}: position ${desk.position}`).toBe(true);
  }
});

test('after a refusal nothing is placed until the pause is over', () => {
  const desk = new Desk();
  desk.denying = true;
  desk.quote('59999.9', '60000.1');
  expect(desk.asked).toBe(6);
  desk.denying = false;
  desk.clock.advance(400);
  desk.tick();
  expect(desk.asked).toBe(6);
  desk.clock.advance(101);
  desk.tick();
  expect(desk.prices()).toHaveLength(6);
});

/** A scripted order door: takes every order, fills what the test says. */
class Desk {
  readonly clock = new VirtualClock();
  readonly orders = new Map<ClientOrderId, StrategyOrder>();
  readonly canceled: string[] = [];
  position: Decimal = ZERO;
  denying = false;
  room = 100;
  asked = 0;
  placed = 0;
  readonly #grid = createGrid(settings, {
    instrument,
    clock: this.clock,
    position: () => this.position,
    openOrders: () => [...this.orders.values()],
    orderRoom: () => this.room,
    place: (request) => this.#place(request),
    cancel: (id) => {
      this.canceled.push(String(this.orders.get(id)?.price));
      this.orders.delete(id);
      this.#grid.onOrderEnded();
    },
  });

  quote(bid: string, ask: string): void {
    const one = quantity('1');
    this.#grid.onQuote({ bidPrice: price(bid), askPrice: price(ask), bidQuantity: one, askQuantity: one });
    this.tick();
  }

  tick(): void {
    this.#grid.onTimer();
  }

  prices(): string[] {
    return [...this.orders.values()].map((order) => String(order.price)).sort();
  }

  fill(at: string): void {
    for (const [id, order] of this.orders) {
      if (order.price !== at) continue;
      this.orders.delete(id);
      const move = order.side === 'buy' ? add : subtract;
      this.position = move<Decimal>(this.position, order.remaining);
      this.#grid.onFill({ clientOrderId: id, side: order.side, price: order.price, quantity: order.remaining });
      this.#grid.onOrderEnded();
    }
  }

  #place(request: LimitRequest): void {
    this.asked++;
    if (this.denying) {
      this.#grid.onRefused('no');
      return;
    }
    const clientOrderId = literal(parseClientOrderId, `o${this.placed++}`);
    const { side, price: at, quantity: remaining } = request;
    this.orders.set(clientOrderId, { clientOrderId, side, price: at, remaining, canceling: false });
  }
}
