/**
 * The journal's database, synchronous: one connection, opened and used in one thread (a Worker of the engine, or a
 * command-line tool that only reads).
 *
 * K1  `appendAll` is one transaction. An append whose lease is not held is refused before it writes anything, so its
 *     neighbours commit without it; a fault of the database fails them all and leaves nothing behind.
 * K2  WAL with synchronous=FULL: a commit that returned survives the loss of power.
 * K3  The chain continues from `chain_head`, which is written in the same transaction as the events.
 */
import { Database } from 'bun:sqlite';
import { type BunSQLiteDatabase, drizzle } from 'drizzle-orm/bun-sqlite';
import type { ChainHead } from '../chain.ts';
import type { Append, AppendResult } from '../journal.ts';
import { migrate } from './migrate.ts';
import { audit, halts, namedState } from './schema.ts';
import { openAppender } from './sqlite-appender.ts';
import { leaseCalls, leaseIsHeld } from './sqlite-leases.ts';
import { readCalls } from './sqlite-reads.ts';
import type { Store } from './store-protocol.ts';

/** How long a writer waits for another process's write: a second engine on the same file, a backup. */
const BUSY_TIMEOUT_MS = 2_000;

export type OpenStore =
  | { readonly kind: 'open'; readonly store: Omit<Store, 'open'> }
  | { readonly kind: 'refused'; readonly message: string };

/** Opens or creates the file. Its folder must exist. With `readonly` nothing is created or migrated. */
export function openSqliteStore(path: string, options: { readonly readonly: boolean }): OpenStore {
  try {
    const database = new Database(path, options.readonly ? { readonly: true } : { create: true, readwrite: true });
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (!options.readonly) {
      database.run('PRAGMA journal_mode = WAL');
      database.run('PRAGMA synchronous = FULL');
      const migrated = migrate(database);
      if (migrated.kind === 'too_new') {
        database.close();
        return { kind: 'refused', message: `${path} has schema ${migrated.version}, newer than this program knows` };
      }
    }
    return { kind: 'open', store: openCalls(database, drizzle(database)) };
  } catch (error) {
    return { kind: 'refused', message: `cannot open the journal ${path}: ${messageOf(error)}` };
  }
}

function openCalls(database: Database, db: BunSQLiteDatabase): Omit<Store, 'open'> {
  const append = openAppender(db);
  return {
    ...readCalls(db),
    ...leaseCalls(database, db),
    appendAll: ({ appends }) => appendAll(database, db, append, appends),
    setHalt({ halt }) {
      db.insert(halts).values(halt).onConflictDoUpdate({ target: halts.scope, set: halt }).run();
      return null;
    },
    audit({ row }) {
      db.insert(audit).values(row).run();
      return null;
    },
    writeState({ key, value }) {
      db.insert(namedState).values({ key, value }).onConflictDoUpdate({ target: namedState.key, set: { value } }).run();
      return null;
    },
    close() {
      database.close();
      return null;
    },
  };
}

function appendAll(
  database: Database,
  db: BunSQLiteDatabase,
  append: (append: Append) => ChainHead,
  appends: readonly Append[],
): AppendResult[] {
  const run = database.transaction(() =>
    appends.map((one): AppendResult => {
      if (one.lease && !leaseIsHeld(db, one.lease, one.nowUs)) {
        const { account, engineId, epoch } = one.lease;
        return {
          kind: 'refused',
          code: 'lease_lost',
          message: `${engineId} no longer holds epoch ${epoch} of ${account}`,
        };
      }
      const end = append(one);
      return { kind: 'committed', headSeq: end.seq, headHash: end.hash };
    }),
  );
  try {
    return run.immediate();
  } catch (error) {
    const failed: AppendResult = { kind: 'failed', code: failureCode(error), message: messageOf(error) };
    return appends.map(() => failed);
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html), as bun:sqlite names them in `code`. */
function failureCode(error: unknown): 'disk_full' | 'busy' | 'io' {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_FULL')) return 'disk_full';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  return 'io';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
