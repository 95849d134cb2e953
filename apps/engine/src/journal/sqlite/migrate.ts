/**
 * Brings a journal file to this program's schema. The SQL is embedded as text, since a compiled binary has no
 * folder of migrations; `PRAGMA user_version` counts those applied, each in a transaction of its own.
 *
 * A file of a newer schema is refused: an old program must not write what it does not know.
 */
import type { Database } from 'bun:sqlite';
import initial from './migrations/0000_initial.sql' with { type: 'text' };

/** In order; an entry is never edited once released. */
const MIGRATIONS: readonly string[] = [initial];
const BREAKPOINT = '--> statement-breakpoint';

export type MigrationResult = { readonly kind: 'ready' } | { readonly kind: 'too_new'; readonly version: number };

export function migrate(database: Database): MigrationResult {
  const applied = schemaVersion(database);
  if (applied > MIGRATIONS.length) return { kind: 'too_new', version: applied };
  for (const [index, script] of MIGRATIONS.entries()) {
    if (index < applied) continue;
    database
      .transaction(() => {
        for (const statement of script.split(BREAKPOINT)) database.run(statement);
        database.run(`PRAGMA user_version = ${index + 1}`);
      })
      .immediate();
  }
  return { kind: 'ready' };
}

function schemaVersion(database: Database): number {
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  return row?.user_version ?? 0;
}
