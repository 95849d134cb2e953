/**
 * Secrets in memory and from files.
 *
 * S1  A `Secret` prints `[redacted]` however it is printed; only `reveal()` gives the text.
 * S2  Secrets come from files (or a named environment variable, read by `main.ts`), never from argv, where every user
 *     of the machine can read them.
 * S3  A secret file that any user may read or write is refused. Group access is left to the operator: systemd hands
 *     credentials over with an access list that shows as mode 0440.
 */
import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import { fromSystemError, OperatingError } from './operating-error.ts';

const REDACTED = '[redacted]';
const MAX_BYTES = 64 * 1024;
const OTHERS = 0o007;

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** The content of the file without the line break at its end, or an error that names the file and what to do. */
export function readSecretFile(path: string): Secret | OperatingError {
  try {
    const stats = statSync(path);
    const permissions = (stats.mode & 0o777).toString(8).padStart(4, '0');
    if (!stats.isFile()) return refused(path, 'is not a regular file');
    if ((stats.mode & OTHERS) !== 0)
      return refused(path, `is open to every user (mode ${permissions}); chmod it to 0400`);
    if (stats.size > MAX_BYTES) return refused(path, `has ${stats.size} bytes; at most ${MAX_BYTES} are allowed`);
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text.trim() === '' ? refused(path, 'is empty') : new Secret(text);
  } catch (error) {
    const problem = fromSystemError(error, `secret file ${path}`);
    if (problem === undefined) throw error;
    return problem;
  }
}

function refused(path: string, why: string): OperatingError {
  return new OperatingError(`secret file ${path} ${why}`);
}
