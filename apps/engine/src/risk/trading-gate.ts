/**
 * Whether an account takes a new order at this moment, before any limit is looked at. Cancels never ask here.
 *
 * T1  Reduce-only orders pass where only new risk is closed: not reconciled, reducing. They do not pass where nothing
 *     may be decided: halted, journal not writable, lease not held, no session.
 */
import { DenyRule } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { TradingState } from './halt-board.ts';
import type { Denial } from './risk-check.ts';

export interface GateView {
  readonly halt: { readonly state: TradingState; readonly reason: string };
  readonly closing: boolean;
  /** The connector said that it wants to leave. */
  readonly draining: boolean;
  readonly leaseHeld: boolean;
  readonly journalWorking: boolean;
  readonly connected: boolean;
  readonly reconciled: boolean;
  readonly inFlight: number;
  readonly maxInFlight: number;
}

export function checkGate(view: GateView, order: { readonly reduceOnly: boolean }): Denial | undefined {
  const { halt } = view;
  if (halt.state === 'halted') return { rule: DenyRule.HALTED, field: 'halted', message: halt.reason };
  if (view.closing) return { rule: DenyRule.DRAINING, field: 'engine', message: 'the engine is closing' };
  if (!view.leaseHeld)
    return { rule: DenyRule.FENCED, field: 'lease', message: 'the lease of the account is not held' };
  if (!view.journalWorking) return notReady('journal', 'the journal cannot be written');
  if (!view.connected) return notReady('session', 'the connector is not connected');
  if (view.inFlight >= view.maxInFlight) {
    const message = `${view.maxInFlight} commands are in flight`;
    return { rule: DenyRule.BACKPRESSURE, field: 'max_in_flight', message };
  }
  if (order.reduceOnly) return undefined;
  if (halt.state === 'reducing') return { rule: DenyRule.HALTED, field: 'reducing', message: halt.reason };
  if (view.draining) return { rule: DenyRule.DRAINING, field: 'connector', message: 'the connector is leaving' };
  return view.reconciled ? undefined : notReady('reconcile', 'the account is not reconciled');
}

function notReady(field: string, message: string): Denial {
  return { rule: DenyRule.NOT_READY, field, message };
}
