import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { compareLedgers } from './agreement.ts';
import type { Ledger, LedgerFill, LedgerOrder } from './ledger.ts';

const order: LedgerOrder = {
  account: 'main',
  clientOrderId: 'tb_1_a0',
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  status: 'filled',
  price: decimal('60000'),
  quantity: decimal('0.01'),
  filled: decimal('0.01'),
};
const fill: LedgerFill = {
  account: 'main',
  symbol: 'BTC/USDT:USDT',
  tradeId: '5',
  venueOrderId: '9',
  side: 'buy',
  price: decimal('60000'),
  quantity: decimal('0.01'),
  fee: decimal('0.12'),
};
const ledger = (orders: LedgerOrder[], fills: LedgerFill[]): Ledger => ({ orders, fills, balances: [], positions: [] });
const same = ledger([order], [fill]);
const clean = { ordersMissing: 0, ordersForeign: 0, ordersDiffer: 0, fillsMissing: 0, fillsForeign: 0, fillsDiffer: 0 };

test('equal ledgers agree, and say how much was compared', () => {
  expect(compareLedgers(same, same)).toEqual({
    agreement: { compared: { orders: 1, fills: 1 }, ...clean },
    differences: [],
  });
});

test('what only one side has is missing or foreign', () => {
  expect(compareLedgers(ledger([], []), same).agreement).toMatchObject({ ...clean, ordersMissing: 1, fillsMissing: 1 });
  expect(compareLedgers(same, ledger([], [])).agreement).toMatchObject({ ...clean, ordersForeign: 1, fillsForeign: 1 });
});

test('every field that is compared can differ', () => {
  const orders: Partial<LedgerOrder>[] = [
    { status: 'canceled' },
    { price: decimal('1') },
    { quantity: decimal('1') },
    { filled: decimal('1') },
    { side: 'sell' },
  ];
  for (const change of orders) {
    const found = compareLedgers(ledger([{ ...order, ...change }], [fill]), same);
    expect(found.agreement).toMatchObject({ ...clean, ordersDiffer: 1 });
  }
  const fills: Partial<LedgerFill>[] = [
    { price: decimal('1') },
    { quantity: decimal('1') },
    { fee: decimal('1') },
    { side: 'sell' },
  ];
  for (const change of fills) {
    const found = compareLedgers(ledger([order], [{ ...fill, ...change }]), same);
    expect(found.agreement).toMatchObject({ ...clean, fillsDiffer: 1 });
  }
});

test('a rejection is honest if the venue never had the order or ended it unfilled, and a lie otherwise', () => {
  const rejected: LedgerOrder = { ...order, status: 'rejected', filled: decimal('0') };
  const expired: LedgerOrder = { ...rejected, status: 'expired' };
  expect(compareLedgers(ledger([rejected], []), ledger([], [])).agreement).toMatchObject(clean);
  expect(compareLedgers(ledger([rejected], []), ledger([expired], [])).agreement).toMatchObject(clean);
  expect(compareLedgers(ledger([rejected], []), ledger([order], [])).agreement).toMatchObject({ ordersDiffer: 1 });
});

test('an end that the venue has one word for may bear either name, and no third', () => {
  const ended: LedgerOrder = { ...order, status: 'expired', alsoCalled: 'canceled', filled: decimal('0') };
  const { alsoCalled: _, ...told } = ended;
  for (const [status, ordersDiffer] of [
    ['expired', 0],
    ['canceled', 0],
    ['open', 1],
  ] as const) {
    const found = compareLedgers(ledger([{ ...told, status }], []), ledger([ended], []));
    expect(found.agreement).toMatchObject({ ...clean, ordersDiffer });
  }
});
