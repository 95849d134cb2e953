/**
 * Exact decimal arithmetic on canonical strings. Prices, quantities and money never pass through a float.
 *
 * D1  A `Decimal` is canonical: no exponent, no leading `+` or zeros, no trailing zeros after the point, no `-0`.
 *     Two equal values are therefore the same string.
 * D2  `add`, `subtract` and `multiply` are exact. Whatever can be inexact names its step or places and its rounding.
 * D3  The only ways to make a `Decimal` are `parseDecimal` (outside input) and this module's arithmetic.
 *
 * big.js does the arithmetic; comparison, the only hot operation, works on the strings themselves.
 */
import Big from 'big.js';

declare const decimalBrand: unique symbol;
declare const unitBrand: unique symbol;

/** An exact decimal number as a canonical string (D1). */
export type Decimal = string & { readonly [decimalBrand]: true };
/** Quote currency per one unit of base. */
export type Price = Decimal & { readonly [unitBrand]: 'price' };
/** Amount of base asset (venues that count contracts are converted at the edge). */
export type Quantity = Decimal & { readonly [unitBrand]: 'quantity' };
/** Price times quantity, in the quote currency. */
export type Notional = Decimal & { readonly [unitBrand]: 'notional' };

/** `down` is towards zero, `up` away from zero, `half-even` to the nearest, ties to the even neighbour. */
export type Rounding = 'down' | 'up' | 'half-even';

/** The longest text that is read as a number: enough for 20 digits either side of the point. */
export const MAX_DECIMAL_LENGTH = 42;

const CANONICAL = /^(?:0|-?(?:[1-9]\d*|0(?=\.))(?:\.\d*[1-9])?)$/;
const READABLE = /^-?\d+(?:\.\d+)?$/;
const ROUNDING = { down: Big.roundDown, up: Big.roundUp, 'half-even': Big.roundHalfEven } as const;

/** A strict constructor: a JavaScript number handed in by mistake throws. */
const Exact = Big();
Exact.strict = true;

/**
 * Reads outside text as a decimal. Undefined for anything but plain digits with an optional sign and point
 * (no exponent, no NaN, no empty string), or longer than `MAX_DECIMAL_LENGTH`.
 */
export function parseDecimal(text: unknown): Decimal | undefined {
  if (typeof text !== 'string' || text.length === 0 || text.length > MAX_DECIMAL_LENGTH) return undefined;
  if (isCanonical<Decimal>(text)) return text;
  if (!READABLE.test(text)) return undefined;
  return canonical<Decimal>(new Exact(text));
}

export function parsePrice(text: unknown): Price | undefined {
  const value = parseDecimal(text);
  return value !== undefined && isUnit<Price>(value) ? value : undefined;
}

export function parseQuantity(text: unknown): Quantity | undefined {
  const value = parseDecimal(text);
  return value !== undefined && isUnit<Quantity>(value) ? value : undefined;
}

export function parseNotional(text: unknown): Notional | undefined {
  const value = parseDecimal(text);
  return value !== undefined && isUnit<Notional>(value) ? value : undefined;
}

/** A literal of our own source. Throws on anything that `parseDecimal` refuses: that is a bug, not input. */
export function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`not a decimal: ${JSON.stringify(text.slice(0, 60))}`);
  return value;
}

export function price(text: string): Price {
  return asPrice(decimal(text));
}

export function quantity(text: string): Quantity {
  return asQuantity(decimal(text));
}

/** Names the unit of a computed value; the value itself is unchanged. */
export function asPrice(value: Decimal): Price {
  if (!isUnit<Price>(value)) throw new Error(`not a price: ${value}`);
  return value;
}

export function asQuantity(value: Decimal): Quantity {
  if (!isUnit<Quantity>(value)) throw new Error(`not a quantity: ${value}`);
  return value;
}

export function asNotional(value: Decimal): Notional {
  if (!isUnit<Notional>(value)) throw new Error(`not a notional: ${value}`);
  return value;
}

export const ZERO: Decimal = decimal('0');
export const ONE: Decimal = decimal('1');

export function add<T extends Decimal>(a: T, b: T): T {
  if (a === '0') return b;
  if (b === '0') return a;
  return canonical<T>(new Exact(a).plus(b));
}

