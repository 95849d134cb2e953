/**
 * Reading a venue's JSON strictly: a field is what the venue documents or the whole message is `Unreadable`.
 *
 * F1  Numbers that count (prices, quantities, money) come out as canonical decimals, never through a float.
 * F2  Inside a mapper a missing field throws `Unreadable`; `reading` turns that into a value at the boundary.
 * F3  Ids come out as text. Integers of 16 digits and more are quoted before the JSON is parsed, so that they stay exact.
 */
import { isRecord } from '@trunkline/kit/record';
import { type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

export type Json = Readonly<Record<string, unknown>>;

/** To a query it is what the venue's silence is: no usable answer. */
export class Unreadable extends ExchangeError {
  constructor(what: string) {
    super(ErrorReason.VENUE_UNAVAILABLE, `the venue's message cannot be read: ${what}`);
  }
}

/** Runs a mapper; its `Unreadable` becomes the result. */
export function reading<T>(map: () => T): T | Unreadable {
  try {
    return map();
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

/** Undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(LONG_NUMBER.test(text) ? text.replace(STRING_OR_LONG, quoteNumber) : text);
  } catch {
    return undefined;
  }
}

export function record(value: unknown, what: string): Json {
  if (!isRecord(value)) throw new Unreadable(`${what} is not an object`);
  return value;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unreadable(`${what} is not a list`);
  return value;
}

/** Text, or an integer as text. */
export function text(from: Json, key: string): string {
  const value = optionalText(from, key);
  if (value === undefined) throw new Unreadable(`${key} is missing`);
  return value;
}

export function optionalText(from: Json, key: string): string | undefined {
  const value = from[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

export function amount(from: Json, key: string): Decimal {
  const value = exact(from[key]);
  if (value === undefined) throw new Unreadable(`${key} is not a decimal`);
  return value;
}

export function optionalAmount(from: Json, key: string): Decimal | undefined {
  return from[key] === undefined || from[key] === null || from[key] === '' ? undefined : amount(from, key);
}

/** Undefined where the venue writes 0 for "none". */
export function amountAboveZero(from: Json, key: string): Decimal | undefined {
  const value = optionalAmount(from, key);
  return value === undefined || value === '0' ? undefined : value;
}

export function whole(from: Json, key: string): number {
  const value = from[key];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^-?\d{1,16}$/.test(value)) return Number(value);
  throw new Unreadable(`${key} is not a whole number`);
}

export function flag(from: Json, key: string): boolean {
  return from[key] === true || from[key] === 'true';
}

/** Milliseconds of the venue as microseconds of the contract. */
export function timeUs(from: Json, key: string): number {
  return whole(from, key) * 1_000;
}

/** Venues pad with zeros ("0.500"); cut by hand, since that is cheaper than arithmetic for every book level. */
export function exact(value: unknown): Decimal | undefined {
  if (typeof value !== 'string') return undefined;
  if (!value.includes('.') || value.endsWith('.')) return parseDecimal(value);
  let end = value.length;
  while (value.charCodeAt(end - 1) === ZERO_CODE) end--;
  if (value.charCodeAt(end - 1) === POINT_CODE) end--;
  return parseDecimal(value.slice(0, end));
}

const LONG_NUMBER = /\d{16}/;
/** Strings are matched to be stepped over: digits in a message are no number. */
const STRING_OR_LONG = /"(?:[^"\\]|\\.)*"|(?<=[:,[\s])-?\d{16,}(?=\s*[,}\]])/g;

function quoteNumber(token: string): string {
  return token.startsWith('"') ? token : `"${token}"`;
}

const ZERO_CODE = 48;
const POINT_CODE = 46;
