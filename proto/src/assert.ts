/** Assertions for our own bugs. Operating errors are values, never these. */

/** Ends a switch over a closed union: a new member becomes a type error here. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
