import { describe, expect, test } from 'bun:test';
import { DEPTH_RULE } from './binance/depth.ts';
import { type BookOutput, BookSync, type Delta, MAX_BUFFERED, type Snapshot } from './book-sync.ts';

const delta = (first: number, last: number, previous: number, bids: [string, string][] = []): Delta => ({
  first,
  last,
  previous,
  bids: bids.map(([price, quantity]) => ({ price, quantity })),
  asks: [],
  venueTimeUs: last,
});
const snapshot = (sequence: number): Snapshot => ({
  sequence,
  bids: [
    { price: '10', quantity: '1' },
    { price: '9', quantity: '2' },
  ],
  asks: [{ price: '11', quantity: '3' }],
  venueTimeUs: sequence,
});
const kinds = (outputs: readonly BookOutput[]) => outputs.map((output) => output.kind);

/** A book that stands at sequence 105: a snapshot of 100, then one delta. */
function synced(): BookSync {
  const sync = new BookSync(DEPTH_RULE, 'asked');
  sync.begin();
  sync.delta(delta(98, 105, 97));
  expect(kinds(sync.snapshot(snapshot(100)))).toEqual(['snapshot', 'update']);
  return sync;
}

test('deltas older than the snapshot are dropped and the first that spans it joins', () => {
  const sync = new BookSync(DEPTH_RULE, 'asked');
  expect(kinds(sync.begin())).toEqual(['need_snapshot']);
  expect(sync.delta(delta(80, 90, 79))).toEqual([]);
  expect(sync.delta(delta(91, 101, 90, [['10', '0']]))).toEqual([]);
  const outputs = sync.snapshot(snapshot(100));
  expect(outputs).toEqual([
    { kind: 'snapshot', snapshot: snapshot(100) },
    { kind: 'update', delta: delta(91, 101, 90, [['10', '0']]), previousSequence: 100 },
  ]);
  expect(sync.current()?.bids.map((level) => [String(level.price), String(level.quantity)])).toEqual([['9', '2']]);
});

test('updates chain: each names the sequence of the one before it', () => {
  const sync = synced();
  const outputs = [...sync.delta(delta(106, 110, 105)), ...sync.delta(delta(111, 111, 110))];
  expect(
    outputs.map((output) => (output.kind === 'update' ? [output.previousSequence, output.delta.last] : [])),
  ).toEqual([
    [105, 110],
    [110, 111],
  ]);
});

test('a skipped delta is exactly one gap, whatever follows before the next snapshot', () => {
  const sync = synced();
  const outputs = [
    ...sync.delta(delta(120, 125, 119)),
    ...sync.delta(delta(126, 130, 125)),
    ...sync.delta(delta(131, 140, 130)),
  ];
  expect(outputs).toEqual([
    { kind: 'gap', lastSequence: 105, nextSequence: 120 },
    { kind: 'need_snapshot', retry: false },
  ]);
  expect(kinds(sync.snapshot(snapshot(128)))).toEqual(['snapshot', 'update', 'update']);
  expect(sync.current()?.sequence).toBe(140);
});

test('a snapshot older than the stream is not believed: another is asked for', () => {
  const sync = new BookSync(DEPTH_RULE, 'asked');
  sync.begin();
  sync.delta(delta(200, 210, 199));
  expect(sync.snapshot(snapshot(150))).toEqual([{ kind: 'need_snapshot', retry: true }]);
  expect(kinds(sync.snapshot(snapshot(205)))).toEqual(['snapshot', 'update']);
});

test('a snapshot that nothing proves yet is held, and the stream decides', () => {
  const proved = new BookSync(DEPTH_RULE, 'asked');
  proved.begin();
  expect(kinds(proved.snapshot(snapshot(100)))).toEqual(['hold']);
  expect(proved.current()).toBeUndefined();
  expect(kinds(proved.delta(delta(101, 103, 100)))).toEqual(['snapshot', 'update']);

  const refuted = new BookSync(DEPTH_RULE, 'asked');
  refuted.begin();
  refuted.snapshot(snapshot(100));
  expect(kinds(refuted.delta(delta(120, 125, 119)))).toEqual(['need_snapshot']);

  const quiet = new BookSync(DEPTH_RULE, 'asked');
  quiet.begin();
  quiet.snapshot(snapshot(100));
  expect(kinds(quiet.settle())).toEqual(['snapshot']);
  expect(kinds(quiet.settle())).toEqual([]);
  expect(kinds(quiet.delta(delta(101, 103, 100)))).toEqual(['update']);
});

