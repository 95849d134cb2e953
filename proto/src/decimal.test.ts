/** Decimals against whole-number arithmetic: every value is digits times a power of ten, so BigInt is the judge. */
import { describe, expect, test } from 'bun:test';
import {
  absolute,
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  isMultipleOf,
  isNegative,
  isPositive,
  isZero,
  MAX_DECIMAL_LENGTH,
  max,
  min,
  multiply,
  negate,
  parseDecimal,
  parsePrice,
  type Rounding,
  round,
  roundToStep,
  subtract,
  sum,
} from './decimal.ts';
import { seededRng } from './rng.ts';

const SEED = process.env['SEED'] ?? '1';
const ROUNDS = 3_000;
const rng = seededRng(`decimal/${SEED}`);

/** units x 10^-scale. */
interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

function draw(): Exact {
  const digits = rng.integer(15);
  let units = 0n;
  for (let digit = 0; digit < digits; digit++) units = units * 10n + BigInt(rng.integer(3) === 0 ? 0 : rng.integer(10));
  return { units: rng.integer(2) === 0 ? units : -units, scale: rng.integer(10) };
}

/** As a person would write it, zeros and all. */
function written({ units, scale }: Exact): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}

/** The canonical text, made without the module under test. */
function canonical(value: Exact): string {
  let { units, scale } = value;
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return written({ units, scale });
}

function toDecimal(value: Exact): Decimal {
  return decimal(written(value));
}

function align(a: Exact, b: Exact): { readonly a: bigint; readonly b: bigint; readonly scale: number } {
  const scale = Math.max(a.scale, b.scale);
  return { a: a.units * 10n ** BigInt(scale - a.scale), b: b.units * 10n ** BigInt(scale - b.scale), scale };
}

/** dividend / divisor to a whole number. */
function quotient(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const top = dividend < 0n ? -dividend : dividend;
  const bottom = divisor < 0n ? -divisor : divisor;
  const floor = top / bottom;
  const rest = top % bottom;
  const half = rest * 2n === bottom ? floor % 2n === 1n : rest * 2n > bottom;
  const up = rounding === 'up' ? rest > 0n : rounding === 'half-even' && half;
  const magnitude = floor + (up ? 1n : 0n);
  return negative ? -magnitude : magnitude;
}

const ROUNDINGS: readonly Rounding[] = ['down', 'up', 'half-even'];

function forPairs(check: (a: Exact, b: Exact) => void): void {
  for (let round = 0; round < ROUNDS; round++) {
    const a = draw();
    const b = draw();
    try {
      check(a, b);
    } catch (error) {
      throw new Error(`SEED=${SEED} round ${round}: ${written(a)} and ${written(b)}`, { cause: error });
    }
  }
}

