/**
 * Text for people: values as they may stand in a one-line message, and the name that was probably meant.
 */

const MAX_SHOWN = 60;
const MAX_LINE = 500;

/** `value` in quotes, escaped, cut to 60 characters. For messages: safe for input of any size or kind. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const cut = JSON.stringify(value.slice(0, MAX_SHOWN));
    return value.length > MAX_SHOWN ? `${cut}... (${value.length} characters)` : cut;
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object' && value !== null) return 'a table';
  return String(value).slice(0, MAX_SHOWN);
}

/** `text` as one line of at most 500 characters, without control characters. */
export function oneLine(text: string): string {
  const flat = text
    .slice(0, MAX_LINE * 2)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return flat.length > MAX_LINE || text.length > MAX_LINE * 2 ? `${flat.slice(0, MAX_LINE)}...` : flat;
}

/** The candidate closest to `name` in edits, when it is close enough to be a slip of the fingers. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > MAX_SHOWN) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Insertions, deletions and replacements that lead from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
