/**
 * Configuration: one TOML file, overridden by the environment, validated by a schema.
 *
 * C1  The result is the schema's own type, or one `ConfigError`: one line with the file (or variable), the key's path
 *     and what is allowed there. The first problem is reported; nothing is half-loaded.
 * C2  `PREFIX` + path sets a key: TRUNKLINE_ENGINE__JOURNAL__PATH sets engine.journal.path. A name with `__` that
 *     matches no key is an error, so that a slip is not silently ignored; a name without `__` that matches no
 *     top-level key is left alone, because other settings share the prefix.
 * C3  Schemas are strict objects: an unknown key is an error.
 */
import { readFileSync, statSync } from 'node:fs';
import { parse as parseToml, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { describeIssue } from './config-issue.ts';
import { allowedKeys, childSchema, coerce, matchKey, schemaAt } from './config-schema.ts';
import { ConfigError, fromSystemError } from './operating-error.ts';
import { isRecord } from './record.ts';
import { nearest, shown } from './text.ts';

export interface ConfigOptions<S extends z.ZodObject> {
  readonly schema: S;
  /** The TOML file; without one only the environment and the schema's defaults count. */
  readonly path: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Such as `TRUNKLINE_`. */
  readonly envPrefix: string;
}

const MAX_FILE_BYTES = 1024 * 1024;

export function loadConfig<S extends z.ZodObject>(options: ConfigOptions<S>): z.output<S> | ConfigError {
  const data = options.path === undefined ? {} : readTable(options.path);
  if (data instanceof ConfigError) return data;
  const sources = new Map<string, string>();
  const override = applyEnvironment(data, options, sources);
  if (override instanceof ConfigError) return override;
  const result = options.schema.safeParse(data, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw new Error('zod refused a value without an issue');
  return new ConfigError(describeIssue(options.schema, issue, data, options.path ?? 'environment', sources));
}

function readTable(path: string): Record<string, unknown> | ConfigError {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return new ConfigError(`config file ${path}: is not a regular file`);
    if (stats.size > MAX_FILE_BYTES) {
      return new ConfigError(`config file ${path}: has ${stats.size} bytes; at most ${MAX_FILE_BYTES} are allowed`);
    }
    return parseToml(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof TomlError) {
      const [what = 'cannot be read'] = error.message.split('\n');
      return new ConfigError(`config file ${path}: line ${error.line}, column ${error.column}: ${what}`);
    }
    const problem = fromSystemError(error, `config file ${path}`);
    if (problem === undefined) throw error;
    return new ConfigError(problem.message);
  }
}

/** Writes the overrides into `data` and notes in `sources` which variable set which key path. */
function applyEnvironment(
  data: Record<string, unknown>,
  options: Pick<ConfigOptions<z.ZodObject>, 'schema' | 'env' | 'envPrefix'>,
  sources: Map<string, string>,
): ConfigError | undefined {
  const names = Object.keys(options.env).filter((name) => name.startsWith(options.envPrefix));
  for (const name of names.toSorted()) {
    const text = options.env[name];
    const segments = name.slice(options.envPrefix.length).split('__');
    const [first = ''] = segments;
    if (text === undefined || (segments.length === 1 && matchKey(options.schema, first, data) === undefined)) continue;
    const problem = setByVariable(data, options.schema, name, segments, text, sources);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function setByVariable(
  data: Record<string, unknown>,
  schema: z.ZodObject,
  name: string,
  segments: readonly string[],
  text: string,
  sources: Map<string, string>,
): ConfigError | undefined {
  const path: string[] = [];
  let at: z.core.$ZodType = schema;
  let table: unknown = data;
  for (const [index, segment] of segments.entries()) {
    const key = matchKey(at, segment, table);
    const child: z.core.$ZodType | undefined = key === undefined ? undefined : childSchema(at, key, table);
    if (key === undefined || child === undefined) {
      return unknownVariable(name, segment, allowedKeys(schemaAt(schema, path, data)));
    }
    path.push(key);
    const isLast = index === segments.length - 1;
    if (isLast) write(table, key, coerce(child, text));
    else if (read(table, key) === undefined) write(table, key, /^\d+$/.test(segments[index + 1] ?? '') ? [] : {});
    table = read(table, key);
    at = child;
  }
  sources.set(path.join('.'), name);
  return undefined;
}

function unknownVariable(name: string, segment: string, allowed: readonly string[]): ConfigError {
  const near = nearest(segment.toLowerCase(), allowed);
  const hint = near === undefined ? '' : `; did you mean ${near.toUpperCase()}?`;
  const list = allowed.length === 0 ? 'nothing can be set below it' : `allowed: ${allowed.join(', ')}`;
  return new ConfigError(`environment variable ${name}: ${shown(segment)} is not a key${hint} (${list})`);
}

function read(table: unknown, key: string): unknown {
  if (Array.isArray(table)) return table[Number(key)];
  return isRecord(table) && Object.hasOwn(table, key) ? table[key] : undefined;
}

function write(table: unknown, key: string, value: unknown): void {
  if (Array.isArray(table)) table[Number(key)] = value;
  else if (isRecord(table)) table[key] = value;
}