describe('agrees with whole-number arithmetic', () => {
  test('reading gives the one canonical text of a value', () => {
    forPairs((a) => expect<string>(toDecimal(a)).toBe(canonical(a)));
  });

  test('add, subtract, multiply and sum are exact', () => {
    forPairs((a, b) => {
      const whole = align(a, b);
      const [x, y] = [toDecimal(a), toDecimal(b)];
      expect<string>(add(x, y)).toBe(canonical({ units: whole.a + whole.b, scale: whole.scale }));
      expect<string>(subtract(x, y)).toBe(canonical({ units: whole.a - whole.b, scale: whole.scale }));
      expect<string>(multiply(x, y)).toBe(canonical({ units: a.units * b.units, scale: a.scale + b.scale }));
      expect(sum([x, y, negate(x)])).toBe(y);
    });
  });

  test('compare, min, max and the signs follow the order of the values', () => {
    forPairs((a, b) => {
      const whole = align(a, b);
      const [x, y] = [toDecimal(a), toDecimal(b)];
      expect(compare(x, y)).toBe(whole.a < whole.b ? -1 : whole.a > whole.b ? 1 : 0);
      expect(min(x, y)).toBe(whole.a <= whole.b ? x : y);
      expect(max(x, y)).toBe(whole.a >= whole.b ? x : y);
      expect([isZero(x), isPositive(x), isNegative(x)]).toEqual([a.units === 0n, a.units > 0n, a.units < 0n]);
      expect<string>(absolute(x)).toBe(canonical({ units: a.units < 0n ? -a.units : a.units, scale: a.scale }));
    });
  });

  test('neighbours and prefixes compare by value, not by length', () => {
    const ordered = [
      '-10',
      '-9.99',
      '-1.2',
      '-1.19',
      '-1',
      '-0.1',
      '-0.09',
      '0',
      '0.09',
      '0.1',
      '1',
      '1.19',
      '1.2',
      '9.99',
      '10',
    ];
    const values = ordered.map(decimal);
    expect(values.toReversed().toSorted(compare)).toEqual(values);
  });

  test.each(ROUNDINGS)('divide rounds %s to the named places', (rounding) => {
    forPairs((a, b) => {
      if (b.units === 0n) return;
      const places = rng.integer(9);
      const whole = align(a, b);
      const units = quotient(whole.a * 10n ** BigInt(places), whole.b, rounding);
      expect<string>(divide(toDecimal(a), toDecimal(b), places, rounding)).toBe(canonical({ units, scale: places }));
    });
  });

  test.each(ROUNDINGS)('round %s keeps the named places', (rounding) => {
    forPairs((a) => {
      const places = rng.integer(9);
      const units = quotient(a.units * 10n ** BigInt(places), 10n ** BigInt(a.scale), rounding);
      expect<string>(round(toDecimal(a), places, rounding)).toBe(canonical({ units, scale: places }));
    });
  });

  test.each(ROUNDINGS)('roundToStep %s gives a multiple of the step', (rounding) => {
    forPairs((a, b) => {
      if (b.units === 0n) return;
      const positive = { ...b, units: b.units < 0n ? -b.units : b.units };
      const [value, step] = [toDecimal(a), toDecimal(positive)];
      const whole = align(a, positive);
      const units = quotient(whole.a, whole.b, rounding) * positive.units;
      const result = roundToStep(value, step, rounding);
      expect<string>(result).toBe(canonical({ units, scale: b.scale }));
      expect(isMultipleOf(result, step)).toBe(true);
      expect(isMultipleOf(value, step)).toBe(whole.a % whole.b === 0n);
    });
  });
});

test.each([
  '',
  ' ',
  '+1',
  '1.',
  '.5',
  '1e5',
  '1E-7',
  'NaN',
  'Infinity',
  '0x10',
  '1,000',
  '1 ',
  '--1',
  '-',
  '١',
  '1\n',
  'x'.repeat(1e7),
])('the text %# is no decimal', (text) => {
  expect(parseDecimal(text)).toBeUndefined();
  expect(() => decimal(text)).toThrow();
});

test.each([1, 1n, null, undefined, {}, [['1']]])(
  '%p is no decimal: numbers of JavaScript never become money',
  (value) => {
    expect(parseDecimal(value)).toBeUndefined();
    expect(parsePrice(value)).toBeUndefined();
  },
);

test('zero has one form', () => {
  expect(['0', '-0', '0.00', '-0.0', '000'].map((text) => String(parseDecimal(text)))).toEqual([
    '0',
    '0',
    '0',
    '0',
    '0',
  ]);
  expect<string>(round(decimal('-0.4'), 0, 'down')).toBe('0');
  expect<string>(negate(decimal('0'))).toBe('0');
});

test('the longest number is read exactly and one digit more is refused', () => {
  const longest = `${'9'.repeat(20)}.${'9'.repeat(MAX_DECIMAL_LENGTH - 21)}`;
  expect<string | undefined>(parseDecimal(longest)).toBe(longest);
  expect(parseDecimal(`${longest}9`)).toBeUndefined();
});

test('very small and very large results have no exponent', () => {
  expect<string>(multiply(decimal('0.0000000001'), decimal('0.0000000001'))).toBe('0.00000000000000000001');
  expect<string>(multiply(decimal('1000000000000000'), decimal('1000000000000000'))).toBe(`1${'0'.repeat(30)}`);
});

test('division by zero throws: it is a bug of the caller', () => {
  expect(() => divide(decimal('1'), decimal('0'), 2, 'down')).toThrow('zero');
  expect(() => roundToStep(decimal('1'), decimal('0'), 'down')).toThrow();
});
