import { expect, test } from 'bun:test';
import { createCallLog } from './call-log.ts';

const call = (status: number) => ({ timeUs: 1, method: 'GET', path: '/x', status });

test('calls are numbered from zero and read from any number on', () => {
  const log = createCallLog();
  for (let index = 0; index < 5; index++) log.add(call(index));
  expect(log.list(3, 10)).toEqual([
    { seq: 3, ...call(3) },
    { seq: 4, ...call(4) },
  ]);
  expect(log.list(0, 2).map(({ seq }) => seq)).toEqual([0, 1]);
  expect(log.list(5, 10)).toEqual([]);
});

test('only the newest hundred thousand are kept, with their own numbers', () => {
  const log = createCallLog();
  for (let index = 0; index < 100_003; index++) log.add(call(index));
  expect(log.list(0, 1)).toEqual([{ seq: 3, ...call(3) }]);
  expect(log.list(100_002, 5)).toEqual([{ seq: 100_002, ...call(100_002) }]);
});
