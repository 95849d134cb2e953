/** What an account tells those who watch it: strategies, the orchestrator, status displays. */
import type { FillRow } from '../journal/journal.ts';
import type { Order } from './order-state.ts';

/** Why an account is not ours any more. */
export interface AccountEnd {
  readonly kind: 'lease_lost' | 'fenced' | 'refused';
  readonly message: string;
}

/** Told after the commit, in order. Must not throw and must not wait. */
export interface AccountListener {
  orderChanged?(order: Order): void;
  filled?(order: Order, fill: FillRow): void;
  /** The account may open new risk, or not any more. */
  readyChanged?(ready: boolean, reason: string): void;
  /** The connector wants to leave by this time (its own clock). */
  draining?(deadlineUs: number, reason: string): void;
  ended?(end: AccountEnd): void;
}