export function subtract<T extends Decimal>(a: T, b: T): T {
  if (b === '0') return a;
  return canonical<T>(new Exact(a).minus(b));
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = new Exact('0');
  for (const value of values) total = total.plus(value);
  return canonical<Decimal>(total);
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (a === '0' || b === '0') return ZERO;
  return canonical<Decimal>(new Exact(a).times(b));
}

/** Price times quantity: exact. */
export function notional(at: Price, amount: Quantity): Notional {
  return asNotional(multiply(at, amount));
}

/** a / b to `places` decimal places. Throws when b is zero: check first. */
export function divide(a: Decimal, b: Decimal, places: number, rounding: Rounding): Decimal {
  if (b === '0') throw new Error(`division of ${a} by zero`);
  // big.js rounds a quotient by its constructor's DP and RM; each pair keeps its own constructor.
  const Scoped = Big();
  Scoped.DP = places;
  Scoped.RM = ROUNDING[rounding];
  return canonical<Decimal>(new Scoped(a).div(b));
}

/** Rounds to `places` decimal places. */
export function round<T extends Decimal>(value: T, places: number, rounding: Rounding): T {
  return canonical<T>(new Exact(value).round(places, ROUNDING[rounding]));
}

export function negate<T extends Decimal>(value: T): T {
  return canonical<T>(new Exact(value).neg());
}

export function absolute<T extends Decimal>(value: T): T {
  return value.startsWith('-') ? negate(value) : value;
}

/** The multiple of `step` nearest to `value` in the named direction. `step` must be above zero. */
export function roundToStep<T extends Decimal>(value: T, step: Decimal, rounding: Rounding): T {
  const unit = new Exact(step);
  const multiple = new Exact(divide(value, step, 0, rounding));
  // A quotient is rounded once at 0 places, so `multiple` is already exact.
  return canonical<T>(multiple.times(unit));
}

/** Whether `value` lies exactly on the grid of `step`. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return new Exact(value).mod(new Exact(step)).eq('0');
}

/** -1, 0 or 1. Works on the canonical strings; no number is built. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a === b) return 0;
  const aNegative = a.charCodeAt(0) === MINUS;
  const bNegative = b.charCodeAt(0) === MINUS;
  if (aNegative !== bNegative) return aNegative ? -1 : 1;
  const larger = magnitudeIsLarger(a, b, aNegative ? 1 : 0);
  return larger === aNegative ? -1 : 1;
}

export function isZero(value: Decimal): boolean {
  return value === '0';
}

export function isPositive(value: Decimal): boolean {
  return value !== '0' && value.charCodeAt(0) !== MINUS;
}

export function isNegative(value: Decimal): boolean {
  return value.charCodeAt(0) === MINUS;
}

export function min<T extends Decimal>(a: T, b: T): T {
  return compare(a, b) <= 0 ? a : b;
}

export function max<T extends Decimal>(a: T, b: T): T {
  return compare(a, b) >= 0 ? a : b;
}

/** A lossy number for metrics and display only; never for a decision. */
export function toApproximateNumber(value: Decimal): number {
  return Number(value);
}

const MINUS = 45;
const POINT = '.';

/** Whether |a| > |b| for two different canonical strings whose digits start at `from`. */
function magnitudeIsLarger(a: string, b: string, from: number): boolean {
  const aInteger = integerEnd(a);
  const bInteger = integerEnd(b);
  if (aInteger !== bInteger) return aInteger > bInteger;
  // Equal integer lengths: digit order is text order, and a canonical prefix is the smaller number.
  return a.slice(from) > b.slice(from);
}

function integerEnd(text: string): number {
  const point = text.indexOf(POINT);
  return point < 0 ? text.length : point;
}

function canonical<T extends Decimal>(value: Big): T {
  const text = value.toFixed();
  const plain = text === '-0' ? '0' : text;
  if (!isCanonical<T>(plain)) throw new Error(`arithmetic left a value that is not canonical: ${plain}`);
  return plain;
}

function isCanonical<T extends Decimal>(text: string): text is T {
  return CANONICAL.test(text);
}

function isUnit<T extends Decimal>(value: Decimal): value is T {
  return CANONICAL.test(value);
}
