/**
 * Parameters as the venue reads them: from the query string and a form body alike, signed as sent.
 *
 * P1  The signed text is the query followed directly by the body, as received (still percent-encoded), without the
 *     `signature` pair.
 * P2  A name that comes twice is refused (-1101), also when once in the query and once in the body.
 */
import { isNegative, parseDecimal } from '@trunkline/proto/decimal';
import type { Params } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';

export interface SentParams {
  readonly params: Params;
  /** P1. */
  readonly signedText: string;
}

export function readParams(query: string, body: string): SentParams | Refused {
  const params = new Map<string, string>();
  for (const part of [query, body]) {
    for (const pair of part.split('&')) {
      if (pair === '') continue;
      const equals = pair.indexOf('=');
      const name = decode(equals < 0 ? pair : pair.slice(0, equals));
      const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
      if (name === undefined || value === undefined) return refuse('ILLEGAL_CHARACTERS', pair.slice(0, 40), 'UTF-8');
      if (params.has(name)) return refuse('DUPLICATE_PARAMETER');
      params.set(name, value);
    }
  }
  return { params, signedText: unsigned(query) + unsigned(body) };
}

/** A parameter's value; undefined when absent or empty. */
export function optional(params: Params, name: string): string | undefined {
  const value = params.get(name);
  return value === '' ? undefined : value;
}

export function required(params: Params, name: string): string | Refused {
  return optional(params, name) ?? refuse('MANDATORY_MISSING', name);
}

/** A whole number in decimal digits, at most 2^53 - 1. */
export function optionalInteger(params: Params, name: string): number | undefined | Refused {
  const text = optional(params, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,20}$/.test(text)) return refuse('ILLEGAL_CHARACTERS', name, '^[0-9]{1,20}$');
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : refuse('BAD_VALUE', name);
}

export function requiredInteger(params: Params, name: string): number | Refused {
  return optionalInteger(params, name) ?? refuse('MANDATORY_MISSING', name);
}

/** `true` or `false` in either case; undefined when absent. */
export function optionalBoolean(params: Params, name: string): boolean | undefined | Refused {
  const text = optional(params, name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (text === 'true') return true;
  if (text === 'false') return false;
  return refuse('BAD_VALUE', name);
}

/** Canonical decimal text, not below zero. */
export function requiredDecimal(params: Params, name: string) {
  const text = required(params, name);
  if (isRefused(text)) return text;
  const value = parseDecimal(text);
  if (value !== undefined && !isNegative(value)) return value;
  return refuse('ILLEGAL_CHARACTERS', name, '^([0-9]{1,20})(\\.[0-9]{1,20})?$');
}

/** The `limit` parameter: absent means `usual`, above `most` is refused. */
export function pageLimit(params: Params, usual: number, most: number): number | Refused {
  const limit = optionalInteger(params, 'limit');
  if (isRefused(limit)) return limit;
  if (limit === undefined) return usual;
  return limit >= 1 && limit <= most ? limit : refuse('BAD_VALUE', 'limit');
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

function unsigned(part: string): string {
  return part
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // decodeURIComponent throws on malformed percent sequences and on nothing else.
    return undefined;
  }
}
