/**
 * Gate's numbers and times. The venue writes the same field as text in one message and as a JSON number in another, and
 * gives times in seconds, milliseconds or microseconds, with and without a fraction.
 *
 * N1  A JSON number comes out as the digits that the venue printed: its fractions are doubles printed shortest, and that
 *     text survives parsing. Whole numbers that a double cannot hold are `Unreadable`.
 * N2  Times come out as whole microseconds; their unit is told by their size.
 */
import { type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import { exact, type Json, Unreadable } from '../fields.ts';

export function decimalAt(from: Json, key: string): Decimal {
  const value = optionalDecimalAt(from, key);
  if (value === undefined) throw new Unreadable(`${key} is not a decimal`);
  return value;
}

/** Undefined where the field is absent, null, or empty. */
export function optionalDecimalAt(from: Json, key: string): Decimal | undefined {
  const value = from[key];
  if (value === undefined || value === null || value === '') return undefined;
  const decimal = typeof value === 'number' ? printed(value) : exact(value);
  if (decimal === undefined) throw new Unreadable(`${key} is not a decimal`);
  return decimal;
}

/** Undefined where the venue writes 0 for "none". */
export function decimalAboveZeroAt(from: Json, key: string): Decimal | undefined {
  const value = optionalDecimalAt(from, key);
  return value === '0' ? undefined : value;
}

/** Microseconds of the first of these fields that holds a time; 0 holds none. */
export function timeAt(from: Json, ...keys: readonly string[]): number {
  for (const key of keys) {
    const timeUs = optionalTimeAt(from, key);
    if (timeUs !== undefined) return timeUs;
  }
  throw new Unreadable(`${keys.join(' or ')} is not a time`);
}

export function optionalTimeAt(from: Json, key: string): number | undefined {
  const value = from[key];
  if (typeof value !== 'number' && (typeof value !== 'string' || !TIME.test(value))) return undefined;
  const time = Number(value);
  if (!Number.isFinite(time) || time <= 0) return undefined;
  if (time >= FIRST_MICROSECONDS) return Math.round(time);
  return Math.round(time * (time >= FIRST_MILLISECONDS ? 1_000 : 1_000_000));
}

const TIME = /^\d{1,17}(\.\d{1,9})?$/;
/** 1973 in milliseconds, and 5138 in seconds: no time of the venue is near either. */
const FIRST_MILLISECONDS = 1e11;
const FIRST_MICROSECONDS = 1e14;

function printed(value: number): Decimal | undefined {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return undefined;
  return parseDecimal(withoutExponent(String(value)));
}

/** `1.5e-7` as `0.00000015`; JavaScript prints small numbers so. */
function withoutExponent(text: string): string {
  const [, sign = '', whole, fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e-(\d{1,2})$/.exec(text) ?? [];
  if (whole === undefined) return text;
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`;
}
