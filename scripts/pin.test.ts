import { expect, test } from 'bun:test';
import { otherVersions, pinnedBun, pinProblems } from './pin.ts';

test('every place that names a Bun version names the pinned one', () => {
  expect(pinProblems()).toEqual([]);
});

test('another version in a document is found, the pinned one is not', () => {
  const text = 'npx -y bun@1.0.0 run start\nnpx -y bun@9.9.9 run test';
  expect(otherVersions('README.md', text, '9.9.9')).toEqual(['README.md: names bun@1.0.0, not 9.9.9']);
});

test('the tests run on the pinned Bun', () => {
  expect(Bun.version).toBe(pinnedBun());
});
