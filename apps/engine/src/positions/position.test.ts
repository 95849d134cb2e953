import { expect, test } from 'bun:test';
import { decimal, price, quantity, ZERO } from '@trunkline/proto/decimal';
import type { OrderFill } from '../orders/order-event.ts';
import {
  applyBaseline,
  applyFill,
  averageEntry,
  emptyPosition,
  positionRow,
  readPositionRow,
  unrealized,
} from './position.ts';

function fill(side: 'buy' | 'sell', amount: string, at: string, extra: Partial<OrderFill> = {}): OrderFill {
  return {
    tradeId: '1',
    venueOrderId: '9',
    side,
    positionSide: 'both',
    price: price(at),
    quantity: quantity(amount),
    fee: ZERO,
    feeAsset: 'USDT',
    liquidity: 'maker',
    realizedPnl: null,
    venueTimeUs: 5,
    recovered: false,
    ...extra,
  };
}

const run = (...fills: OrderFill[]) =>
  fills.reduce((p, f) => applyFill(p, f, 7), emptyPosition('main', 'BTC/USDT:USDT', 'both'));

test('closing part of a position takes its share of the cost, rounded half-even at 8 places', () => {
  const position = run(fill('buy', '3', '100'), fill('buy', '4', '101'), fill('sell', '1', '102'));
  // Cost 704 over 7: 100.571428571... leaves with one unit.
  expect(position.cost).toBe(decimal('603.42857143'));
  expect(position.realized).toBe(decimal('1.42857143'));
  expect(position.quantity).toBe(quantity('6'));
});

test('closing all leaves no cost behind, whatever was rounded on the way', () => {
  const position = run(
    fill('buy', '3', '100'),
    fill('buy', '4', '101'),
    fill('sell', '1', '102'),
    fill('sell', '6', '102'),
  );
  expect(position.cost).toBe(ZERO);
  expect(position.quantity).toBe(quantity('0'));
  expect(position.realized).toBe(decimal('10'));
  expect(averageEntry(position)).toBeNull();
});

test('a fill through zero closes the position and opens the rest at its own price', () => {
  const long = run(fill('buy', '2', '100'), fill('sell', '5', '110'));
  expect(long).toMatchObject({ quantity: '-3', cost: '330', realized: '20' });
  const short = run(fill('sell', '2', '100'), fill('buy', '3', '90'));
  expect(short).toMatchObject({ quantity: '1', cost: '90', realized: '20' });
});

test('unrealised profit follows the mark on both sides', () => {
  expect(unrealized(run(fill('buy', '2', '100')), price('101'))).toBe(decimal('2'));
  expect(unrealized(run(fill('sell', '2', '100')), price('101'))).toBe(decimal('-2'));
});

test('the wallet follows what the venue booked, and our own profit where it does not say', () => {
  const position = run(
    fill('buy', '2', '100', { realizedPnl: ZERO }),
    fill('sell', '1', '110', { realizedPnl: decimal('9.5') }),
    fill('sell', '1', '110'),
  );
  expect(position.realized).toBe(decimal('20'));
  expect(position.booked).toBe(decimal('19.5'));
});

test('fees add up per asset, rebates count against them', () => {
  const position = run(
    fill('buy', '1', '100', { fee: decimal('0.5') }),
    fill('buy', '1', '100', { fee: decimal('-0.1') }),
    fill('buy', '1', '100', { fee: decimal('0.001'), feeAsset: 'BNB' }),
  );
  expect(position.fees).toEqual({ USDT: decimal('0.4'), BNB: decimal('0.001') });
});

test('a position is the same after its row was written and read', () => {
  const baseline = { side: 'both', quantity: quantity('-2'), entryPrice: price('50') } as const;
  const position = applyFill(applyBaseline(run(), baseline, 3), fill('buy', '1', '40'), 9);
  expect(position).toMatchObject({ quantity: '-1', cost: '50', realized: '10' });
  expect(readPositionRow(positionRow(position))).toEqual(position);
});
