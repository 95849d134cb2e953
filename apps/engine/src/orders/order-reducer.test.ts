import { describe, expect, test } from 'bun:test';
import { decimal, price, quantity } from '@trunkline/proto/decimal';
import { seededRng } from '@trunkline/proto/rng';
import type { OrderEvent, OrderFill, OrderTerms, VenueState } from './order-event.ts';
import { beginOrder, step } from './order-reducer.ts';
import { exposureOf, missingFills, ORDER_STATUSES, type Order, type OrderStatus } from './order-state.ts';

const T = 1_767_225_600_000_000;
const terms: OrderTerms = {
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  positionSide: 'both',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: true,
  reduceOnly: false,
  price: price('100'),
  quantity: quantity('2'),
};

function intent(): Order {
  return beginOrder('main', 'aa_1_abcde0', { kind: 'intent', terms, validUntilUs: T + 2_000_000, replaces: null }, T);
}

function venue(status: VenueState['status'], filled: string, at = 1, extra: Partial<VenueState> = {}): OrderEvent {
  const amounts = { price: price('100'), quantity: quantity('2'), filled: quantity(filled) };
  const state = { venueOrderId: '9', status, ...amounts, reason: '', venueTimeUs: T + at, ...extra };
  return { kind: 'venue', state, source: 'stream', evidence: '' };
}

function fill(tradeId: string, amount = '1', extra: Partial<OrderFill> = {}): OrderEvent {
  const value: OrderFill = {
    tradeId,
    venueOrderId: '9',
    side: 'buy',
    positionSide: 'both',
    price: price('100'),
    quantity: quantity(amount),
    fee: decimal('0.02'),
    feeAsset: 'USDT',
    liquidity: 'maker',
    realizedPnl: null,
    venueTimeUs: T,
    recovered: false,
    ...extra,
  };
  return { kind: 'fill', fill: value, source: 'stream', evidence: '' };
}

const words = { venueCode: '', message: '' };
const accepted: OrderEvent = { kind: 'accepted', state: null };
const rejected: OrderEvent = { kind: 'rejected', reason: 'POST_ONLY', venueCode: '-5022', message: '' };
const denied: OrderEvent = { kind: 'denied', rule: 'EXPIRED', field: '', message: '' };
const unknown: OrderEvent = { kind: 'unknown', cause: 'TIMEOUT', ...words };
const absent: OrderEvent = { kind: 'absent', evidence: 'searched all' };
const lost: OrderEvent = { kind: 'lost', evidence: 'no proof' };
const settled: OrderEvent = { kind: 'settled', by: 'ops', note: 'looked' };

function run(events: readonly OrderEvent[], from = intent()): Order {
  return events.reduce((order, event) => step(order, event, T + 5).order, from);
}

/** One way into each state. */
const into: Record<OrderStatus, OrderEvent[]> = {
  intent: [],
  open: [venue('open', '0')],
  partially_filled: [venue('partially_filled', '1'), fill('1')],
  filled: [venue('filled', '2'), fill('1'), fill('2')],
  canceled: [venue('canceled', '0')],
  expired: [venue('expired', '0')],
  rejected: [rejected],
  denied: [denied],
  unknown: [unknown],
  absent: [unknown, absent],
  lost: [unknown, lost],
};

