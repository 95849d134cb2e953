/** For `bun run migrations` only: writes the SQL between the last migration and schema.ts. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: './apps/engine/src/journal/sqlite/schema.ts',
  out: './apps/engine/src/journal/sqlite/migrations',
});
