/** The JSON lists inside batch parameters, read into one `Params` per element. */
import type { Params } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { optional, required } from '../params.ts';

/** `batchOrders=[{...},...]`: values may be JSON strings, numbers or booleans. */
export function readBatch(params: Params, name: string, most: number): readonly Params[] | Refused {
  const text = required(params, name);
  if (isRefused(text)) return text;
  const rows = parseList(text);
  if (rows === undefined) return refuse('BAD_VALUE', name);
  if (rows.length === 0 || rows.length > most) return refuse('BAD_BATCH_SIZE');
  const read: Params[] = [];
  for (const row of rows) {
    const fields = readFields(row);
    if (fields === undefined) return refuse('BAD_VALUE', name);
    read.push(fields);
  }
  return read;
}

/**
 * `orderIdList=[1,2]` or `origClientOrderIdList=["a","b"]`. The venue reads the first name in any case: ccxt sends
 * `orderidlist`.
 */
export function readIdList(params: Params, symbol: string, most: number): readonly Params[] | Refused {
  const byId = optional(params, 'orderIdList') ?? optional(params, 'orderidlist');
  const byClientId = optional(params, 'origClientOrderIdList') ?? optional(params, 'origclientorderidlist');
  const text = byId ?? byClientId;
  if (text === undefined) return refuse('ONE_OF_MISSING', 'orderIdList', 'origClientOrderIdList');
  const ids = parseList(text);
  if (ids === undefined) return refuse('BAD_VALUE', byId === undefined ? 'origClientOrderIdList' : 'orderIdList');
  if (ids.length === 0 || ids.length > most) return refuse('BAD_BATCH_SIZE');
  return ids.map(
    (id) =>
      new Map([
        ['symbol', symbol],
        [byId === undefined ? 'origClientOrderId' : 'orderId', String(id)],
      ]),
  );
}

/** A JSON object of plain values as parameters; undefined for anything else. */
export function readFields(row: unknown): Params | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined;
  const fields = new Map<string, string>();
  for (const [key, value] of Object.entries(row)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      fields.set(key, String(value));
    else if (value !== null && value !== undefined) return undefined;
  }
  return fields;
}

function parseList(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: the caller refuses the parameter.
    return undefined;
  }
}
