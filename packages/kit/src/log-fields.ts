/**
 * What may stand in a log line. Every value passes here before it is written.
 *
 * L1  A value under a key that can hold a secret is replaced, at any depth.
 * L2  A line is bounded: long strings, deep objects and long lists are cut, and say so.
 * L3  An error is logged as name, message, code and causes; its stack only when asked for (the debug level).
 */

const REDACTED = '[redacted]';
const SECRET_KEY =
  /secret|password|passphrase|passwd|token|api_?key|private_?key|signature|authorization|cookie|listen_?key/i;
const MAX_TEXT = 4_096;
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

/** A copy of `fields` that is safe and small enough to log. */
export function cleanFields(fields: object, withStacks: boolean): Record<string, unknown> {
  return cleanObject(fields, 0, withStacks);
}

function cleanObject(source: object, depth: number, withStacks: boolean): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  let count = 0;
  for (const [key, value] of Object.entries(source)) {
    if (++count > MAX_ITEMS) {
      clean['more'] = `${Object.keys(source).length - MAX_ITEMS} keys cut`;
      break;
    }
    if (value === undefined) continue;
    clean[key] = SECRET_KEY.test(key) ? REDACTED : cleanValue(value, depth + 1, withStacks);
  }
  return clean;
}

function cleanValue(value: unknown, depth: number, withStacks: boolean): unknown {
  if (typeof value === 'string') return clipText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) return cleanError(value, depth, withStacks);
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (hasToJson(value)) return cleanValue(value.toJSON(), depth + 1, withStacks);
  if (value instanceof Map) return cleanValue([...value], depth, withStacks);
  if (value instanceof Set) return cleanValue([...value], depth, withStacks);
  if (!Array.isArray(value)) return cleanObject(value, depth, withStacks);
  const items: unknown[] = value.slice(0, MAX_ITEMS).map((item: unknown) => cleanValue(item, depth + 1, withStacks));
  if (value.length > MAX_ITEMS) items.push(`${value.length - MAX_ITEMS} items cut`);
  return items;
}

function cleanError(error: Error, depth: number, withStacks: boolean): Record<string, unknown> {
  const fields: Record<string, unknown> = { name: error.name, message: clipText(error.message) };
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number'))
    fields['code'] = error.code;
  if (error.cause !== undefined) fields['cause'] = cleanValue(error.cause, depth + 1, withStacks);
  if (withStacks && error.stack !== undefined) fields['stack'] = clipText(error.stack);
  return fields;
}

function clipText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}... (${text.length} characters)`;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
