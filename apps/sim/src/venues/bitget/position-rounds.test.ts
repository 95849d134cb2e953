import { expect, test } from 'bun:test';
import { decimal, price, quantity } from '@trunkline/proto/decimal';
import type { Fill, Side } from '../../core/types.ts';
import { averageOf, countRounds } from './position-rounds.ts';

function fill(tradeId: string, side: Side, size: string, at: string, pnl = '0'): Fill {
  return {
    tradeId,
    venueOrderId: '1',
    clientOrderId: 'c',
    accountId: 'a',
    symbol: 'BTCUSDT',
    side,
    positionSide: 'both',
    price: price(at),
    quantity: quantity(size),
    fee: decimal('1'),
    feeAsset: 'USDT',
    maker: false,
    realizedPnl: decimal(pnl),
    timeUs: Number(tradeId),
    cause: { kind: 'order', venueOrderId: '2' },
  };
}

function roundsOf(fills: readonly Fill[]) {
  const rounds = countRounds();
  for (const fill of fills) rounds.take(fill);
  return { closed: rounds.closed, open: rounds.open };
}

test('a round runs from the fill that opens the position to the one that closes it', () => {
  const { closed, open } = roundsOf([
    fill('1', 'buy', '1', '100'),
    fill('2', 'buy', '1', '102'),
    fill('3', 'sell', '2', '110', '18'),
    fill('4', 'sell', '1', '111'),
  ]);
  expect(closed).toMatchObject([
    {
      id: '1',
      holdSide: 'long',
      openedUs: 1,
      updatedUs: 3,
      openedQuantity: '2',
      closedQuantity: '2',
      realizedPnl: '18',
      openFee: '2',
      closeFee: '1',
    },
  ]);
  expect(closed.map((round) => averageOf(round.openedCost, round.openedQuantity))).toEqual([decimal('101')]);
  expect(open).toMatchObject({ id: '4', holdSide: 'short', openedQuantity: '1', closedQuantity: '0' });
});

test('a fill that turns the position over ends one round and begins the next, its fee shared by quantity', () => {
  const { closed, open } = roundsOf([fill('1', 'sell', '1', '100'), fill('2', 'buy', '4', '90', '10')]);
  expect(closed).toMatchObject([{ holdSide: 'short', closedQuantity: '1', closeFee: '0.25', realizedPnl: '10' }]);
  expect(open).toMatchObject({ id: '2', holdSide: 'long', openedQuantity: '3', openFee: '0.75', realizedPnl: '0' });
});

test('without fills there is no round', () => {
  expect(roundsOf([])).toEqual({ closed: [], open: undefined });
});
