/**
 * Parameters as the venue reads them: the query of a GET, the JSON object of a POST.
 *
 * P1  Values are text; a number or boolean of the JSON counts as its text, null and '' as absent.
 * P2  Lists of objects (`orderList`, `orderIdList`) are read beside the plain parameters; anything deeper is dropped.
 */
import { isRecord } from '@trunkline/kit/record';
import { type Decimal, isPositive, parseDecimal } from '@trunkline/proto/decimal';
import { isRefused, type Refused, refuse } from './errors.ts';

/** Request parameters by name. */
export type Params = ReadonlyMap<string, string>;

export interface Sent {
  readonly params: Params;
  /** P2. */
  readonly lists: ReadonlyMap<string, readonly Params[]>;
}

export function readQuery(query: string): Sent {
  return { params: new Map(new URLSearchParams(query)), lists: new Map() };
}

export function readBody(body: string): Sent | Refused {
  if (body === '') return { params: new Map(), lists: new Map() };
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return refuse('VERIFICATION_FAILED');
  const lists = new Map<string, readonly Params[]>();
  for (const [name, value] of Object.entries(parsed)) {
    if (Array.isArray(value)) lists.set(name, value.filter(isRecord).map(fields));
  }
  return { params: fields(parsed), lists };
}

/** Undefined when absent or empty. */
export function optional(params: Params, name: string): string | undefined {
  const value = params.get(name);
  return value === '' ? undefined : value;
}

export function required(params: Params, name: string): string | Refused {
  return optional(params, name) ?? refuse('EMPTY_PARAMETER', name);
}

/** Text of one of `known`, in any case. */
export function oneOf<T extends string>(params: Params, name: string, known: readonly T[]): T | undefined | Refused {
  const text = optional(params, name);
  if (text === undefined) return undefined;
  return known.find((value) => value.toLowerCase() === text.toLowerCase()) ?? refuse('BAD_PARAMETER', name);
}

/** A decimal above zero. */
export function optionalDecimal(params: Params, name: string): Decimal | undefined | Refused {
  const text = optional(params, name);
  if (text === undefined) return undefined;
  const value = parseDecimal(text);
  return value !== undefined && isPositive(value) ? value : refuse('BAD_VALUE', `${name} <= 0`);
}

/** A whole number in decimal digits, at most 2^53 - 1. */
export function optionalInteger(params: Params, name: string): number | undefined | Refused {
  const text = optional(params, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : refuse('BAD_PARAMETER', name);
}

/** The `limit` parameter: absent means `usual`; more than `most` gives `most`, as the venue does. */
export function pageLimit(params: Params, usual: number, most: number): number | Refused {
  const limit = optionalInteger(params, 'limit');
  if (isRefused(limit)) return limit;
  if (limit === undefined) return usual;
  return limit >= 1 ? Math.min(limit, most) : refuse('BAD_PARAMETER', 'limit');
}

/** `startTime` and `endTime` (ms on the wire) as the core's filter bounds in microseconds. */
export function timeBounds(params: Params): { startUs?: number; endUs?: number } | Refused {
  const start = optionalInteger(params, 'startTime');
  if (isRefused(start)) return start;
  const end = optionalInteger(params, 'endTime');
  if (isRefused(end)) return end;
  if (start !== undefined && end !== undefined && start > end) return refuse('START_AFTER_END');
  return {
    ...(start === undefined ? {} : { startUs: start * 1_000 }),
    // The bound is inclusive and in whole milliseconds: take in that millisecond's last microsecond.
    ...(end === undefined ? {} : { endUs: end * 1_000 + 999 }),
  };
}

function fields(record: Readonly<Record<string, unknown>>): Params {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'string') found.set(name, value);
    else if (typeof value === 'number' || typeof value === 'boolean') found.set(name, String(value));
  }
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: answered as such.
    return undefined;
  }
}
