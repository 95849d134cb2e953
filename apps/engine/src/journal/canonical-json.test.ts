import { expect, test } from 'bun:test';
import { canonicalJson } from './canonical-json.ts';

test('equal values have one spelling whatever the order of their keys', () => {
  const one = canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, absent: undefined });
  const other = canonicalJson({ a: true, b: [1, { c: 'x', d: null }] });
  expect(one).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  expect(other).toBe(one);
});

test('a float is refused, because money never is one', () => {
  expect(() => canonicalJson({ price: 0.1 })).toThrow('not a safe integer');
  expect(() => canonicalJson([Number.NaN])).toThrow('not a safe integer');
});
