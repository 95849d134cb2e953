/**
 * Field types for configuration schemas. Each takes text and says in its own words what it allows, so that every
 * message reads alike. Numbers that count money are always text: a TOML float would lose digits.
 */

import { compare, type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import { z } from 'zod';
import {
  DURATION_IN_WORDS,
  formatDuration,
  HOST_PORT_IN_WORDS,
  type HostPort,
  isName,
  NAME_IN_WORDS,
  parseDuration,
  parseHostPort,
} from './values.ts';

const MAX_PATH = 4_096;

/** Milliseconds from text such as "10s". The bounds are inclusive. */
export function durationField(bounds: { minMs?: number; maxMs?: number } = {}) {
  const { minMs = 0, maxMs = Number.MAX_SAFE_INTEGER } = bounds;
  const range = boundsInWords(
    minMs > 0 ? formatDuration(minMs) : undefined,
    bounds.maxMs === undefined ? undefined : formatDuration(maxMs),
  );
  return textField<number>(`${DURATION_IN_WORDS}${range}`, (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined;
  });
}

/** An exact decimal from text such as "0.001". The bounds are inclusive; `above` is not. */
export function decimalField(bounds: { min?: Decimal; max?: Decimal; above?: Decimal } = {}) {
  const { min, max, above } = bounds;
  const range = above === undefined ? boundsInWords(min, max) : `, above ${above}${boundsInWords(undefined, max)}`;
  return textField<Decimal>(`a decimal number in quotes such as "0.001"${range}`, (text) => {
    const value = parseDecimal(text);
    if (value === undefined) return undefined;
    if (above !== undefined && compare(value, above) <= 0) return undefined;
    if (min !== undefined && compare(value, min) < 0) return undefined;
    return max !== undefined && compare(value, max) > 0 ? undefined : value;
  });
}

export function hostPortField() {
  return textField<HostPort>(HOST_PORT_IN_WORDS, parseHostPort);
}

/** A path of the file system: not empty, at most 4096 bytes, without NUL. Not resolved here. */
export function pathField() {
  return textField<string>('a path of 1 to 4096 characters', (text) =>
    text !== '' && text.length <= MAX_PATH && !text.includes('\0') ? text : undefined,
  );
}

export function nameField() {
  return textField<string>(NAME_IN_WORDS, (text) => (isName(text) ? text : undefined));
}

/** A string field read by `parse`; what it refuses is reported as "must be `inWords`". */
export function textField<T>(inWords: string, parse: (text: string) => T | undefined) {
  return z.string({ error: `must be ${inWords}` }).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${inWords}`, input: text });
    return z.NEVER;
  });
}

function boundsInWords(min: string | undefined, max: string | undefined): string {
  if (min !== undefined && max !== undefined) return `, from ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? '' : `, at most ${max}`;
}
