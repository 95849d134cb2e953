/**
 * Pre-trade limits, as the config states them, and the names by which a denial cites them. Absent means unlimited,
 * except the list of symbols: what is not listed is not traded.
 */
import type { Decimal, Notional, Price, Quantity } from '@trunkline/proto/decimal';

export interface SymbolLimits {
  readonly maxOrderQuantity?: Quantity;
  /** Price times quantity of one order; a market order is valued at the quote. */
  readonly maxOrderNotional?: Notional;
  /** Largest position either way, if everything that is open on the side filled. */
  readonly maxPosition?: Quantity;
  /** How far through the quote a limit price may reach, as a fraction of the quote: 0.02 is 2 %. */
  readonly priceBand?: Decimal;
  /** The venue's own grid: an order off it is denied here, with the name of what is allowed. */
  readonly instrument: InstrumentRules;
}

export interface InstrumentRules {
  readonly tickSize: Price;
  readonly quantityStep: Quantity;
  readonly minQuantity: Quantity;
  readonly minNotional?: Notional;
}

export interface AccountLimits {
  readonly symbols: ReadonlyMap<string, SymbolLimits>;
  /** Orders that may still fill, intents included. */
  readonly maxOpenOrders: number;
  /** New orders in any second. */
  readonly maxOrdersPerSecond: number;
  /** Realised and unrealised loss with fees since midnight UTC, in the settlement currency. */
  readonly maxDailyLoss?: Decimal;
  /** A quote older than this counts as none. */
  readonly maxQuoteAgeMs: number;
}

export interface Quote {
  readonly bid: Price;
  readonly ask: Price;
  /** Monotonic microseconds of this process. */
  readonly receivedAtUs: number;
}

/** What a denial names in its `field`. */
export type LimitName =
  | 'symbol'
  | 'price'
  | 'quantity'
  | 'min_notional'
  | 'max_order_quantity'
  | 'max_order_notional'
  | 'max_position'
  | 'max_open_orders'
  | 'max_orders_per_second'
  | 'price_band'
  | 'max_daily_loss';