test('a lost stream is a gap only where there was a book', () => {
  expect(synced().lost()).toEqual([{ kind: 'gap', lastSequence: 105, nextSequence: 0 }]);
  expect(new BookSync(DEPTH_RULE, 'asked').lost()).toEqual([]);
});

test('a level that is no level breaks the book instead of bending it', () => {
  const sync = synced();
  expect(kinds(sync.delta(delta(106, 110, 105, [['-1', '2']])))).toEqual(['gap', 'need_snapshot']);
});

test('the buffer is bounded; past it the oldest deltas go and only a newer snapshot fits', () => {
  const sync = new BookSync(DEPTH_RULE, 'asked');
  sync.begin();
  for (let at = 1; at <= MAX_BUFFERED + 10; at++) sync.delta(delta(at, at, at - 1));
  expect(kinds(sync.snapshot(snapshot(5)))).toEqual(['need_snapshot']);
  expect(kinds(sync.snapshot(snapshot(MAX_BUFFERED)))[0]).toBe('snapshot');
});

test('a delta that fits and crosses the book is a gap like any other', () => {
  const sync = synced();
  expect(kinds(sync.delta(delta(106, 110, 105, [['11', '1']])))).toEqual(['gap', 'need_snapshot']);
  expect(sync.current()).toBeUndefined();
});

test('a crossed snapshot is not believed, whether the stream proves it or is quiet', () => {
  const crossed = { ...snapshot(100), bids: [{ price: '11', quantity: '1' }] };
  const sync = new BookSync(DEPTH_RULE, 'asked');
  sync.begin();
  sync.snapshot(crossed);
  expect(sync.settle()).toEqual([{ kind: 'need_snapshot', retry: true }]);
  sync.delta(delta(98, 105, 97));
  expect(sync.snapshot(crossed)).toEqual([{ kind: 'need_snapshot', retry: true }]);
  expect(kinds(sync.snapshot(snapshot(100)))).toEqual(['snapshot', 'update']);
});

describe('a stream that begins with its snapshot', () => {
  const streamed = () => new BookSync(DEPTH_RULE, 'streamed');

  test('asks for nothing, says nothing before the snapshot, and chains after it', () => {
    const sync = streamed();
    expect(sync.begin()).toEqual([]);
    expect(sync.delta(delta(90, 99, 89))).toEqual([]);
    expect(kinds(sync.streamed(snapshot(100)))).toEqual(['snapshot']);
    expect(kinds(sync.delta(delta(101, 103, 100)))).toEqual(['update']);
  });

  test('a skipped delta is one gap and opens the stream anew, and what follows is silent until its snapshot', () => {
    const sync = streamed();
    sync.streamed(snapshot(100));
    expect(sync.delta(delta(105, 106, 104))).toEqual([
      { kind: 'gap', lastSequence: 100, nextSequence: 105 },
      { kind: 'reopen' },
    ]);
    expect(sync.delta(delta(107, 108, 106))).toEqual([]);
    expect(kinds(sync.streamed(snapshot(120)))).toEqual(['snapshot']);
  });

  test('a second snapshot replaces the book whole instead of being merged into it', () => {
    const sync = streamed();
    sync.streamed(snapshot(100));
    sync.streamed({ ...snapshot(200), bids: [{ price: '8', quantity: '4' }] });
    expect(sync.current()?.bids.map((level) => [String(level.price), String(level.quantity)])).toEqual([['8', '4']]);
  });

  test('a crossed snapshot ends the book that was there and opens the stream anew', () => {
    const sync = streamed();
    sync.streamed(snapshot(100));
    const crossed = { ...snapshot(200), bids: [{ price: '12', quantity: '1' }] };
    expect(kinds(sync.streamed(crossed))).toEqual(['gap', 'reopen']);
  });
});
