import { expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { openMemoryJournal } from '../journal/memory-journal.ts';
import { HaltBoard } from './halt-board.ts';

async function opened() {
  const journal = openMemoryJournal();
  const clock = new VirtualClock();
  const reopen = () => HaltBoard.open({ journal, clock, accounts: ['main', 'other'] });
  return { journal, reopen, board: await reopen() };
}

const halt = (scope: string, state: 'running' | 'reducing' | 'halted') => ({ scope, state, reason: 'why', by: 'ops' });

test('the stricter of the account and of all holds, and a restart restores it', async () => {
  const { board, reopen, journal } = await opened();
  await board.set(halt('main', 'halted'));
  await board.set(halt('*', 'reducing'));
  expect([board.of('main').state, board.of('other').state]).toEqual(['halted', 'reducing']);
  await board.set(halt('main', 'running'));
  expect(board.of('main').state).toBe('reducing');
  const again = await reopen();
  expect([again.of('main').state, again.of('other').state]).toEqual(['reducing', 'reducing']);
  expect(journal.auditRows.map(({ who, detail }) => `${who} ${detail}`)).toContain('ops main: halted: why');
});

test('a halt acts before it is journaled, and when it cannot be', async () => {
  const { board, journal } = await opened();
  const seen: string[] = [];
  board.watch((scope) => seen.push(`${scope} ${board.of(scope).state}`));
  journal.failAppends('disk_full');
  const result = board.set(halt('main', 'halted'));
  expect(seen).toEqual(['main halted']);
  expect((await result).kind).toBe('not_journaled');
  expect(board.of('main').state).toBe('halted');
});

test('trading is not granted again before that is durable', async () => {
  const { board, journal } = await opened();
  await board.set(halt('main', 'halted'));
  journal.failAppends('disk_full');
  expect((await board.set(halt('main', 'running'))).kind).toBe('not_journaled');
  expect(board.of('main').state).toBe('halted');
  journal.failAppends(undefined);
  const loosening = board.set(halt('main', 'running'));
  expect(board.of('main').state).toBe('halted');
  await loosening;
  expect(board.of('main').state).toBe('running');
});

test('a halt that comes while trading is being granted stays', async () => {
  const { board } = await opened();
  await board.set(halt('main', 'reducing'));
  await Promise.all([board.set(halt('main', 'running')), board.set(halt('main', 'halted'))]);
  expect(board.of('main').state).toBe('halted');
});
