/** The files of the development authority: a private folder, and writes that never replace what is there. */
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { errorCode } from '@trunkline/proto/link/log';

export type CertsErrorCode =
  | 'bad_name'
  | 'bad_days'
  | 'exists'
  | 'no_authority'
  | 'bad_authority'
  | 'bad_folder'
  | 'write_failed';

export interface CertsError {
  readonly ok: false;
  readonly code: CertsErrorCode;
  /** The file, folder or value at fault. */
  readonly subject: string;
  /** One line for an operator. */
  readonly message: string;
}

export function failure(code: CertsErrorCode, subject: string, what: string): CertsError {
  return { ok: false, code, subject, message: `${subject} ${what}` };
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // Anything but "not there" may hide a file: it counts as there, and the read or write that follows says why.
    return errorCode(error) !== 'ENOENT';
  }
}

/** Makes the folder, or checks that the one that is there is private. */
export async function prepareFolder(folder: string): Promise<CertsError | undefined> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    // The mode given to mkdir passes the umask; this one does not.
    if (made !== undefined) await chmod(folder, 0o700);
    const { mode } = await stat(folder);
    if ((mode & 0o077) === 0) return undefined;
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    return failure('bad_folder', folder, `has mode ${shown}; keys are kept in a folder of mode 0700`);
  } catch (error) {
    return failure('bad_folder', folder, `cannot be made (${errorCode(error)})`);
  }
}

/** Creates `file`; one that exists is an error, also if it appeared this moment. */
export async function writePrivate(file: string, text: string, mode: number): Promise<CertsError | undefined> {
  try {
    await writeFile(file, text, { mode, flag: 'wx' });
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return failure('exists', file, 'exists and is not overwritten');
    return failure('write_failed', file, `cannot be written (${code})`);
  }
}
