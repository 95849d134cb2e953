/**
 * Request fields as typed values. The venue takes a number as JSON number or as text alike, so does this.
 *
 * P1  An absent field, `null` and an empty text are the same: not given.
 * P2  Times on the wire are whole seconds.
 */
import { isRecord } from '@trunkline/kit/record';
import { type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import type { Core } from '../../core/core-api.ts';
import type { Instrument } from '../../core/types.ts';
import type { Fields } from './call.ts';
import { badValue, isRefused, type Label, type Refused, refuse } from './errors.ts';

/** Text of a field; undefined when not given (P1). */
export function optionalText(fields: Fields, name: string): string | undefined | Refused {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : badValue(name, value);
}

export function requiredText(fields: Fields, name: string): string | Refused {
  return optionalText(fields, name) ?? refuse('MISSING_REQUIRED_PARAM', name);
}

export function optionalDecimal(fields: Fields, name: string): Decimal | undefined | Refused {
  const text = optionalText(fields, name);
  if (text === undefined || isRefused(text)) return text;
  return parseDecimal(text) ?? badValue(name, text);
}

export function requiredDecimal(fields: Fields, name: string): Decimal | Refused {
  return optionalDecimal(fields, name) ?? refuse('MISSING_REQUIRED_PARAM', name);
}

/** Not below zero. */
export function optionalInteger(fields: Fields, name: string): number | undefined | Refused {
  const text = optionalText(fields, name);
  if (text === undefined || isRefused(text)) return text;
  const value = Number(text);
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : badValue(name, text);
}

export function requiredInteger(fields: Fields, name: string): number | Refused {
  return optionalInteger(fields, name) ?? refuse('MISSING_REQUIRED_PARAM', name);
}

/** False when not given. */
export function flag(fields: Fields, name: string): boolean | Refused {
  const text = optionalText(fields, name);
  if (text === undefined) return false;
  if (isRefused(text)) return text;
  return text === 'true' ? true : text === 'false' ? false : badValue(name, text);
}

/** One of the allowed words; undefined when not given. */
export function optionalWord<T extends string>(
  fields: Fields,
  name: string,
  allowed: readonly T[],
): T | undefined | Refused {
  const text = optionalText(fields, name);
  if (text === undefined || isRefused(text)) return text;
  return allowed.find((word) => word === text) ?? badValue(name, text);
}

/** `limit`, held between 1 and `most`. */
export function pageLimit(fields: Fields, usual: number, most: number): number | Refused {
  const limit = optionalInteger(fields, 'limit');
  if (limit === undefined || isRefused(limit)) return limit ?? usual;
  return limit >= 1 && limit <= most ? limit : badValue('limit', String(limit));
}

/** `from` and `to` (P2) as bounds in microseconds, both inclusive. */
export function timeBounds(fields: Fields): { readonly startUs?: number; readonly endUs?: number } | Refused {
  const from = optionalInteger(fields, 'from');
  if (isRefused(from)) return from;
  const to = optionalInteger(fields, 'to');
  if (isRefused(to)) return to;
  if (from !== undefined && to !== undefined && from > to) return badValue('from', String(from));
  return {
    ...(from === undefined ? {} : { startUs: from * 1_000_000 }),
    ...(to === undefined ? {} : { endUs: to * 1_000_000 + 999_999 }),
  };
}

export function readInstrument(
  fields: Fields,
  core: Core,
  market: { readonly symbolField: string; readonly unknownSymbol: Label },
): Instrument | Refused {
  const symbol = requiredText(fields, market.symbolField);
  if (isRefused(symbol)) return symbol;
  return core.instrument(symbol) ?? refuse(market.unknownSymbol, symbol);
}

/** A JSON object, or a refusal. */
export function asFields(value: unknown): Fields | Refused {
  return isRecord(value) ? value : refuse('INVALID_REQUEST_BODY');
}
