/**
 * The questions that `config.ts` asks of a zod schema: which keys stand at a path, and what kind of value a text from
 * the environment must become there. Wrappers (optional, default, pipes of transforms) are looked through.
 */
import { z } from 'zod';
import { isRecord } from './record.ts';

type Schema = z.core.$ZodType;
export type KeyPath = readonly (string | number)[];

/** The schema at `path`, given the data so far (a union is decided by what the data holds). */
export function schemaAt(schema: Schema, path: KeyPath, data: unknown): Schema | undefined {
  let at: Schema | undefined = schema;
  let value = data;
  for (const key of path) {
    at = at && childSchema(at, String(key), value);
    value = childValue(value, key);
  }
  return at && decideUnion(bare(at), value);
}

/** The keys that a table at this schema may have; empty for anything but a table with fixed keys. */
export function allowedKeys(schema: Schema | undefined): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The key of `schema` that an environment segment such as `GRACE_MS` means, or undefined. */
export function matchKey(schema: Schema, segment: string, value: unknown): string | undefined {
  const at = decideUnion(bare(schema), value);
  if (at instanceof z.ZodArray) return /^\d{1,3}$/.test(segment) ? segment : undefined;
  const present = at instanceof z.ZodRecord && isRecord(value) ? Object.keys(value) : [];
  // A variable may come before the one that decides the union, so the keys of all members count.
  const known = [...present, ...unionMembers(bare(schema), value).flatMap(allowedKeys)];
  const found = known.find((key) => loose(key) === loose(segment));
  if (found !== undefined) return found;
  return at instanceof z.ZodRecord ? segment.toLowerCase().replaceAll('_', '-') : undefined;
}

/** The text of an environment variable as the kind of value that the schema wants; it is validated later. */
export function coerce(schema: Schema | undefined, text: string): unknown {
  const at = schema && bare(schema);
  if (at instanceof z.ZodUnion) {
    const read = at.options.map((option) => coerce(option, text));
    return read.find((value) => typeof value !== 'string') ?? text;
  }
  if (at instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  if (at instanceof z.ZodNumber) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (at instanceof z.ZodArray) {
    const items = text === '' ? [] : text.split(',').map((item) => item.trim());
    return items.map((item) => coerce(at.element, item));
  }
  return text;
}

export function childSchema(schema: Schema, key: string, value: unknown): Schema | undefined {
  const at = decideUnion(bare(schema), value);
  if (at instanceof z.ZodObject)
    return unionMembers(bare(schema), value).find((member) => member.shape[key])?.shape[key];
  if (at instanceof z.ZodArray) return at.element;
  return at instanceof z.ZodRecord ? at.valueType : undefined;
}

function childValue(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isRecord(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined;
}

function decideUnion(schema: Schema, value: unknown): Schema {
  return schema instanceof z.ZodUnion ? (unionMembers(schema, value)[0] ?? schema) : schema;
}

/** The tables that a value here may be, best fit first: the literal fields agree, then most keys are known. */
function unionMembers(schema: Schema, value: unknown): readonly z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (!(schema instanceof z.ZodUnion)) return [];
  const members = schema.options.map(bare).filter((member) => member instanceof z.ZodObject);
  const score = (member: z.ZodObject) =>
    Object.entries(isRecord(value) ? value : {}).reduce((total, [key, held]) => {
      const field = member.shape[key];
      if (field === undefined) return total;
      const isTag = field instanceof z.ZodLiteral;
      return total + (isTag ? (field.safeParse(held).success ? 100 : -100) : 1);
    }, 0);
  return members.toSorted((a, b) => score(b) - score(a));
}

function bare(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return bare(schema.unwrap());
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return bare(schema.unwrap());
  if (schema instanceof z.ZodReadonly) return bare(schema.unwrap());
  return schema instanceof z.ZodPipe ? bare(schema.in) : schema;
}

function loose(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, '');
}
