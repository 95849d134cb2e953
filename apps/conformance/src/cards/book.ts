/** BOK: a book is whole, in order, never crossed, and never wrong in silence. */
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { type Card, group } from '../card.ts';
import { channel, method, sim } from '../needs.ts';
import { followBook } from '../suite/book.ts';
import { expect, expectEqual, Mismatch } from '../suite/mismatch.ts';
import { topicOf } from './topics.ts';

const NEEDS = [method('MarketData'), channel(Channel.BOOK)];
const CHANGES = 15;
const LONG_MS = 15_000;

const chain: Card = {
  id: 'BOK-01',
  title: 'A book is a snapshot and a chain of updates, sorted and never crossed',
  manner: 'beside',
  needs: NEEDS,
  action: `Subscribe the deepest book until ${CHANGES} changes have come.`,
  expected: [
    'a snapshot first',
    'updates whose previous_sequence is the sequence before',
    'best bid below best ask after each',
  ],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BOOK);
    const book = followBook(stream, topic);
    await bench.subscribed(stream, topic);
    await stream.until(() => book.changes() >= CHANGES || undefined, `${CHANGES} changes`, LONG_MS);
    // A gap that a snapshot mends is honest; `followBook` accepts nothing in between.
    const first = stream
      .of(topic)
      .find(({ event }) => event?.$case === 'bookSnapshot' || event?.$case === 'bookUpdate');
    expectEqual(first?.event?.$case, 'bookSnapshot', 'the first data of the book');
  },
};

const depth: Card = {
  id: 'BOK-02',
  title: 'A book of depth N never shows more than N levels a side',
  manner: 'beside',
  needs: NEEDS,
  action: `Subscribe the shallowest depth that Describe names until ${CHANGES} changes have come.`,
  expected: ['a snapshot of at most N levels a side', 'a book that stays within N levels'],
  async run(bench) {
    const levels = bench.target.capabilities.bookDepths[0] ?? 0;
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BOOK, { depth: levels });
    const book = followBook(stream, topic, levels + 1);
    await bench.subscribed(stream, topic);
    await stream.until(
      () => {
        const sequence = book.sequence();
        const view = sequence === undefined ? undefined : book.viewAt(sequence);
        const most = Math.max(view?.bids.length ?? 0, view?.asks.length ?? 0);
        expect(most <= levels, `at most ${levels} levels`, `${most}`);
        return book.changes() >= CHANGES || undefined;
      },
      `${CHANGES} changes`,
      LONG_MS,
    );
  },
};

const COMPARED = 10;
const TRIES = 60;

const equalsVenue: Card = {
  id: 'BOK-03',
  title: "The book equals the venue's own at the same sequence",
  manner: 'beside',
  needs: [...NEEDS, sim],
  limitMs: 30_000,
  action:
    'Subscribe the deepest book; ask the emulator for its book, again and again; compare the best ten levels where sequences meet.',
  expected: ['equal levels at three sequences at least'],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BOOK);
    const book = followBook(stream, topic, COMPARED);
    await bench.subscribed(stream, topic);
    await stream.until(() => book.snapshots() > 0 || undefined, 'a snapshot');
    const { contractSize } = bench.target.instrument;
    let equal = 0;
    for (let attempt = 0; attempt < TRIES && equal < 3; attempt++) {
      const theirs = await bench.sim.book(bench.target.instrument.venueSymbol, COMPARED);
      await stream.until(
        () => (book.sequence() ?? 0) >= theirs.lastUpdateId || undefined,
        'the sequence of the venue',
        LONG_MS,
      );
      const ours = book.viewAt(theirs.lastUpdateId);
      // Venues that merge updates leave most sequences out.
      if (ours === undefined) continue;
      const seen = { bids: ours.bids.map(levelText), asks: ours.asks.map(levelText) };
      const wanted = { bids: theirs.bids.map(levelText), asks: theirs.asks.map(levelText) };
      expectEqual(seen, wanted, `the book at ${theirs.lastUpdateId} (contract size ${contractSize})`);
      equal += 1;
    }
    if (equal === 0) throw new Mismatch(`a sequence in common with the venue in ${TRIES} looks`, 'none');
  },
};

function levelText({ price, quantity }: { readonly price: string; readonly quantity: string }): string {
  return `${price} ${quantity}`;
}

const droppedUpdate: Card = {
  id: 'BOK-04',
  title: 'An update that the venue dropped is a gap, then a snapshot',
  manner: 'alone',
  needs: [...NEEDS, sim],
  limitMs: 40_000,
  action: 'Subscribe the book; let the venue drop the next update; follow until the book lives again.',
  expected: ['a gap before any later data', 'a snapshot', 'a chain of updates again'],
  async run(bench) {
    const stream = await bench.market();
    const topic = topicOf(bench, Channel.BOOK);
    const book = followBook(stream, topic);
    await bench.subscribed(stream, topic);
    await stream.until(() => book.changes() >= 3 || undefined, 'three changes', LONG_MS);
    const before = book.snapshots();
    await bench.sim.fault({ kind: 'drop_book_delta', symbol: bench.target.instrument.venueSymbol });
    await stream.until(() => book.gaps() > 0 || undefined, 'a gap', LONG_MS);
    await stream.until(() => book.snapshots() > before || undefined, 'a snapshot after the gap', LONG_MS);
    const changes = book.changes();
    await stream.until(() => book.changes() >= changes + 3 || undefined, 'a chain again', LONG_MS);
  },
};

export const BOOK = group('BOK', 'Order book', [chain, depth, equalsVenue, droppedUpdate]);
