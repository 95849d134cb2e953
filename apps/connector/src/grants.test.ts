import { expect, test } from 'bun:test';
import { grantOf, refuseCaller } from './grants.ts';

const grants = { 'engine/main': 'trade', 'tool/desk': 'tool' } as const;

test('a grant belongs to a role and a name together', () => {
  expect(grantOf(grants, { role: 'engine', name: 'main' })).toBe('trade');
  expect(grantOf(grants, { role: 'tool', name: 'main' })).toBeUndefined();
  expect(grantOf(grants, { role: 'engine', name: 'desk' })).toBeUndefined();
});

test('names of the object prototype hold no grant', () => {
  expect(grantOf({}, { role: 'engine', name: '__proto__' })).toBeUndefined();
});

test('a refusal names the caller, what it holds and what it needs', () => {
  expect(refuseCaller(grants, { role: 'engine', name: 'main' }, ['trade'])).toBeUndefined();
  const refusal = refuseCaller(grants, { role: 'tool', name: 'desk' }, ['trade']);
  expect(refusal?.reasonName).toBe('NOT_GRANTED');
  expect(refusal?.message).toBe('tool/desk is granted tool; this needs trade');
});
