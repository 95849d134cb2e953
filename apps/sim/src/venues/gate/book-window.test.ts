import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import type { BookSnapshot, Level } from '../../core/types.ts';
import { createBookWindow } from './book-window.ts';

function level(at: string, amount: string): Level {
  return [price(at), quantity(amount)];
}

function book(bids: readonly Level[]): BookSnapshot {
  return { symbol: 'BTC_USDT', lastUpdateId: 1, bids, asks: [], timeUs: 0 };
}

const NOTHING = { bids: [], asks: [] };

test('what came and went between two looks is told as gone: a snapshot taken meanwhile holds it', () => {
  const window = createBookWindow(book([level('3', '1'), level('2', '1')]));
  const touched = { bids: [level('4', '9'), level('2', '5'), level('1', '7')], asks: [] };
  const { bids } = window.change(book([level('3', '1'), level('2', '1')]), touched);
  expect(bids).toEqual([level('2', '1'), level('4', '0'), level('1', '0')]);
});

test('a change tells new quantities, levels that entered, and with 0 levels that left', () => {
  const window = createBookWindow(book([level('3', '1'), level('2', '1'), level('1', '1')]));
  const { bids } = window.change(book([level('4', '5'), level('3', '2'), level('2', '1')]), NOTHING);
  expect(bids).toEqual([level('4', '5'), level('3', '2'), level('1', '0')]);
});

test('who applies every change holds exactly the window', () => {
  const first = book([level('3', '1'), level('2', '1')]);
  const window = createBookWindow(first);
  const held = new Map(first.bids);
  const steps = [
    [level('5', '1'), level('3', '4')],
    [level('3', '4'), level('1', '9')],
    [level('2', '7'), level('1', '9')],
  ];
  for (const bids of steps) {
    for (const [at, amount] of window.change(book(bids), NOTHING).bids) {
      if (amount === '0') held.delete(at);
      else held.set(at, amount);
    }
    expect(new Map(held)).toEqual(new Map(bids));
  }
});

test('nothing changed, nothing told', () => {
  const same = book([level('3', '1')]);
  expect(createBookWindow(same).change(same, NOTHING)).toEqual({ bids: [], asks: [] });
});
