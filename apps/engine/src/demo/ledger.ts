/**
 * The two ledgers of a run in one shape, so that they can be compared: what the journal holds and what the venue did.
 * Decimals are canonical, symbols the contract's.
 */
import type { Decimal } from '@trunkline/proto/decimal';

export type LedgerStatus = 'open' | 'partially_filled' | 'filled' | 'canceled' | 'expired' | 'rejected';

export interface LedgerOrder {
  readonly account: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly status: LedgerStatus;
  /** Another word that the venue's protocol has for the same end; absent where it has one for each. */
  readonly alsoCalled?: LedgerStatus;
  readonly price: Decimal | undefined;
  readonly quantity: Decimal;
  readonly filled: Decimal;
}

export interface LedgerFill {
  readonly account: string;
  readonly symbol: string;
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
}

export interface LedgerBalance {
  readonly account: string;
  readonly asset: string;
  readonly total: Decimal;
}

export interface LedgerPosition {
  readonly account: string;
  readonly symbol: string;
  readonly quantity: Decimal;
}

export interface Ledger {
  readonly orders: readonly LedgerOrder[];
  readonly fills: readonly LedgerFill[];
  readonly balances: readonly LedgerBalance[];
  readonly positions: readonly LedgerPosition[];
}
