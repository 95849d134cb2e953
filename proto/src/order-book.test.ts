import { describe, expect, test } from 'bun:test';
import type { Level } from '../gen/trunkline/exchange/v1/market_data.ts';
import { askChanges, bidChanges, OrderBook } from './order-book.ts';
import { seededRng } from './rng.ts';

const level = (price: string, quantity: string): Level => ({ price, quantity });
const rows = (levels: readonly { price: string; quantity: string }[]) =>
  levels.map(({ price, quantity }) => `${price}x${quantity}`);

describe('a book', () => {
  test('sorts what it is given, drops empty levels, and compares prices as numbers', () => {
    const book = new OrderBook();
    const bids = [level('9', '1'), level('10', '1'), level('9.5', '0'), level('100', '2'), level('0.5', '1')];
    expect(book.applySnapshot({ bids, asks: [level('200', '1'), level('101', '1')] }, 1)).toBe('applied');
    expect(rows(book.view().bids)).toEqual(['100x2', '10x1', '9x1', '0.5x1']);
    expect(rows(book.view(1).asks)).toEqual(['101x1']);
    expect([String(book.bestBid?.price), String(book.bestAsk?.price)]).toEqual(['100', '101']);
  });

  test('knows one price by every way it can be written', () => {
    const book = new OrderBook();
    book.applySnapshot({ bids: [level('100.10', '1')], asks: [] }, 1);
    book.applyUpdate({ bids: [level('100.1', '2.50')], asks: [], previousSequence: 1 }, 2);
    expect(rows(book.view().bids)).toEqual(['100.1x2.5']);
    book.applyUpdate({ bids: [level('0100.100', '0.000')], asks: [], previousSequence: 2 }, 3);
    expect(book.view().bids).toEqual([]);
  });

  test('refuses an update that does not chain, and changes nothing', () => {
    const book = new OrderBook();
    const update = { bids: [level('1', '1')], asks: [], previousSequence: 0 };
    expect(book.applyUpdate(update, 1)).toBe('out_of_sequence');
    book.applySnapshot({ bids: [], asks: [] }, 5);
    expect(book.applyUpdate({ ...update, previousSequence: 4 }, 6)).toBe('out_of_sequence');
    expect([book.sequence, book.view().bids.length]).toEqual([5, 0]);
    book.invalidate();
    expect(book.applyUpdate({ ...update, previousSequence: 5 }, 6)).toBe('out_of_sequence');
  });

  test.each(['', 'x', '-1', '0', 'NaN', '1e5', '9'.repeat(60)])(
    'refuses a message with the price %p as a whole',
    (price) => {
      const book = new OrderBook();
      book.applySnapshot({ bids: [level('1', '1')], asks: [] }, 1);
      const bids = [level('2', '1'), level(price, '1')];
      expect(book.applyUpdate({ bids, asks: [], previousSequence: 1 }, 2)).toBe('malformed');
      expect(book.applySnapshot({ bids, asks: [] }, 2)).toBe('malformed');
      expect(rows(book.view().bids)).toEqual(['1x1']);
    },
  );

  test('refuses a quantity below zero', () => {
    expect(new OrderBook().applySnapshot({ bids: [level('1', '-1')], asks: [] }, 1)).toBe('malformed');
  });

  test('is rebuilt from a view and the changes to the next view, on both sides and at every depth', () => {
    const rng = seededRng(process.env.SEED ?? 'book-2');
    const book = new OrderBook();
    const copy = new OrderBook();
    book.applySnapshot({ bids: [level('50', '1')], asks: [level('51', '1')] }, 0);
    const depth = 5;
    const first = book.view(depth);
    copy.applySnapshot({ bids: [...first.bids], asks: [...first.asks] }, 0);
    for (let sequence = 1; sequence <= 2_000; sequence++) {
      const before = book.view(depth);
      const bids = [level(String(30 + rng.integer(20)), String(rng.integer(3)))];
      const asks = [level(String(51 + rng.integer(20)), String(rng.integer(3)))];
      book.applyUpdate({ bids, asks, previousSequence: sequence - 1 }, sequence);
      const after = book.view(depth);
      const update = { bids: bidChanges(before.bids, after.bids), asks: askChanges(before.asks, after.asks) };
      copy.applyUpdate({ ...update, previousSequence: sequence - 1 }, sequence);
      expect(copy.view()).toEqual(after);
    }
    expect(bidChanges(book.view().bids, book.view().bids)).toEqual([]);
  });
});
