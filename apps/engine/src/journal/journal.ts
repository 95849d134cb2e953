/**
 * The journal: the one place where what must not be lost is durable. One interface; a folder per database.
 *
 * J1  `append` is atomic: its events, fills, projections, cursor and lease check are one transaction, or nothing.
 * J2  Events form one chain per journal: `seq` has no holes, and each row's hash covers the row and the hash before.
 *     See chain.ts for the exact bytes.
 * J3  Projections (`orders`, `positions`) are what the caller computed by the pure reducers from the same events, so
 *     replaying the events from zero must give them bit for bit; `verify.ts` does exactly that.
 * J4  An append that names a lease commits only while that lease is held by that engine and epoch and has not expired.
 * J5  Appends of one turn of the event loop share one commit (group commit); a refused append does not harm its
 *     neighbours. Appends commit in the order in which they were handed in.
 * J6  Nothing in here interprets an order: payloads are canonical JSON text, opaque to the database.
 */

/** What an event is about: an order (by client order id), a position (by symbol), or the account itself. */
export type Subject = 'order' | 'position' | 'account';

/** One event to be chained. `payload` is canonical JSON (`canonical-json.ts`): sorted keys, decimals as strings. */
export interface NewEvent {
  readonly account: string;
  readonly subject: Subject;
  readonly subjectId: string;
  readonly kind: string;
  readonly payload: string;
  /** Wall clock of the engine when it decided. */
  readonly atUs: number;
}

export interface EventRow extends NewEvent {
  /** From 1, no holes. */
  readonly seq: number;
  /** Lower-case hex SHA-256. */
  readonly previousHash: string;
  readonly hash: string;
}

/** A fill, unique by (account, symbol, tradeId, venueOrderId): a second insert of the same key is ignored (I5). */
export interface FillRow {
  readonly account: string;
  readonly symbol: string;
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly liquidity: 'maker' | 'taker' | 'unknown';
  /** As the venue booked it; null where it does not say. */
  readonly realizedPnl: string | null;
  readonly venueTimeUs: number;
  /** True if it came from a trade list and not from the stream. */
  readonly recovered: boolean;
}

/** Projection of one order; `state` is the reducer's whole state as canonical JSON, the rest are columns to search by. */
export interface OrderRow {
  readonly account: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly venueOrderId: string | null;
  readonly status: string;
  readonly terminal: boolean;
  readonly state: string;
  readonly updatedAtUs: number;
}

/** Projection of one position, keyed by (account, symbol, side). */
export interface PositionRow {
  readonly account: string;
  readonly symbol: string;
  readonly side: 'both' | 'long' | 'short';
  readonly state: string;
  readonly updatedAtUs: number;
}

/** Where the session of an account stands: the last event that was committed. */
export interface CursorRow {
  readonly account: string;
  readonly bootId: string;
  readonly seq: number;
}

export interface LeaseClaim {
  readonly account: string;
  readonly engineId: string;
  readonly epoch: number;
}

export interface Lease extends LeaseClaim {
  readonly expiresAtUs: number;
}

export interface Append {
  readonly events: readonly NewEvent[];
  readonly fills?: readonly FillRow[];
  readonly orders?: readonly OrderRow[];
  readonly positions?: readonly PositionRow[];
  readonly cursor?: CursorRow;
  /** Checked inside the transaction (J4), against `nowUs`. */
  readonly lease?: LeaseClaim;
  readonly nowUs: number;
}

export type AppendResult =
  | { readonly kind: 'committed'; readonly headSeq: number; readonly headHash: string }
  /** Nothing was written. */
  | { readonly kind: 'refused'; readonly code: 'lease_lost'; readonly message: string }
  /** Nothing was written; the account must halt until an append works again. */
  | { readonly kind: 'failed'; readonly code: 'disk_full' | 'busy' | 'io' | 'closed'; readonly message: string };

export type LeaseResult =
  /** `previous` is another engine's that ran out and was never released. */
  | { readonly kind: 'held'; readonly lease: Lease; readonly previous?: Lease }
  | { readonly kind: 'refused'; readonly holder: Lease; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** All that an engine needs to go on where the last one stopped. */
export interface AccountSnapshot {
  /** Orders that are not terminal; a `lost` one never is. */
  readonly openOrders: readonly OrderRow[];
  readonly positions: readonly PositionRow[];
  readonly cursor: CursorRow | undefined;
  /** Newest halt state of the account as journaled, undefined when never halted. */
  readonly halt: HaltRow | undefined;
}

export interface HaltRow {
  /** An account name, or `*` for every account. */
  readonly scope: string;
  readonly state: 'running' | 'reducing' | 'halted';
  readonly reason: string;
  readonly by: string;
  readonly atUs: number;
}

export interface AuditRow {
  readonly atUs: number;
  readonly who: string;
  readonly action: string;
  readonly detail: string;
}

export interface Journal {
  /** For people: a path or a database URL without its password. */
  readonly location: string;
  append(append: Append): Promise<AppendResult>;

  /** Takes or renews the lease: a new epoch when it was not ours. Refused while another engine's has not expired. */
  acquireLease(claim: { account: string; engineId: string; ttlMs: number; nowUs: number }): Promise<LeaseResult>;
  renewLease(claim: LeaseClaim, options: { ttlMs: number; nowUs: number }): Promise<LeaseResult>;
  releaseLease(claim: LeaseClaim): Promise<void>;

  loadAccount(account: string): Promise<AccountSnapshot>;
  /** One order, also a terminal one; undefined when the account never had it. */
  loadOrder(account: string, clientOrderId: string): Promise<OrderRow | undefined>;
  /** All orders of an account, oldest first; for tools and the agreement check. */
  listOrders(filter: { account?: string; openOnly?: boolean; limit?: number }): Promise<readonly OrderRow[]>;
  listPositions(filter: { account?: string }): Promise<readonly PositionRow[]>;
  listFills(filter: { account?: string; sinceUs?: number; limit?: number }): Promise<readonly FillRow[]>;
  /** The chain, ascending from `fromSeq`, at most `limit` rows. */
  listEvents(filter: { fromSeq: number; limit: number }): Promise<readonly EventRow[]>;
  head(): Promise<{ seq: number; hash: string }>;

  setHalt(halt: HaltRow): Promise<void>;
  audit(row: AuditRow): Promise<void>;
  /** Small named state of strategies and tools, as canonical JSON; undefined when never written. */
  readState(key: string): Promise<string | undefined>;
  writeState(key: string, value: string): Promise<void>;
  close(): Promise<void>;
}
