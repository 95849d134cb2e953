/**
 * Typed options and arguments of a command line: what each is called in help, how its text is read, and what it is
 * when absent. An option is data; `cli-parse.ts` reads command lines with it.
 */
import { type Decimal, parseDecimal } from '@trunkline/proto/decimal';
import { shown } from './text.ts';
import { DURATION_IN_WORDS, formatDuration, parseDuration, parseWhole } from './values.ts';

export type Read<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'refused'; readonly allowed: string };

export interface Option<T> {
  /** A flag takes no value; a list may be given several times and separates items by commas. */
  readonly kind: 'flag' | 'value' | 'list';
  /** Stands for the value in help, such as `DURATION`; empty for a flag. */
  readonly placeholder: string;
  readonly description: string;
  /** What is allowed, in words; stands in help and in errors. */
  readonly allowed: string;
  readonly read: (text: string) => Read<T>;
  readonly absent: Absent<T>;
}

export type Absent<T> =
  | { readonly kind: 'required' }
  /** `shown` stands in help as the default; nothing is said of it when it is empty. */
  | { readonly kind: 'value'; readonly value: T; readonly shown: string };

export type Options = Readonly<Record<string, Option<unknown>>>;
export type OptionValues<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

/** True when given, false otherwise. */
export function flag(description: string): Option<boolean> {
  return {
    kind: 'flag',
    placeholder: '',
    description,
    allowed: '',
    read: () => ({ kind: 'value', value: true }),
    absent: { kind: 'value', value: false, shown: '' },
  };
}

export function text(description: string, placeholder = 'TEXT', maxLength = 4_096): Option<string | undefined> {
  return valueOption(description, placeholder, `1 to ${maxLength} characters`, (given) =>
    given !== '' && given.length <= maxLength && !given.includes('\0') ? given : undefined,
  );
}

export function whole(description: string, bounds: { min?: number; max?: number } = {}): Option<number | undefined> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  const allowed = `a whole number from ${min} to ${max}`;
  return valueOption(description, 'N', allowed, (given) => {
    const value = parseWhole(given);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });
}

/** An exact decimal: for money and quantities. */
export function decimalNumber(description: string): Option<Decimal | undefined> {
  return valueOption(description, 'DECIMAL', 'a decimal number such as 0.001', parseDecimal);
}

/** An approximate number, for factors such as a replay speed. */
export function factor(description: string, bounds: { min: number; max: number }): Option<number | undefined> {
  const allowed = `a number from ${bounds.min} to ${bounds.max}`;
  return valueOption(description, 'N', allowed, (given) => {
    const value = /^\d{1,15}(\.\d{1,15})?$/.test(given) ? Number(given) : Number.NaN;
    return value >= bounds.min && value <= bounds.max ? value : undefined;
  });
}

/** Milliseconds. */
export function duration(description: string): Option<number | undefined> {
  return valueOption(description, 'DURATION', DURATION_IN_WORDS, parseDuration);
}

export function choice<const C extends readonly string[]>(
  description: string,
  choices: C,
): Option<C[number] | undefined> {
  return valueOption(description, choices.join('|'), `one of: ${choices.join(', ')}`, (given) =>
    choices.find((each) => each === given),
  );
}

/** Items separated by commas, or the option given several times. Empty when absent. */
export function list(description: string, placeholder = 'A,B', maxItems = 100): Option<readonly string[]> {
  const allowed = `1 to ${maxItems} items separated by commas`;
  return {
    kind: 'list',
    placeholder,
    description,
    allowed,
    read: (given) => {
      const items = given.length > maxItems * 256 ? [] : given.split(',').map((item) => item.trim());
      const fine = items.length > 0 && items.length <= maxItems && items.every((item) => item !== '');
      return fine ? { kind: 'value', value: items } : { kind: 'refused', allowed };
    },
    absent: { kind: 'value', value: [], shown: '' },
  };
}

/** Any other value: `parse` returns undefined for what it refuses, and `allowed` says in words what it takes. */
export function valueOption<T>(
  description: string,
  placeholder: string,
  allowed: string,
  parse: (given: string) => T | undefined,
): Option<T | undefined> {
  return {
    kind: 'value',
    placeholder,
    description,
    allowed,
    read: (given) => {
      const value = parse(given);
      return value === undefined ? { kind: 'refused', allowed } : { kind: 'value', value };
    },
    absent: { kind: 'value', value: undefined, shown: '' },
  };
}

/** The option with a value for when it is not given. */
export function withDefault<T>(option: Option<T | undefined>, value: T, inHelp = String(value)): Option<T> {
  return { ...requireValue(option), absent: { kind: 'value', value, shown: inHelp } };
}

/** As `withDefault`, for a duration in milliseconds. */
export function withDefaultMs(option: Option<number | undefined>, ms: number): Option<number> {
  return withDefault(option, ms, formatDuration(ms));
}

/** The option, refused when it is not given. */
export function required<T>(option: Option<T | undefined>): Option<T> {
  return { ...requireValue(option), absent: { kind: 'required' } };
}

/** The message for a text that an option refuses; `label` is `--for` or the argument's name. */
export function refusal(label: string, given: string, allowed: string): string {
  return `${label}: ${shown(given)} is not allowed; it must be ${allowed}`;
}

function requireValue<T>(option: Option<T | undefined>) {
  const read = (given: string): Read<T> => {
    const result = option.read(given);
    if (result.kind === 'refused') return result;
    return result.value === undefined
      ? { kind: 'refused', allowed: option.allowed }
      : { kind: 'value', value: result.value };
  };
  return { ...option, read };
}
