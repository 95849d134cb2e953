import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { FundingPayment as FundingMessage } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { PositionSide, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { countPayment, type FundingPayment, type FundingState, lastPaymentUs, readFundingPayment } from './funding.ts';
import { applyFunding, emptyPosition, positionRow, readPositionRow } from './position.ts';

const payment = (paymentId: string, venueTimeUs: number, amount: string): FundingPayment => ({
  paymentId,
  venueTimeUs,
  amount: decimal(amount),
  asset: 'USDT',
  side: 'both',
  recovered: false,
});

test('a payment told twice counts once, in whatever order payments come', () => {
  const told = [payment('b', 20, '-0.5'), payment('a', 10, '0.2'), payment('b', 20, '-0.5'), payment('a', 10, '0.2')];
  const state = told.reduce<FundingState | undefined>(
    (before, next) => countPayment(before, next) ?? before,
    undefined,
  );
  expect(state).toEqual({
    totals: { USDT: decimal('-0.3') },
    recent: [
      { paymentId: 'a', venueTimeUs: 10 },
      { paymentId: 'b', venueTimeUs: 20 },
    ],
  });
  expect(lastPaymentUs(state)).toBe(20);
});

test('a payment older than all that are remembered was counted before, one between them is news', () => {
  let state: FundingState | undefined;
  for (let index = 1; index <= 100; index++) {
    if (index !== 80) state = countPayment(state, payment(`p${index}`, index, '1')) ?? state;
  }
  expect(countPayment(state, payment('p3', 3, '1'))).toBeUndefined();
  expect(countPayment(state, payment('p80', 80, '1'))?.totals).toEqual({ USDT: decimal('100') });
});

test('a position without funding is stored as it always was, one with it reads back', () => {
  const flat = emptyPosition('main', 'BTC/USDT:USDT', 'both');
  expect(positionRow(flat).state).not.toContain('funding');
  const paid = applyFunding(flat, payment('a', 10, '-0.5'), 11);
  expect(paid && readPositionRow(positionRow(paid))).toEqual(paid);
  expect(paid && applyFunding(paid, payment('a', 10, '-0.5'), 12)).toBeUndefined();
});

test('a message without an id or a number is no payment', () => {
  const told = FundingMessage.fromPartial({
    ...{ paymentId: '7', symbol: 'BTC/USDT:USDT', asset: 'USDT', amount: '-0.01', venueTimeUs: 5 },
    ...{ positionSide: PositionSide.SHORT, source: Source.QUERY },
  });
  expect(readFundingPayment(told)).toEqual({ ...payment('7', 5, '-0.01'), side: 'short', recovered: true });
  expect(readFundingPayment({ ...told, paymentId: '' })).toBeUndefined();
  expect(readFundingPayment({ ...told, amount: '1e-2' })).toBeUndefined();
});
