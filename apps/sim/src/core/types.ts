/**
 * The nouns of the venue core: what an order, a fill, an account and a market are, whatever protocol serves them.
 *
 * T1  Every value here is immutable: a change is a new value, so a listener may keep what it was given.
 * T2  Money is `Decimal`, times are microseconds since the Unix epoch by the core's clock, ids are text of digits.
 * T3  A refusal is a value with a closed code. A refused placing leaves no order behind (but see `postOnlyCross`
 *     in `CoreOptions`), only a request in the truth.
 *
 * The calls a protocol makes are in `core-api.ts`, what the core tells its listeners in `events.ts`.
 */
import type { Decimal, Notional, Price, Quantity } from '@trunkline/proto/decimal';

export type Side = 'buy' | 'sell';
export type OrderType = 'limit' | 'market';
/** `gtx` is post-only: it never takes. */
export type TimeInForce = 'gtc' | 'ioc' | 'fok' | 'gtx';
/** `both` is the one position a symbol of one-way mode and of spot orders, `long` and `short` the two of hedge mode. */
export type PositionSide = 'both' | 'long' | 'short';
export type PositionMode = 'one_way' | 'hedge';
/** Cross: all positions of a quote asset share its balance. Isolated is a setting that is told; the arithmetic is the same. */
export type MarginType = 'cross' | 'isolated';
/** What happens when an order meets one of its own account: who of the two expires instead of trading. */
export type SelfTradePrevention = 'none' | 'expire_maker' | 'expire_taker' | 'expire_both';

export type MarketKind = 'perpetual' | 'spot';

/** A linear perpetual (margin, fees and PnL are in `quote`), or a pair of assets that change hands. */
export interface Instrument {
  readonly symbol: string;
  readonly market: MarketKind;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: Price;
  /** Quantities are of the base asset everywhere in the core. */
  readonly stepSize: Quantity;
  /** Base asset a contract, for venues that count contracts; `stepSize` is then a multiple of it. 1 elsewhere. */
  readonly contractSize: Quantity;
  /** Funding times are the multiples of it since the Unix epoch. Present exactly for perpetuals. */
  readonly fundingIntervalMs?: number;
  readonly minQuantity: Quantity;
  readonly maxQuantity: Quantity;
  readonly minNotional: Notional;
  /** Fraction of the fill's notional. */
  readonly makerFeeRate: Decimal;
  readonly takerFeeRate: Decimal;
  readonly maxLeverage: number;
  /** Fraction of the position's notional at the mark price. */
  readonly maintenanceMarginRate: Decimal;
  /** A limit price may be this fraction away from the mark price (buys above, sells below), no more. */
  readonly priceBand: Decimal;
  /** Open orders of one account in this symbol. */
  readonly maxOpenOrders: number;
}

export interface NewOrder {
  readonly accountId: string;
  /** Unique among the account's open orders of the symbol. The protocol mints one when its client sent none. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  /** Ignored for market orders, which never rest. */
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  readonly positionSide: PositionSide;
  /** Present exactly for limit orders. */
  readonly price?: Price;
  /** 0 exactly with `quoteQuantity`. */
  readonly quantity: Quantity;
  /** Spot market buys: spend at most this much. The order's quantity is what that buys when it comes. */
  readonly quoteQuantity?: Notional;
  /** The venue's own rule when absent. The taker's counts. */
  readonly selfTradePrevention?: SelfTradePrevention;
}

/** How a request names an order. A client id means the open order with it, else the newest closed one. */
export type OrderRef =
  | { readonly by: 'venue'; readonly venueOrderId: string }
  | { readonly by: 'client'; readonly clientOrderId: string };

/** New price and total quantity (executed part included). Priority is kept only by shrinking at the same price. */
export interface AmendOrder {
  readonly accountId: string;
  readonly symbol: string;
  readonly order: OrderRef;
  readonly price: Price;
  readonly quantity: Quantity;
  /** When given it must be the order's side, as Binance demands it. */
  readonly side?: Side;
}

export interface CancelOrder {
  readonly accountId: string;
  readonly symbol: string;
  readonly order: OrderRef;
}

