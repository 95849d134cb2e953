/**
 * A whole journal in memory: for the simulation and for tests that restart an engine on what it had committed. Obeys
 * J1 to J6 of journal.ts; an append that has not committed when its engine dies is gone, as with a database.
 *
 * M1  Appends commit one microtask later, in order, so callers meet the same asynchrony as with a disk.
 * M2  `failAppends` makes appends fail as a full disk does, until it is cleared; reads go on.
 */
import { chainEvents, EMPTY_CHAIN } from './chain.ts';
import type {
  Append,
  AppendResult,
  AuditRow,
  CursorRow,
  EventRow,
  FillRow,
  HaltRow,
  Journal,
  Lease,
  LeaseClaim,
  OrderRow,
  PositionRow,
} from './journal.ts';

type Failure = Extract<AppendResult, { kind: 'failed' }>;

export interface MemoryJournal extends Journal {
  /** Every append fails with `code` from now on; undefined makes them work again. */
  failAppends(code: Failure['code'] | undefined): void;
  readonly auditRows: readonly AuditRow[];
}

export function openMemoryJournal(): MemoryJournal {
  let failure: Failure | undefined;
  const rows: EventRow[] = [];
  const fills = new Map<string, FillRow>();
  const orders = new Map<string, OrderRow>();
  const positions = new Map<string, PositionRow>();
  const cursors = new Map<string, CursorRow>();
  const leases = new Map<string, Lease>();
  const halts = new Map<string, HaltRow>();
  const auditRows: AuditRow[] = [];
  const states = new Map<string, string>();

  const head = () => rows.at(-1) ?? EMPTY_CHAIN;

  function commit(append: Append): AppendResult {
    if (failure) return failure;
    if (append.lease && !isHeld(append.lease, append.nowUs)) {
      return { kind: 'refused', code: 'lease_lost', message: `the lease of ${append.lease.account} is not held` };
    }
    rows.push(...chainEvents(head(), append.events));
    for (const fill of append.fills ?? []) {
      const key = JSON.stringify([fill.account, fill.symbol, fill.tradeId, fill.venueOrderId]);
      if (!fills.has(key)) fills.set(key, fill);
    }
    for (const order of append.orders ?? []) orders.set(orderKey(order.account, order.clientOrderId), order);
    for (const row of append.positions ?? []) positions.set(JSON.stringify([row.account, row.symbol, row.side]), row);
    if (append.cursor) cursors.set(append.cursor.account, append.cursor);
    return { kind: 'committed', headSeq: head().seq, headHash: head().hash };
  }

  function isHeld(claim: LeaseClaim, nowUs: number): boolean {
    const lease = leases.get(claim.account);
    return lease !== undefined && isSame(lease, claim) && lease.expiresAtUs > nowUs;
  }

  const ofAccount = <T extends { account: string }>(values: Iterable<T>, account: string | undefined): T[] =>
    [...values].filter((value) => account === undefined || value.account === account);

  return {
    location: 'memory',
    auditRows,
    failAppends(code) {
      failure = code && { kind: 'failed', code, message: `appends fail with ${code}` };
    },
    async append(append) {
      await Promise.resolve();
      return commit(append);
    },
    async acquireLease({ account, engineId, ttlMs, nowUs }) {
      if (failure) return { kind: 'failed', message: failure.message };
      const current = leases.get(account);
      const ours = current?.engineId === engineId;
      if (current && !ours && current.expiresAtUs > nowUs) {
        return { kind: 'refused', holder: current, message: `${account} is leased to ${current.engineId}` };
      }
      const epoch = current && ours ? current.epoch : (current?.epoch ?? 0) + 1;
      const lease = { account, engineId, epoch, expiresAtUs: nowUs + ttlMs * 1_000 };
      leases.set(account, lease);
      const isTakeover = current !== undefined && !ours && current.expiresAtUs > 0;
      return { kind: 'held', lease, ...(isTakeover && { previous: current }) };
    },
    async renewLease(claim, { ttlMs, nowUs }) {
      if (failure) return { kind: 'failed', message: failure.message };
      const current = leases.get(claim.account);
      if (!current) return { kind: 'failed', message: `${claim.account} was never leased` };
      if (!isSame(current, claim)) {
        return { kind: 'refused', holder: current, message: `the lease of ${claim.account} was lost` };
      }
      const lease = { ...current, expiresAtUs: nowUs + ttlMs * 1_000 };
      leases.set(claim.account, lease);
      return { kind: 'held', lease };
    },
    async releaseLease(claim) {
      const current = leases.get(claim.account);
      if (current && isSame(current, claim)) leases.set(claim.account, { ...current, expiresAtUs: 0 });
    },
    async loadAccount(account) {
      return {
        openOrders: ofAccount(orders.values(), account).filter((row) => !row.terminal),
        positions: ofAccount(positions.values(), account),
        cursor: cursors.get(account),
        halt: halts.get(account),
      };
    },
    loadOrder: async (account, clientOrderId) => orders.get(orderKey(account, clientOrderId)),
    async listOrders({ account, openOnly, limit }) {
      return ofAccount(orders.values(), account)
        .filter((row) => !openOnly || !row.terminal)
        .slice(0, limit);
    },
    listPositions: async ({ account }) => ofAccount(positions.values(), account),
    async listFills({ account, sinceUs, limit }) {
      return ofAccount(fills.values(), account)
        .filter((fill) => fill.venueTimeUs >= (sinceUs ?? 0))
        .sort((a, b) => a.venueTimeUs - b.venueTimeUs)
        .slice(0, limit);
    },
    listEvents: async ({ fromSeq, limit }) => rows.slice(Math.max(0, fromSeq - 1)).slice(0, limit),
    head: async () => ({ seq: head().seq, hash: head().hash }),
    async setHalt(halt) {
      if (failure) throw new Error(failure.message);
      halts.set(halt.scope, halt);
    },
    async audit(row) {
      if (failure) throw new Error(failure.message);
      auditRows.push(row);
    },
    readState: async (key) => states.get(key),
    async writeState(key, value) {
      if (failure) throw new Error(failure.message);
      states.set(key, value);
    },
    close: async () => {},
  };
}

function isSame(lease: Lease, claim: LeaseClaim): boolean {
  return lease.engineId === claim.engineId && lease.epoch === claim.epoch;
}

function orderKey(account: string, clientOrderId: string): string {
  return JSON.stringify([account, clientOrderId]);
}
