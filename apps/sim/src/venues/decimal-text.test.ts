import { expect, test } from 'bun:test';
import { decimal } from '@trunkline/proto/decimal';
import { fixed, padded } from './decimal-text.ts';

test('values are padded to their places, and rounded only where they have more', () => {
  expect(fixed(decimal('61800.2'), 2)).toBe('61800.20');
  expect(fixed(decimal('7'), 3)).toBe('7.000');
  expect(fixed(decimal('1.005'), 2)).toBe('1.00');
  expect(fixed(decimal('-0.5'), 0)).toBe('0');
  expect(padded(decimal('0.123456'), 5)).toBe('0.123456');
});
