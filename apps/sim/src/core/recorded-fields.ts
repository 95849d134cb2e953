/** Reading the fields of recorded messages: undefined for whatever is not what it should be. */
import { isNegative, isPositive, parsePrice, parseQuantity, type Quantity } from '@trunkline/proto/decimal';
import type { Level } from './types.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

/** Update ids; some venues write them as text. */
export function idOf(value: unknown): number | undefined {
  const id = isText(value) && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : undefined;
}

/** Levels as `[price, quantity]`; `quantityOf` converts where a venue counts in something else. */
export function levelsOf(value: unknown, quantityOf = parseQuantity): readonly Level[] | undefined {
  return allOf(value, (entry) => (Array.isArray(entry) ? levelOf(entry[0], entry[1], quantityOf) : undefined));
}

export function levelOf(
  price: unknown,
  quantity: unknown,
  quantityOf: (value: unknown) => Quantity | undefined = parseQuantity,
): Level | undefined {
  const at = parsePrice(price);
  const amount = quantityOf(quantity);
  if (at === undefined || amount === undefined || !isPositive(at) || isNegative(amount)) return undefined;
  return [at, amount];
}

/** Every entry of a list read, or undefined when one cannot be, or it is no list. */
export function allOf<T>(value: unknown, read: (entry: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all: T[] = [];
  for (const entry of value) {
    const one = read(entry);
    if (one === undefined) return undefined;
    all.push(one);
  }
  return all;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
