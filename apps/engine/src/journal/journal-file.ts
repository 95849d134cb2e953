/** Where an engine keeps its journal, and how a tool opens it to read. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@trunkline/kit/operating-error';
import { openSqliteStore } from './sqlite/sqlite-store.ts';
import type { Store } from './sqlite/store-protocol.ts';

export function journalPath(stateFolder: string): string {
  return join(stateFolder, 'journal.db');
}

/** Reads in this process, beside an engine that may be writing. The caller closes it. */
export function openJournalToRead(path: string): Omit<Store, 'open'> | ConfigError {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return new ConfigError(`journal ${path}: ${found ? 'is not a file' : 'no such file'}`);
  const opened = openSqliteStore(path, { readonly: true });
  return opened.kind === 'open' ? opened.store : new ConfigError(opened.message);
}
