/**
 * The customer's own id of an order: the field `text`.
 *
 * X1  It starts with `t-`, then at most 28 bytes of letters, digits, `_`, `-` and `.`.
 * X2  It is no key: the documents promise no uniqueness, and the venue takes the same text again.
 */
import type { Fields } from './call.ts';
import { badValue, isRefused, type Refused } from './errors.ts';
import { optionalText } from './params.ts';

const TEXT = /^t-[0-9A-Za-z_.-]{1,28}$/;

export function readText(fields: Fields, usual: string): string | Refused {
  const text = optionalText(fields, 'text');
  if (text === undefined || isRefused(text)) return text ?? usual;
  return TEXT.test(text) ? text : badValue('text', text);
}

/** Whether what stands in place of an order id is a text. */
export function isText(id: string): boolean {
  return id.startsWith('t-');
}
