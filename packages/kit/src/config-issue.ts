/**
 * A zod issue in the words of someone who edits a config file: where, what stands there, what is allowed.
 */
import type { z } from 'zod';
import { allowedKeys, type KeyPath, schemaAt } from './config-schema.ts';
import { nearest, shown } from './text.ts';

type Issue = z.core.$ZodIssue;

/** One line: `FILE: key.path: what`. A value that a variable set is reported under the variable's name. */
export function describeIssue(
  schema: z.ZodObject,
  issue: Issue,
  data: unknown,
  file: string,
  sources: ReadonlyMap<string, string>,
): string {
  const deepest = innermost(issue);
  const path = deepest.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const variable = sources.get(path.join('.'));
  const place = variable === undefined ? `config file ${file}` : `environment variable ${variable}`;
  const where = path.length === 0 ? '' : `${formatPath(path)}: `;
  return `${place}: ${where}${describe(schema, deepest, path, data)}`;
}

function describe(schema: z.ZodObject, issue: Issue, path: KeyPath, data: unknown): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = allowedKeys(schemaAt(schema, path, data));
      const [key = ''] = issue.keys;
      const near = nearest(key, allowed);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return `unknown key ${shown(key)}${hint} (allowed: ${allowed.join(', ')})`;
    }
    case 'invalid_type': {
      // A field type of ours brings its own words; they are better than the name of a type.
      const wanted = issue.message.startsWith('must be') ? issue.message : `must be ${typeInWords(issue.expected)}`;
      return issue.input === undefined ? `is missing; it ${wanted}` : `is ${shown(issue.input)}; it ${wanted}`;
    }
    case 'invalid_value': {
      const got = issue.input === undefined ? 'is missing' : `is ${shown(issue.input)}`;
      return `${got}; it must be one of: ${issue.values.map(String).join(', ')}`;
    }
    case 'too_small':
      return `is ${size(issue)}; it must be ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `is ${size(issue)}; it must be ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    default: {
      const got = issue.input === undefined ? '' : `is ${shown(issue.input)}; it `;
      return `${got}${issue.message}`;
    }
  }
}

/** For a union, the issue of the member that came furthest: that is the one that was meant. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const candidates = issue.errors.flatMap((member) => member.slice(0, 1)).map(innermost);
  const best = candidates.toSorted((a, b) => b.path.length - a.path.length)[0];
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

function size(issue: { readonly origin: string; readonly input?: unknown }): string {
  if (typeof issue.input === 'string') return `${issue.input.length} characters long`;
  if (Array.isArray(issue.input)) return `a list of ${issue.input.length}`;
  return shown(issue.input);
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' || origin === 'set' ? ' items long' : '';
}

function typeInWords(expected: string): string {
  switch (expected) {
    case 'string':
      return 'text in quotes';
    case 'boolean':
      return 'true or false';
    case 'int':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'array':
    case 'tuple':
      return 'a list';
    case 'object':
    case 'record':
      return 'a table';
    default:
      return expected;
  }
}

function formatPath(path: KeyPath): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}
