import { expect, test } from 'bun:test';
import { decimal, ZERO } from '@trunkline/proto/decimal';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { openMemoryJournal } from '../journal/memory-journal.ts';
import { DayLoss } from './day-loss.ts';

const totals = (booked: string, unrealized: string, fee: string) => ({
  realized: ZERO,
  booked: decimal(booked),
  unrealized: decimal(unrealized),
  fees: { USDT: decimal(fee), BNB: decimal('9') },
  feesValue: decimal(fee),
  funding: ZERO,
});

test('a loss counts from the start of the day, survives a restart, and ends with the day', async () => {
  const journal = openMemoryJournal();
  const clock = new VirtualClock();
  const failed = (error: unknown) => {
    throw error;
  };
  const open = () => DayLoss.open({ journal, clock, account: 'main', failed });
  const loss = await open();
  expect(loss.now(totals('50', '0', '1'))).toBe(ZERO);
  expect(loss.now(totals('40', '-5', '2'))).toBe(decimal('16'));
  expect((await open()).now(totals('40', '-5', '2'))).toBe(decimal('16'));
  await clock.advanceAsync(24 * 3_600_000);
  expect(loss.now(totals('40', '-5', '2'))).toBe(ZERO);
});

test('funding counts like profit, paid as well as received', async () => {
  const journal = openMemoryJournal();
  const failed = (error: unknown) => {
    throw error;
  };
  const loss = await DayLoss.open({ journal, clock: new VirtualClock(), account: 'main', failed });
  expect(loss.now(totals('0', '0', '0'))).toBe(ZERO);
  expect(loss.now({ ...totals('0', '0', '0'), funding: decimal('-3') })).toBe(decimal('3'));
  expect(loss.now({ ...totals('0', '0', '0'), funding: decimal('2') })).toBe(decimal('-2'));
});
