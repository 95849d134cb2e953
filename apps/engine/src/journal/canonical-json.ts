/**
 * JSON with exactly one spelling per value, so that equal states are equal bytes and a hash of the text means something.
 *
 * N1  Keys are sorted by UTF-16 code units; a key whose value is undefined does not appear; there is no white space.
 * N2  Numbers are safe integers (times, counts). Anything with a fraction is a decimal string; a float throws: our bug.
 * N3  Reading back gives `unknown`: whoever reads a payload checks its shape.
 */

export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Error(`not a safe integer: ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
