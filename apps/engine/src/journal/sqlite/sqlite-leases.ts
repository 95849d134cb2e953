/**
 * Leases: which engine may write intents for an account, and under which epoch.
 *
 * An epoch grows with every acquisition by another engine and is never given twice; a released lease keeps its row,
 * and with it the highest epoch.
 */
import type { Database } from 'bun:sqlite';
import { and, eq } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import type { Lease, LeaseClaim, LeaseResult } from '../journal.ts';
import { leases } from './schema.ts';
import type { Store } from './store-protocol.ts';

export function leaseIsHeld(db: BunSQLiteDatabase, claim: LeaseClaim, nowUs: number): boolean {
  const row = readLease(db, claim.account);
  return row !== undefined && row.engineId === claim.engineId && row.epoch === claim.epoch && row.expiresAtUs > nowUs;
}

export function leaseCalls(
  database: Database,
  db: BunSQLiteDatabase,
): Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'> {
  return {
    acquireLease({ account, engineId, ttlMs, nowUs }) {
      return database
        .transaction((): LeaseResult => {
          const current = readLease(db, account);
          const ours = current?.engineId === engineId;
          if (current && !ours && current.expiresAtUs > nowUs) {
            return { kind: 'refused', holder: current, message: `${account} is held by ${current.engineId}` };
          }
          const epoch = current && ours ? current.epoch : (current?.epoch ?? 0) + 1;
          const isTakeover = current !== undefined && !ours && current.expiresAtUs > 0;
          return {
            kind: 'held',
            lease: writeLease(db, { account, engineId, epoch, expiresAtUs: nowUs + ttlMs * 1_000 }),
            ...(isTakeover && { previous: current }),
          };
        })
        .immediate();
    },
    renewLease({ claim, ttlMs, nowUs }) {
      return database
        .transaction((): LeaseResult => {
          const current = readLease(db, claim.account);
          if (!current) return { kind: 'failed', message: `${claim.account} has no lease` };
          if (current.engineId !== claim.engineId || current.epoch !== claim.epoch) {
            return { kind: 'refused', holder: current, message: `${claim.account} is held by ${current.engineId}` };
          }
          return { kind: 'held', lease: writeLease(db, { ...current, expiresAtUs: nowUs + ttlMs * 1_000 }) };
        })
        .immediate();
    },
    releaseLease({ claim }) {
      db.update(leases)
        .set({ expiresAtUs: 0 })
        .where(
          and(eq(leases.account, claim.account), eq(leases.engineId, claim.engineId), eq(leases.epoch, claim.epoch)),
        )
        .run();
      return null;
    },
  };
}

function readLease(db: BunSQLiteDatabase, account: string): Lease | undefined {
  return db.select().from(leases).where(eq(leases.account, account)).get();
}

function writeLease(db: BunSQLiteDatabase, lease: Lease): Lease {
  db.insert(leases).values(lease).onConflictDoUpdate({ target: leases.account, set: lease }).run();
  return lease;
}
