import { expect, test } from 'bun:test';
import { NotResumedReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type EventBody, EventLog } from './event-log.ts';
import { resume } from './resumption.ts';

const status = (message: string): EventBody => ({ $case: 'venueStatus', value: { state: 2, message } });

function logOf(count: number, capacity = 4): EventLog {
  const log = new EventLog(capacity);
  for (let each = 1; each <= count; each++) log.record(status(`${each}`));
  return log;
}

function messages(log: EventLog, seq: number, limit = 100): string[] | 'overwritten' {
  const read = log.read(seq, limit);
  if (read.kind === 'overwritten') return 'overwritten';
  return read.events.map(({ seq: at, event }) => `${at}:${event?.$case === 'venueStatus' ? event.value.message : ''}`);
}

test('events are numbered from 1 and read back from any number that is held', () => {
  const log = logOf(3);
  expect(messages(log, 1)).toEqual(['1:1', '2:2', '3:3']);
  expect(messages(log, 2, 1)).toEqual(['2:2']);
  expect(messages(log, 4)).toEqual([]);
  expect([log.firstSeq, log.nextSeq]).toEqual([1, 4]);
});

test('a full log keeps the newest events, and says so to whoever wants an older one', () => {
  const log = logOf(10);
  expect([log.firstSeq, log.nextSeq]).toEqual([7, 11]);
  expect(messages(log, 6)).toBe('overwritten');
  expect(messages(log, 7)).toEqual(['7:7', '8:8', '9:9', '10:10']);
});

test('a stream resumes after what it has seen, as long as the log still holds the next', () => {
  const log = logOf(10);
  const seen = (seq: number) => resume({ bootId: 'b1', seq }, 'b1', log);
  expect(seen(6)).toEqual({ resumed: true, notResumedReason: NotResumedReason.UNSPECIFIED, nextEventSeq: 7 });
  expect(seen(10)).toMatchObject({ resumed: true, nextEventSeq: 11 });
  expect(seen(5)).toEqual({ resumed: false, notResumedReason: NotResumedReason.LOG_OVERFLOW, nextEventSeq: 11 });
  expect(seen(11)).toMatchObject({ resumed: false, notResumedReason: NotResumedReason.UNKNOWN_SEQ, nextEventSeq: 11 });
  expect(seen(-1)).toMatchObject({ resumed: false, notResumedReason: NotResumedReason.UNKNOWN_SEQ });
  expect(seen(6.5)).toMatchObject({ resumed: false, notResumedReason: NotResumedReason.UNKNOWN_SEQ });
});

test('nothing seen, or another boot seen, is a clean cut', () => {
  const log = logOf(2);
  expect(resume(undefined, 'b1', log)).toMatchObject({ resumed: false, notResumedReason: NotResumedReason.FIRST });
  expect(resume({ bootId: 'b0', seq: 1 }, 'b1', log)).toEqual({
    resumed: false,
    notResumedReason: NotResumedReason.NEW_BOOT,
    nextEventSeq: 3,
  });
});