export type OrderStatus = 'new' | 'partially_filled' | 'filled' | 'canceled' | 'expired' | 'rejected';

/**
 * Why an order ended other than by filling. By its owner: `requested`, `cancel_all`, `countdown`, `amended_below_executed`.
 * By the venue: all others.
 */
export type EndReason =
  | 'requested'
  | 'cancel_all'
  | 'countdown'
  /** An amend to a quantity not above what was executed. */
  | 'amended_below_executed'
  /** A `gtx` order that would have taken, when placed (`postOnlyCross: 'expire'`) or by an amend. */
  | 'post_only_would_take'
  | 'ioc_remainder'
  | 'fok_unfilled'
  /** A market order that emptied the other side of the book. */
  | 'no_liquidity'
  /** A reduce-only order whose position went away or turned. */
  | 'reduce_only_excess'
  /** It met an order of its own account. */
  | 'self_trade';

export interface OrderEnd {
  readonly by: 'owner' | 'venue';
  readonly reason: EndReason;
  readonly timeUs: number;
}

export interface Order {
  /** A whole number as text, growing with acceptance. */
  readonly venueOrderId: string;
  readonly accountId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  readonly positionSide: PositionSide;
  /** Absent for market orders. */
  readonly price?: Price;
  readonly quantity: Quantity;
  /** As it was asked for. */
  readonly quoteQuantity?: Notional;
  readonly selfTradePrevention?: SelfTradePrevention;
  readonly status: OrderStatus;
  readonly executedQuantity: Quantity;
  /** Sum of price times quantity over the fills, exact. `averagePrice(order, places)` of order.ts derives the average. */
  readonly executedQuote: Decimal;
  readonly createdUs: number;
  readonly updatedUs: number;
  /** Present exactly when the status is canceled, expired or rejected. */
  readonly end?: OrderEnd;
}

/** What made a fill happen: the other order, or the line of the recording that it consumed. */
export type FillCause =
  | { readonly kind: 'order'; readonly venueOrderId: string }
  /** `tradeId` is the recording's own. */
  | { readonly kind: 'recorded_trade'; readonly tradeId: string }
  /** `updateId` is the recording's update that last set the level. */
  | { readonly kind: 'recorded_level'; readonly price: Price; readonly updateId: number };

export interface Fill {
  /** A whole number as text; both sides of one match carry the same. */
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price: Price;
  readonly quantity: Quantity;
  /** Above zero is paid, rounded half-even. In what was received for spot, else in the quote asset. */
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly maker: boolean;
  /** Rounded half-even to 8 places against the position's exact cost; fees are not in it. 0 for spot. */
  readonly realizedPnl: Decimal;
  readonly timeUs: number;
  readonly cause: FillCause;
}

export interface Balance {
  readonly asset: string;
  /** Deposits, what was bought less what was sold, realised PnL and funding, less fees. `locked` is part of it. */
  readonly walletBalance: Decimal;
  /** What open spot orders may still pay: price times quantity for buys, the quantity for sells. */
  readonly locked: Decimal;
}

/** What an open position paid or got at a funding time. */
export interface FundingPayment {
  /** A whole number as text, growing. */
  readonly paymentId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly positionSide: PositionSide;
  readonly asset: string;
  /** Below zero was paid: `-(quantity * mark price * rate)`, half-even to 8 places. */
  readonly amount: Decimal;
  readonly rate: Decimal;
  /** The funding time. */
  readonly timeUs: number;
}

/** Contracts held by everybody, in base asset: an invented figure for the rest of the world, and the accounts' own. */
export interface OpenInterest {
  readonly symbol: string;
  readonly quantity: Quantity;
  readonly timeUs: number;
}

export interface Position {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  /** Above zero is long, below is short; zero where the account once traded. */
  readonly quantity: Decimal;
  /** Signed exact cost of the open quantity, entry notional: `entryPrice` is |cost| / |quantity|. */
  readonly cost: Decimal;
  /** To 8 places, half-even; 0 when flat. Display only: PnL comes from `cost`. */
  readonly entryPrice: Price;
  /** All realised PnL of this symbol since the account began. */
  readonly realizedPnl: Decimal;
  readonly updatedUs: number;
}

