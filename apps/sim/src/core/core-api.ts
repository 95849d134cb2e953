/**
 * The calls that a venue protocol makes into the core. `createSimCore(options): Promise<CoreResult>` (core.ts) reads the
 * state and the recording's head and gives an implementation, or the one line that the user must read.
 *
 * A1  Every call but `close` is synchronous and atomic: when it returns, its events were delivered and its
 *     truth was written, so an answer sent afterwards survives a kill of the process.
 * A2  Requests (place, amend, cancel, cancelAll) are recorded in the truth with their verdict, refused or not.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Decimal, Price } from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type { CandleFilter } from './candles.ts';
import type { Listener } from './events.ts';
import type { OpenRecorded } from './recorded-message.ts';
import type { TruthEntry } from './truth-entry.ts';
import type {
  Account,
  AmendOrder,
  BestQuote,
  BookSnapshot,
  CancelOrder,
  Candle,
  Fill,
  FundingPayment,
  Instrument,
  MarginType,
  MarkPrice,
  NewOrder,
  OpenInterest,
  Order,
  OrderRef,
  PositionMode,
  PublicTrade,
  SelfTradePrevention,
  Verdict,
} from './types.ts';

/** Where the prices of a run come from. */
export type MarketSource =
  | {
      readonly kind: 'order_flow';
      /** One market each, all driven by the same seed. */
      readonly markets: readonly { readonly instrument: Instrument; readonly startPrice: Price }[];
      /** Synthetic actions a second and market; `DEFAULT_ACTIONS_PER_SECOND` of order-flow.ts when absent. */
      readonly actionsPerSecond?: number;
    }
  | {
      readonly kind: 'replay';
      readonly path: string;
      /** 1 is the recording's own pace. */
      readonly speed: number;
      /** How the venue's recorded lines read. */
      readonly open: OpenRecorded;
      /** Rules for the recording's symbol; undefined refuses the recording. */
      readonly instrumentFor: (symbol: string) => Instrument | undefined;
    };

/** What venues do differently, as data. */
export interface CoreRules {
  /** What happens to a `gtx` order that would take: refused without an order, or accepted and expired at once. */
  readonly postOnlyCross: 'refuse' | 'expire';
  /** The same for a `fok` order that cannot fill at once. */
  readonly fokUnfilled: 'refuse' | 'expire';
  /** Whether a client id that an open order of the symbol has can be used again; a lookup finds the newest. */
  readonly duplicateClientId: 'refuse_open' | 'allow';
  /** Where the order says nothing. */
  readonly selfTradePrevention: SelfTradePrevention;
  /** Decimal places of fees. */
  readonly feePlaces: number;
}

export interface CoreOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly market: MarketSource;
  /** A folder for the truth; without it the core forgets on close. */
  readonly stateDir?: string;
  readonly rules: CoreRules;
}

/** Why a core could not be made: one line for the user. */
export interface CoreFailure {
  readonly code: 'recording_invalid' | 'state_unreadable' | 'state_invalid';
  readonly detail: string;
}

export type CoreResult =
  | { readonly ok: true; readonly core: Core }
  | { readonly ok: false; readonly failure: CoreFailure };

/** Ids and times are inclusive bounds. Answers are oldest first; with `fromId` or `startUs` the first `limit`, else the last. */
export interface ListFilter {
  readonly fromId?: string;
  readonly startUs?: number;
  readonly endUs?: number;
  readonly limit: number;
}

export interface FillFilter extends ListFilter {
  readonly venueOrderId?: string;
}

export interface Deposit {
  readonly asset: string;
  readonly amount: Decimal;
}

export interface Core {
  /** Opens the markets: books are there when it returns, and move with the clock from then on. Idempotent. */
  start(): void;
  /** Stops the market, writes and syncs the truth. Idempotent. */
  close(): Promise<void>;
  subscribe(listener: Listener): () => void;

  /** Makes the account with these balances; when it exists already (restored), does nothing and answers false. */
  createAccount(account: { readonly accountId: string; readonly deposits: readonly Deposit[] }): boolean;
  hasAccount(accountId: string): boolean;
  setLeverage(accountId: string, symbol: string, leverage: number): Verdict<{ readonly leverage: number }>;
  /** 20 until set. */
  leverage(accountId: string, symbol: string): number;
  /** Refused while the account has positions or open orders. */
  setPositionMode(accountId: string, mode: PositionMode): Verdict<PositionMode>;
  /** `one_way` until set. */
  positionMode(accountId: string): PositionMode;
  /** Refused while the account has a position or open orders in the symbol. */
  setMarginType(accountId: string, symbol: string, marginType: MarginType): Verdict<MarginType>;
  /** `cross` until set. */
  marginType(accountId: string, symbol: string): MarginType;

  /** The order as this call left it: resting, filled, or already ended. */
  place(order: NewOrder): Verdict<Order>;
  amend(amend: AmendOrder): Verdict<Order>;
  cancel(cancel: CancelOrder): Verdict<Order>;
  /** The orders canceled, oldest first; all symbols without one. */
  cancelAll(accountId: string, symbol?: string): readonly Order[];
  /**
   * Cancels all of the account's orders in the symbol (in all of them without one) after `countdownMs`, once, unless
   * called again; 0 disarms. Each symbol's countdown and that of the account run apart.
   */
  countdownCancelAll(accountId: string, symbol: string | undefined, countdownMs: number): Verdict<void>;

  instruments(): readonly Instrument[];
  instrument(symbol: string): Instrument | undefined;
  order(accountId: string, symbol: string, ref: OrderRef): Order | undefined;
  openOrders(accountId: string, symbol?: string): readonly Order[];
  /** Orders in every state, by acceptance. Times filter on `createdUs`. */
  orders(accountId: string, symbol: string, filter: ListFilter): readonly Order[];
  fills(accountId: string, symbol: string, filter: FillFilter): readonly Fill[];
  fundingPayments(accountId: string, symbol: string, filter: ListFilter): readonly FundingPayment[];
  account(accountId: string): Account | undefined;

  /** Undefined for an unknown symbol or a market that has no book yet. */
  book(symbol: string, depth: number): BookSnapshot | undefined;
  bestQuote(symbol: string): BestQuote | undefined;
  markPrice(symbol: string): MarkPrice | undefined;
  openInterest(symbol: string): OpenInterest | undefined;
  /** The newest `limit` public trades, oldest first. */
  trades(symbol: string, limit: number): readonly PublicTrade[];
  /** Built from one-minute candles kept since the start. `intervalMs` is a whole number of minutes. */
  candles(symbol: string, intervalMs: number, filter: CandleFilter): readonly Candle[];

  /** The ground truth from entry `fromSeq` (0 is the first), at most `limit`. */
  truth(fromSeq: number, limit: number): readonly TruthEntry[];
  /** Scripted fault: the n-th next book delta of the symbol (1 is the very next) is not emitted. */
  dropDelta(symbol: string, nth: number): void;
  /** Scripted fault: the symbol's market goes on for `forMs`, and no listener hears of it. */
  silence(symbol: string, forMs: number): void;
}
