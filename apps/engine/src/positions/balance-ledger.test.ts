import { expect, test } from 'bun:test';
import { decimal, price, quantity } from '@trunkline/proto/decimal';
import type { OrderFill } from '../orders/order-event.ts';
import { expectedBalances } from './balance-ledger.ts';
import { applyFill, applyFunding, emptyPosition, type Position } from './position.ts';
import { feesValue } from './position-book.ts';

const fill = (side: 'buy' | 'sell', amount: string, at: string, fee: string, feeAsset: string): OrderFill => ({
  ...{ tradeId: '1', venueOrderId: '9', side, positionSide: 'both', liquidity: 'maker', realizedPnl: null },
  ...{ price: price(at), quantity: quantity(amount), fee: decimal(fee), feeAsset, venueTimeUs: 5, recovered: false },
});
const held = (symbol: string, ...fills: OrderFill[]): Position =>
  fills.reduce((position, each) => applyFill(position, each, 7), emptyPosition('main', symbol, 'both'));
const baseline = { atUs: 1, balances: { USDT: decimal('1000'), BTC: decimal('2') } };
const totals = (positions: readonly Position[]) =>
  Object.fromEntries(expectedBalances(baseline, positions, {}).map(({ asset, total }) => [asset, total]));

test('spot trades move base against quote, fees included, and never by a rounded figure', () => {
  const bought = held('BTC/USDT', fill('buy', '3', '100', '0.003', 'BTC'), fill('buy', '4', '101', '0.004', 'BTC'));
  expect(totals([bought])).toEqual({ USDT: decimal('296'), BTC: decimal('8.993') });
  const some = applyFill(bought, fill('sell', '1', '102', '0.102', 'USDT'), 8);
  // 1000 - 300 - 404 + 102 - 0.102, although a third of a satoshi was rounded in the cost on the way.
  expect(totals([some])).toEqual({ USDT: decimal('397.898'), BTC: decimal('7.993') });
});

test('selling what was held before is a short position that the wallet covers', () => {
  const sold = held('BTC/USDT', fill('sell', '1.5', '100', '0.15', 'USDT'));
  expect(totals([sold])).toEqual({ USDT: decimal('1149.85'), BTC: decimal('0.5') });
  const flipped = applyFill(sold, fill('buy', '2', '90', '0.002', 'BTC'), 8);
  expect(totals([flipped])).toEqual({ USDT: decimal('969.85'), BTC: decimal('2.498') });
});

test('a perpetual moves its settlement asset alone, by profit, fees and funding', () => {
  const position = held(
    'BTC/USDT:USDT',
    fill('buy', '2', '100', '0.1', 'USDT'),
    fill('sell', '1', '110', '0.1', 'USDT'),
  );
  const payment = { paymentId: 'a', side: 'both', asset: 'USDT', amount: decimal('-0.25') } as const;
  const paid = applyFunding(position, { ...payment, venueTimeUs: 9, recovered: false }, 9);
  expect(totals(paid ? [paid] : [])).toEqual({ USDT: decimal('1009.55'), BTC: decimal('2') });
});

test('fees in the base asset are valued at the mark, those of a third asset are left out', () => {
  const position = held('BTC/USDT', fill('buy', '3', '100', '0.003', 'BTC'), fill('buy', '1', '100', '0.2', 'BNB'));
  expect(feesValue(position, price('200'))).toBe(decimal('0.6'));
  expect(feesValue(position, undefined)).toBe(decimal('0.3'));
});