/** Status after [accepted, rejected, denied, unknown, open, canceled, filled, one fill, absent, lost, settled]. */
const table: Record<OrderStatus, readonly OrderStatus[]> = {
  intent: [
    'open',
    'rejected',
    'denied',
    'unknown',
    'open',
    'canceled',
    'filled',
    'partially_filled',
    'absent',
    'lost',
    'absent',
  ],
  open: ['open', 'open', 'open', 'open', 'open', 'canceled', 'filled', 'partially_filled', 'open', 'lost', 'open'],
  partially_filled: [
    ...(['partially_filled', 'partially_filled', 'partially_filled', 'partially_filled', 'partially_filled'] as const),
    ...(['canceled', 'filled', 'filled', 'partially_filled', 'lost', 'partially_filled'] as const),
  ],
  filled: [
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
    'filled',
  ],
  canceled: [
    ...(['canceled', 'canceled', 'canceled', 'canceled', 'canceled', 'canceled'] as const),
    ...(['filled', 'canceled', 'canceled', 'canceled', 'canceled'] as const),
  ],
  expired: [
    ...(['expired', 'expired', 'expired', 'expired', 'expired', 'canceled'] as const),
    ...(['filled', 'expired', 'expired', 'expired', 'expired'] as const),
  ],
  rejected: [
    ...(['open', 'rejected', 'rejected', 'rejected', 'open', 'canceled'] as const),
    ...(['filled', 'partially_filled', 'rejected', 'lost', 'rejected'] as const),
  ],
  denied: [
    ...(['open', 'rejected', 'denied', 'denied', 'open', 'canceled'] as const),
    ...(['filled', 'partially_filled', 'denied', 'lost', 'denied'] as const),
  ],
  unknown: [
    'open',
    'rejected',
    'denied',
    'unknown',
    'open',
    'canceled',
    'filled',
    'partially_filled',
    'absent',
    'lost',
    'absent',
  ],
  absent: [
    'open',
    'rejected',
    'denied',
    'absent',
    'open',
    'canceled',
    'filled',
    'partially_filled',
    'absent',
    'absent',
    'absent',
  ],
  lost: ['lost', 'lost', 'lost', 'lost', 'open', 'canceled', 'filled', 'partially_filled', 'absent', 'lost', 'absent'],
};
const columns: readonly OrderEvent[] = [
  accepted,
  rejected,
  denied,
  unknown,
  venue('open', '0'),
  venue('canceled', '0', 2),
  venue('filled', '2', 2),
  fill('77'),
  absent,
  lost,
  settled,
];

describe('every state meets every event', () => {
  for (const status of ORDER_STATUSES) {
    test(`${status}: each event leads where the table says`, () => {
      const order = run(into[status]);
      expect(order.status).toBe(status);
      expect(columns.map((event) => run([event], order).status)).toEqual([...table[status]]);
    });

    test(`${status}: cancels, amends and anomalies change no status`, () => {
      const order = run(into[status]);
      const others: OrderEvent[] = [
        { kind: 'cancel_requested' },
        { kind: 'cancel_outcome', fate: 'not_open', ...words },
        { kind: 'amend_requested', amendId: 'aa_1_abcde1', price: price('101'), quantity: quantity('2') },
        { kind: 'amend_outcome', amendId: 'aa_1_abcde1', fate: 'accepted', ...words },
        { kind: 'anomaly', code: 'odd', detail: '' },
        { kind: 'external', terms },
      ];
      for (const event of others) expect(run([event], order).status).toBe(status);
    });
  }
});

test('every event is idempotent: the second time it teaches nothing', () => {
  for (const event of columns) {
    const once = run([event]);
    const again = step(once, event, T + 9);
    expect(again.changed).toBe(false);
    expect(again.order).toBe(once);
  }
});

test('a fill seen twice counts once, and the same trade id of another order counts', () => {
  const order = run([fill('1'), fill('1')]);
  expect(order.filled).toBe(quantity('1'));
  const first = step(intent(), fill('1'), T);
  expect(first.effects.filter(({ kind }) => kind === 'fill')).toHaveLength(1);
  expect(step(first.order, fill('1'), T).effects).toEqual([]);
  expect(run([fill('1'), fill('1', '1', { venueOrderId: '10' })]).filled).toBe(quantity('2'));
});

test('any permutation of a history ends in the same state', () => {
  const seed = process.env.SEED ?? '1';
  const rng = seededRng(seed);
  const histories: OrderEvent[][] = [
    [
      unknown,
      accepted,
      venue('open', '0', 1),
      fill('1'),
      venue('partially_filled', '1', 2),
      fill('2'),
      venue('filled', '2', 3),
    ],
    [accepted, venue('open', '0', 1), fill('1'), venue('canceled', '1', 5), venue('partially_filled', '1', 2)],
    [venue('open', '0', 1), venue('expired', '0', 2), unknown, accepted],
    [denied, fill('1'), venue('partially_filled', '1', 2)],
    [unknown, absent, venue('open', '0'), fill('1'), fill('2')],
    [rejected, denied, unknown],
  ];
  for (const history of histories) {
    const expected = { ...run(history), anomalies: [] };
    for (let round = 0; round < 60; round++) {
      const shuffled = [...history, ...history];
      for (let index = shuffled.length - 1; index > 0; index--) {
        const other = rng.integer(index + 1);
        const [a, b] = [shuffled[index], shuffled[other]];
        if (a && b) [shuffled[index], shuffled[other]] = [b, a];
      }
      expect({ seed, round, ...run(shuffled), anomalies: [] }).toEqual({ seed, round, ...expected });
    }
  }
});

