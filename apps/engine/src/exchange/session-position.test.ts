import { expect, test } from 'bun:test';
import { SessionEvent, Welcome } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { SessionPosition } from './session-position.ts';

const EPOCH = 3;
const welcome = (fields: Partial<Welcome>) =>
  Welcome.fromPartial({ bootId: 'b1', resumed: true, nextEventSeq: 1, ...fields });
const event = (seq: number) => SessionEvent.fromPartial({ seq });
const result = (seq: number, commandSeq: number, epoch = EPOCH) =>
  SessionEvent.fromPartial({ seq, event: { $case: 'result', value: { commandSeq, epoch, outcomes: [] } } });

function open(): SessionPosition {
  const position = new SessionPosition(EPOCH, undefined);
  position.welcome(welcome({ resumed: false }));
  return position;
}

test('each event is handed on once, in sequence, whatever is replayed', () => {
  const position = open();
  expect([1, 2, 2, 1, 4].map((seq) => position.event(event(seq)))).toEqual(['next', 'next', 'old', 'old', 'ahead']);
  position.ack(1, 'b1');
  expect(position.lastSeen).toEqual({ bootId: 'b1', seq: 1 });
  position.welcome(welcome({ nextEventSeq: 2 }));
  expect([2, 3].map((seq) => position.event(event(seq)))).toEqual(['old', 'next']);
});

test('an acknowledgement counts once, for its own boot, and never for what was not handed on', () => {
  const position = open();
  position.event(event(1));
  position.event(event(2));
  expect(position.ack(3, 'b1')).toBe(false);
  expect(position.ack(2, 'b0')).toBe(false);
  expect(position.ack(2, 'b1')).toBe(true);
  expect(position.ack(1, 'b1')).toBe(false);
});

test('after a resume, commands above the last received were not delivered, the others still get their results', () => {
  const position = open();
  for (let n = 0; n < 3; n++) position.command();
  const settled = position.welcome(welcome({ lastCommandSeq: 1, nextEventSeq: 1 }));
  expect(settled).toEqual({ notDelivered: [2, 3], orphaned: [] });
  expect(position.pending).toBe(1);
  position.event(result(1, 1));
  expect(position.pending).toBe(0);
});

test('a new boot orphans every command, and a lost log those that were received', () => {
  const moved = open();
  moved.command();
  expect(moved.welcome(welcome({ bootId: 'b2', resumed: false }))).toEqual({ notDelivered: [], orphaned: [1] });
  expect(moved.boots).toBe(2);
  const overflowed = open();
  overflowed.command();
  overflowed.command();
  const settled = overflowed.welcome(welcome({ resumed: false, lastCommandSeq: 1, nextEventSeq: 90 }));
  expect(settled).toEqual({ notDelivered: [2], orphaned: [1] });
  expect(overflowed.event(event(90))).toBe('next');
});

test('a command number is never used twice: not after an undelivered one, not by a successor of the session', () => {
  const position = open();
  expect([position.command(), position.command()]).toEqual([1, 2]);
  position.welcome(welcome({ lastCommandSeq: 0 }));
  expect(position.command()).toBe(3);
  const successor = new SessionPosition(EPOCH, { bootId: 'b1', seq: 0 });
  successor.welcome(welcome({ lastCommandSeq: 3 }));
  expect(successor.command()).toBe(4);
});

test('a result of another epoch ends none of our commands', () => {
  const position = open();
  position.command();
  position.event(result(1, 1, EPOCH - 1));
  expect(position.pending).toBe(1);
  expect(position.abandon()).toEqual([1]);
});
