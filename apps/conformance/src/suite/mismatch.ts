/** What a card throws when a promise is broken: what was expected, and what came instead. Nothing else fails a card. */

export class Mismatch extends Error {
  override readonly name = 'Mismatch';
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}; saw ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** Thrown where the venue's market of this moment does not allow the card, e.g. a best level too large to take. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}

export function expect(holds: boolean, expected: string, seen: string | (() => string)): asserts holds {
  if (!holds) throw new Mismatch(expected, typeof seen === 'string' ? seen : seen());
}

export function expectEqual(seen: unknown, wanted: unknown, what: string): void {
  const [left, right] = [textOf(seen), textOf(wanted)];
  if (left !== right) throw new Mismatch(`${what} to be ${right}`, left);
}

export function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, 400);
}
