/**
 * What the core tells its listeners, in the order in which it happened.
 *
 * V1  Events of one request arrive before the request's call returns, in this order: orders and fills as they
 *     happened, then account changes, then public trades, the book delta, the best quote.
 * V2  `order`, `fill`, `account`, `funding` and the settings concern accounts made by `createAccount` only; synthetic participants
 *     appear in the public events alone.
 * V3  Per symbol `previousUpdateId` of a book delta is the `lastUpdateId` of the one before, unless a scripted fault
 *     dropped that one. Replayed markets keep the recording's ids.
 */
import type {
  Balance,
  BestQuote,
  Fill,
  FundingPayment,
  Level,
  MarginType,
  MarkPrice,
  Order,
  Position,
  PositionMode,
  PublicTrade,
} from './types.ts';

/** `amended` is an accepted change of price or quantity; a fill has an event of its own. */
export type OrderExecution = 'new' | 'amended' | 'canceled' | 'expired' | 'rejected';

/** Why balances or positions changed. */
export type AccountChangeReason = 'deposit' | 'order' | 'funding';

export type CoreEvent =
  | { readonly kind: 'order'; readonly execution: OrderExecution; readonly order: Order; readonly timeUs: number }
  /** `order` is as the fill left it. */
  | { readonly kind: 'fill'; readonly order: Order; readonly fill: Fill; readonly timeUs: number }
  /** Before the `account` event of the same funding time. */
  | { readonly kind: 'funding'; readonly payment: FundingPayment; readonly timeUs: number }
  /**
   * Only what changed, as it is now. One a request and account, after its orders and fills. Spot balances change with
   * what is locked too, so when an order is placed, amended or ended.
   */
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
  | {
      readonly kind: 'margin_type';
      readonly accountId: string;
      readonly symbol: string;
      readonly marginType: MarginType;
      readonly timeUs: number;
    }
  | {
      readonly kind: 'position_mode';
      readonly accountId: string;
      readonly positionMode: PositionMode;
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
