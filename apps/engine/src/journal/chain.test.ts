import { expect, test } from 'bun:test';
import { brokenLink, chainEvents, EMPTY_CHAIN, GENESIS_HASH, hashEvent } from './chain.ts';
import type { NewEvent } from './journal.ts';

const event = (subjectId: string, kind = 'intent'): NewEvent => ({
  account: 'main',
  subject: 'order',
  subjectId,
  kind,
  payload: '{}',
  atUs: 1_767_225_600_000_000,
});

test('rows follow each other from the genesis hash without holes', () => {
  const rows = chainEvents(EMPTY_CHAIN, [event('a'), event('b'), event('c')]);
  expect(rows.map((row) => row.seq)).toEqual([1, 2, 3]);
  expect(rows[0]?.previousHash).toBe(GENESIS_HASH);
  expect(rows[2]?.previousHash).toBe(rows[1]?.hash ?? '');
  let head = EMPTY_CHAIN;
  for (const row of rows) {
    expect(brokenLink(head, row)).toBeUndefined();
    head = row;
  }
});

test('the byte layout of the hash never changes', () => {
  const [row] = chainEvents(EMPTY_CHAIN, [event('a')]);
  const fields = [GENESIS_HASH, '1', 'main', 'order', 'a', 'intent', '{}', '1767225600000000'];
  const bytes = Buffer.concat(
    fields.map((field) => Buffer.concat([Buffer.from([0, 0, 0, field.length]), Buffer.from(field)])),
  );
  expect(row?.hash).toBe(new Bun.CryptoHasher('sha256').update(bytes).digest('hex'));
});

test('every column counts, and a byte cannot move from one to the next', () => {
  const [row] = chainEvents(EMPTY_CHAIN, [event('a', 'bc')]);
  if (!row) throw new Error('no row');
  const changed = [
    { ...row, previousHash: 'f'.repeat(64) },
    { ...row, seq: 2 },
    { ...row, account: 'mainx' },
    { ...row, subject: 'account' as const },
    { ...row, subjectId: 'ab', kind: 'c' },
    { ...row, kind: 'bd' },
    { ...row, payload: '{ }' },
    { ...row, atUs: row.atUs + 1 },
  ];
  expect(new Set([row, ...changed].map(hashEvent)).size).toBe(changed.length + 1);
});

test('a missing, a foreign and a changed row are each named', () => {
  const [first, second] = chainEvents(EMPTY_CHAIN, [event('a'), event('b')]);
  if (!first || !second) throw new Error('no rows');
  expect(brokenLink(EMPTY_CHAIN, second)).toContain('event 1 is missing');
  expect(brokenLink({ seq: 1, hash: GENESIS_HASH }, second)).toContain('does not follow event 1');
  expect(brokenLink(first, { ...second, payload: '[]' })).toContain('event 2 was changed');
});