/** A position valued at the present mark price. */
export interface MarkedPosition extends Position {
  readonly markPrice: Price;
  readonly leverage: number;
  readonly marginType: MarginType;
  readonly unrealizedPnl: Decimal;
  readonly notional: Decimal;
  readonly initialMargin: Decimal;
  /** The position's own initial margin where it is isolated, else 0. */
  readonly isolatedMargin: Decimal;
  readonly maintenanceMargin: Decimal;
}

/** What an account is worth now in one asset. */
export interface AccountAsset extends Balance {
  readonly unrealizedPnl: Decimal;
  /** `walletBalance + unrealizedPnl`. */
  readonly marginBalance: Decimal;
  readonly positionInitialMargin: Decimal;
  readonly openOrderInitialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
  /** `marginBalance - initial margins - locked`, never below zero: what new orders may use. */
  readonly availableBalance: Decimal;
  readonly updatedUs: number;
}

export interface Account {
  readonly accountId: string;
  readonly assets: readonly AccountAsset[];
  readonly positionMode: PositionMode;
  /** For each contract that the account traded or set up: one in one-way mode, the long and the short in hedge mode. */
  readonly positions: readonly MarkedPosition[];
}

/** Best first. A level is `[price, quantity]`; in deltas a quantity of 0 removes the level. */
export type Level = readonly [price: Price, quantity: Quantity];

export interface BookSnapshot {
  readonly symbol: string;
  readonly lastUpdateId: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly timeUs: number;
}

export interface PublicTrade {
  readonly symbol: string;
  readonly tradeId: string;
  readonly price: Price;
  readonly quantity: Quantity;
  /** The taker sold. */
  readonly buyerIsMaker: boolean;
  readonly timeUs: number;
}

export interface BestQuote {
  readonly symbol: string;
  readonly updateId: number;
  readonly bid: Level;
  readonly ask: Level;
  readonly timeUs: number;
}

/** Of perpetuals only. `fundingRate` is what will be charged at `nextFundingUs`; above zero the longs pay. */
export interface MarkPrice {
  readonly symbol: string;
  readonly markPrice: Price;
  readonly indexPrice: Price;
  readonly fundingRate: Decimal;
  readonly nextFundingUs: number;
  readonly timeUs: number;
}

export interface Candle {
  readonly openUs: number;
  /** Exclusive: the next candle's `openUs`. */
  readonly closeUs: number;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly trades: number;
  readonly takerBuyVolume: Decimal;
  readonly takerBuyQuoteVolume: Decimal;
}

/** Every way in which the core says no. */
export type RefusalCode =
  | 'unknown_account'
  | 'unknown_symbol'
  | 'bad_price'
  | 'bad_quantity'
  | 'bad_tick'
  | 'bad_step'
  | 'below_min_quantity'
  | 'above_max_quantity'
  | 'below_min_notional'
  | 'price_out_of_band'
  | 'insufficient_margin'
  /** Spot: more than the free balance. */
  | 'insufficient_balance'
  | 'post_only_would_take'
  /** A `fok` order that cannot fill at once, where the venue refuses it. */
  | 'fok_unfilled'
  | 'reduce_only_rejected'
  /** A side that the account's position mode has not. */
  | 'position_side_mismatch'
  | 'duplicate_client_order_id'
  | 'too_many_open_orders'
  | 'no_liquidity'
  | 'unknown_order'
  | 'order_not_open'
  | 'side_mismatch'
  /** An amend that changes neither price nor quantity. */
  | 'nothing_to_amend'
  | 'bad_leverage'
  /** A setting that cannot change while orders are open, or while positions are. */
  | 'open_orders_exist'
  | 'positions_exist'
  /** Something that spot or a perpetual does not have. */
  | 'wrong_market'
  /** The market has not begun (no book yet) or its recording ended. */
  | 'market_closed';

export interface Refusal {
  readonly code: RefusalCode;
  /** One line for logs: the offending value and what is allowed. */
  readonly detail: string;
}

export type Verdict<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };
