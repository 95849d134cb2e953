/**
 * What can go wrong without a bug: a bad file, a port in use, a refused peer. An `OperatingError` is handed back as
 * a value; only `main` code throws it, and `runCli` turns it into one line on stderr and an exit code, never a stack.
 */
import { oneLine } from './text.ts';

export const EXIT_OK = 0;
/** The work was tried and failed. */
export const EXIT_FAILED = 1;
/** The command line or the configuration is wrong; nothing was tried. */
export const EXIT_USAGE = 2;
/** A bug (EX_SOFTWARE of sysexits.h). */
export const EXIT_BUG = 70;

export class OperatingError extends Error {
  override readonly name: string = 'OperatingError';
  readonly exitCode: number;

  /** `message` becomes one line; it names the thing and, where there is a choice, what is allowed. */
  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(oneLine(message), options.cause === undefined ? {} : { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT_FAILED;
  }
}

/** A configuration that cannot be used: always exit code 2. */
export class ConfigError extends OperatingError {
  override readonly name = 'ConfigError';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, exitCode: EXIT_USAGE });
  }
}

/**
 * What the operating system said of `what` (a path, an address), in words. Undefined when `error` is not an error of
 * the operating system: then it is a bug, and to be thrown on.
 */
export function fromSystemError(error: unknown, what?: string): OperatingError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (!/^E[A-Z0-9]+$/.test(error.code) && !('syscall' in error)) return undefined;
  const subject = what ?? subjectOf(error);
  return new OperatingError(`${subject}: ${WORDS.get(error.code) ?? error.message} (${error.code})`, { cause: error });
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or folder'],
  ['EACCES', 'no permission'],
  ['EPERM', 'not permitted'],
  ['EISDIR', 'is a folder, not a file'],
  ['ENOTDIR', 'part of the path is not a folder'],
  ['EEXIST', 'exists already'],
  ['ENOSPC', 'no space left'],
  ['EROFS', 'is on a read-only file system'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EADDRINUSE', 'the address is in use by another process; choose another port'],
  ['EADDRNOTAVAIL', 'no network interface of this machine has the address'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the peer closed the connection'],
  ['ETIMEDOUT', 'no answer in time'],
  ['ENOTFOUND', 'the host name is unknown'],
]);

function subjectOf(error: Error): string {
  if ('path' in error && typeof error.path === 'string') return error.path;
  if ('address' in error && typeof error.address === 'string') {
    return 'port' in error ? `${error.address}:${String(error.port)}` : error.address;
  }
  if ('port' in error) return `port ${String(error.port)}`;
  return 'syscall' in error ? String(error.syscall) : 'system call';
}