test('a stale snapshot takes nothing back', () => {
  const order = run([venue('partially_filled', '1', 5)]);
  const late = step(order, venue('open', '0', 1), T + 9);
  expect(late.changed).toBe(false);
  expect(late.order.status).toBe('partially_filled');
  expect(run([venue('canceled', '1', 5), venue('open', '0', 9)]).status).toBe('canceled');
});

test('a filled order whose fills have not come stays filled, and asks for them', () => {
  const { order, effects } = step(intent(), venue('filled', '2'), T);
  expect(order.status).toBe('filled');
  expect(missingFills(order)).toBe(quantity('2'));
  expect(effects.map(({ kind }) => kind)).toEqual(['ask_fills', 'ended']);
  expect(missingFills(run([fill('1'), fill('2')], order))).toBe(quantity('0'));
});

test('what cannot be is an anomaly, never an exception', () => {
  const codes = (events: OrderEvent[]) => [...run(events).anomalies];
  expect(codes([fill('1'), fill('2'), fill('3')])).toEqual(['overfilled']);
  expect(codes([denied, fill('1')])).toEqual(['alive_after_denied']);
  expect(codes([rejected, venue('open', '0')])).toEqual(['alive_after_rejected']);
  expect(codes([unknown, absent, fill('1')])).toEqual(['alive_after_absent']);
  expect(codes([venue('canceled', '0'), venue('filled', '2', 2)])).toEqual(['two_ends']);
  expect(codes([venue('canceled', '0', 2), venue('partially_filled', '1', 1)])).toEqual(['revived']);
  expect(codes([venue('open', '0'), venue('open', '0', 2, { venueOrderId: '10' })])).toEqual(['second_venue_order']);
  expect(codes([venue('open', '0', 1, { quantity: quantity('3') })])).toEqual(['terms_differ']);
  expect(codes([fill('1', '1', { side: 'sell' })])).toEqual(['fill_side']);
});

test('a successor of a partly filled order is of what was left, and of no more than was asked', () => {
  const opening = { kind: 'intent', terms, validUntilUs: T + 2_000_000, replaces: 'aa_1_abcde0' } as const;
  const successor = beginOrder('main', 'aa_1_abcde1', opening, T);
  const told = (amount: string) => run([venue('open', '0', 1, { quantity: quantity(amount) })], successor);
  expect(told('1.5').anomalies).toEqual([]);
  expect(exposureOf(told('1.5'))).toBe(quantity('1.5'));
  expect(told('2.5').anomalies).toEqual(['terms_differ']);
});

test('capacity is held while an order may still fill, the larger of the two during an amend', () => {
  expect(exposureOf(intent())).toBe(quantity('2'));
  expect(exposureOf(run([unknown, lost]))).toBe(quantity('2'));
  expect(exposureOf(run([fill('1')]))).toBe(quantity('1'));
  expect(exposureOf(run([denied]))).toBe(quantity('0'));
  expect(exposureOf(run([unknown, absent]))).toBe(quantity('0'));
  const amend: OrderEvent = { kind: 'amend_requested', amendId: 'x', price: price('99'), quantity: quantity('5') };
  const amending = run([venue('open', '0'), amend]);
  expect(exposureOf(amending)).toBe(quantity('5'));
  expect(exposureOf(run([{ kind: 'amend_outcome', amendId: 'x', fate: 'rejected', ...words }], amending))).toBe(
    quantity('2'),
  );
  const moved = run([venue('open', '0', 2, { price: price('99'), quantity: quantity('5') })], amending);
  expect(moved.anomalies).toEqual([]);
  expect(exposureOf(moved)).toBe(quantity('5'));
});
