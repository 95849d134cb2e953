/**
 * What a strategy is and all that it may touch: its instrument, the clock, its position, and an order door that
 * checks risk and journals. A strategy is synchronous and single-threaded; it is told, it decides, it returns.
 *
 * Y1  A strategy never learns of a connector, a session or a journal. An order that is `unknown` still counts as open:
 *     the strategy must not place another in its stead.
 * Y2  A handler that throws stops that strategy alone; its orders are cancelled and the rest goes on.
 * Y3  `stop` makes no calls; the orchestrator cancels what is open.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Decimal, Price, Quantity } from '@trunkline/proto/decimal';
import type { ClientOrderId, TradingSymbol } from '@trunkline/proto/ids';

export interface StrategyInstrument {
  readonly symbol: TradingSymbol;
  readonly tickSize: Decimal;
  readonly quantityStep: Decimal;
  readonly minQuantity: Decimal;
  /** Zero where the venue names none. */
  readonly minNotional: Decimal;
  /** Fraction of notional; zero where it is not known. */
  readonly makerFeeRate: Decimal;
}

export interface StrategyQuote {
  readonly bidPrice: Price;
  readonly bidQuantity: Quantity;
  readonly askPrice: Price;
  readonly askQuantity: Quantity;
}

/** An order of ours that may still trade: on its way, open, partly filled, being cancelled, or unknown (Y1). */
export interface StrategyOrder {
  readonly clientOrderId: ClientOrderId;
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  /** What may still fill. */
  readonly remaining: Quantity;
  readonly canceling: boolean;
}

export interface StrategyFill {
  readonly clientOrderId: ClientOrderId;
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  readonly quantity: Quantity;
}

export interface LimitRequest {
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  readonly quantity: Quantity;
  readonly postOnly: boolean;
}

export interface StrategyContext {
  readonly instrument: StrategyInstrument;
  readonly clock: Clock;
  /** Signed base asset; negative is short. */
  position(): Decimal;
  openOrders(): readonly StrategyOrder[];
  /** How many orders may be placed now; more would be denied for their rate. */
  orderRoom(): number;
  /** Counts among `openOrders` from this call on, unless it is denied at once; a refusal comes as `onRefused`. */
  place(request: LimitRequest): void;
  cancel(clientOrderId: ClientOrderId): void;
}

export interface Strategy {
  readonly name: string;
  /** The quote of its symbol; not called while the quote is stale. */
  onQuote(quote: StrategyQuote): void;
  onFill(fill: StrategyFill): void;
  /** One of its orders ended, filled or not. */
  onOrderEnded(): void;
  /** A limit of ours denied a request, or the venue rejected it. */
  onRefused(message: string): void;
  /** Each 100 ms. */
  onTimer(): void;
}
