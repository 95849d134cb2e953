/**
 * What the core tells its listeners, in the order in which it happened.
 *
 * V1  Events of one request arrive before the request's call returns, in this order: orders and fills as they
 *     happened, then account changes, then public trades, the book delta, the best quote.
 * V2  `order`, `fill`, `account` and `leverage` concern accounts made by `createAccount` only; synthetic participants
 *     appear in the public events alone.
 * V3  Per symbol `previousUpdateId` of a book delta is the `lastUpdateId` of the one before, unless a scripted fault
 *     dropped that one. Replayed markets keep the recording's ids.
 */
import type { Balance, BestQuote, Fill, Level, MarkPrice, Order, Position, PublicTrade } from './types.ts';

/** `amended` is an accepted change of price or quantity; a fill has an event of its own. */
export type OrderExecution = 'new' | 'amended' | 'canceled' | 'expired' | 'rejected';

/** Why balances or positions changed. */
export type AccountChangeReason = 'deposit' | 'order';

export type CoreEvent =
  | { readonly kind: 'order'; readonly execution: OrderExecution; readonly order: Order; readonly timeUs: number }
  /** `order` is as the fill left it. */
  | { readonly kind: 'fill'; readonly order: Order; readonly fill: Fill; readonly timeUs: number }
  /** Only what changed, as it is now. One a request and account, after its orders and fills. */
  | {
      readonly kind: 'account';
      readonly accountId: string;
      readonly reason: AccountChangeReason;
      readonly balances: readonly Balance[];
      readonly positions: readonly Position[];
      readonly timeUs: number;
    }
  | {
      readonly kind: 'leverage';
      readonly accountId: string;
      readonly symbol: string;
      readonly leverage: number;
      readonly timeUs: number;
    }
  | { readonly kind: 'trade'; readonly trade: PublicTrade }
  | { readonly kind: 'book_delta'; readonly delta: BookDelta }
  | { readonly kind: 'best_quote'; readonly quote: BestQuote }
  | { readonly kind: 'mark_price'; readonly mark: MarkPrice }
  /** No market event of this symbol follows; accounts and orders can still be asked about and canceled. */
  | { readonly kind: 'market_ended'; readonly symbol: string; readonly end: MarketEnd; readonly timeUs: number };

/** Level changes of one moment: U, u and pu in Binance's words. */
export interface BookDelta {
  readonly symbol: string;
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly previousUpdateId: number;
  /** In no particular order, each price once; quantity 0 removes the level. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly timeUs: number;
}

export type MarketEnd =
  | { readonly kind: 'recording_finished' }
  /** `detail` is one line naming the file, the line and what is wrong with it. */
  | { readonly kind: 'recording_failed'; readonly detail: string };

export type Listener = (event: CoreEvent) => void;
