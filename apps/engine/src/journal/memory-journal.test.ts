import { expect, test } from 'bun:test';
import { openMemoryJournal } from './memory-journal.ts';

const nowUs = 1_767_225_600_000_000;
const event = { account: 'main', subject: 'order', subjectId: 'a', kind: 'k', payload: '{}', atUs: nowUs } as const;

test('while appends fail nothing is written and reads go on', async () => {
  const journal = openMemoryJournal();
  journal.failAppends('disk_full');
  expect(await journal.append({ events: [event], nowUs })).toMatchObject({ kind: 'failed', code: 'disk_full' });
  expect(await journal.listEvents({ fromSeq: 1, limit: 10 })).toEqual([]);
  journal.failAppends(undefined);
  expect((await journal.append({ events: [event], nowUs })).kind).toBe('committed');
});
