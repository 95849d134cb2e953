/**
 * What the journal's client and its worker say to each other: every call the store takes, by name, with its arguments
 * and result. One map, from which both directions' message types follow.
 */
import type {
  AccountSnapshot,
  Append,
  AppendResult,
  AuditRow,
  EventRow,
  FillRow,
  HaltRow,
  LeaseClaim,
  LeaseResult,
  OrderRow,
  PositionRow,
} from '../journal.ts';

export interface StoreCalls {
  open: { arguments: { path: string }; result: { readonly refusal: string | undefined } };
  appendAll: { arguments: { appends: readonly Append[] }; result: readonly AppendResult[] };
  acquireLease: {
    arguments: { account: string; engineId: string; ttlMs: number; nowUs: number };
    result: LeaseResult;
  };
  renewLease: { arguments: { claim: LeaseClaim; ttlMs: number; nowUs: number }; result: LeaseResult };
  releaseLease: { arguments: { claim: LeaseClaim }; result: null };
  loadAccount: { arguments: { account: string }; result: AccountSnapshot };
  loadOrder: { arguments: { account: string; clientOrderId: string }; result: OrderRow | undefined };
  listOrders: {
    arguments: { account?: string; openOnly?: boolean; limit?: number };
    result: readonly OrderRow[];
  };
  listPositions: { arguments: { account?: string }; result: readonly PositionRow[] };
  listFills: { arguments: { account?: string; sinceUs?: number; limit?: number }; result: readonly FillRow[] };
  listEvents: { arguments: { fromSeq: number; limit: number }; result: readonly EventRow[] };
  head: { arguments: null; result: { seq: number; hash: string } };
  setHalt: { arguments: { halt: HaltRow }; result: null };
  audit: { arguments: { row: AuditRow }; result: null };
  readState: { arguments: { key: string }; result: string | undefined };
  writeState: { arguments: { key: string; value: string }; result: null };
  close: { arguments: null; result: null };
}

export type StoreMethod = keyof StoreCalls;

export type StoreRequest<Method extends StoreMethod = StoreMethod> = {
  [M in Method]: { readonly id: number; readonly method: M; readonly arguments: StoreCalls[M]['arguments'] };
}[Method];

/** A call ends with its result, or with the text of a fault of the database (the reader decides what that means). */
export type StoreReply<Method extends StoreMethod = StoreMethod> = {
  [M in Method]: {
    readonly id: number;
    readonly method: M;
    readonly outcome:
      | { readonly ok: true; readonly result: StoreCalls[M]['result'] }
      | { readonly ok: false; readonly message: string };
  };
}[Method];

/** The store itself: the same calls, synchronous, as `sqlite-store.ts` implements them. */
export type Store = {
  readonly [M in StoreMethod]: (args: StoreCalls[M]['arguments']) => StoreCalls[M]['result'];
};
