/** Decimals and times as venues write them: a fixed number of places, and whole milliseconds. */
import { type Decimal, round } from '@trunkline/proto/decimal';

/** Digits after the point. */
export function places(value: Decimal): number {
  const point = value.indexOf('.');
  return point < 0 ? 0 : value.length - point - 1;
}

/** Exactly `count` places, half-even. */
export function fixed(value: Decimal, count: number): string {
  // Most values are on the grid already: rounding builds a number, padding does not.
  return padded(places(value) <= count ? value : round(value, count, 'half-even'), count);
}

/** At least `count` places and nothing rounded away. */
export function padded(value: Decimal, count: number): string {
  if (count === 0) return value;
  const missing = count - places(value);
  if (missing <= 0) return value;
  return `${value}${missing === count ? '.' : ''}${'0'.repeat(missing)}`;
}

export function milliseconds(timeUs: number): number {
  return Math.floor(timeUs / 1_000);
}
