/**
 * The connector's own hard limits. They hold even if the engine is wrong: no message can change them.
 *
 * G1  A limit that is not set does not apply; `symbols` always does, by the instruments that are loaded.
 * G2  Reduce-only orders are free of the open-order limit and of the price band, never of size and rate.
 * G3  The band looks at the harmful side alone: a buy far above the ask, a sell far below the bid. It needs a quote of
 *     a symbol that somebody subscribed; without one it cannot judge and lets go, as does the notional of a market order.
 * G4  An order counts as open from its admission until its end is known: a fate of unknown stays counted.
 */

import type { Clock } from '@trunkline/proto/clock';
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  multiply,
  parseDecimal,
  subtract,
} from '@trunkline/proto/decimal';
import type { MarketEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  type Denied,
  DenyRule,
  type Order,
  type OrderOutcome,
  OrderStatus,
  type PlaceOrder,
  Side,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { denied } from './lanes/order/outcome.ts';

export interface GuardConfig {
  /** Base asset, of one order. */
  readonly maxOrderQuantity?: Decimal;
  /** Quote currency, of one order. */
  readonly maxOrderNotional?: Decimal;
  /** Of the whole account as far as this connector sees it. */
  readonly maxOpenOrders?: number;
  /** Placing and amending, in any second. */
  readonly maxOrdersPerSecond?: number;
  /** How far past the far side of the quote an order may reach, in hundredths of a percent. */
  readonly priceBandBps?: number;
}

interface Quote {
  readonly bid: Decimal;
  readonly ask: Decimal;
}

const RATE_WINDOW_US = 1_000_000;
const BPS = decimal('10000');
const BAND_PLACES = 12;

/** A vetted order, or what an amend makes of one. */
export type GuardedOrder = Pick<PlaceOrder, 'clientOrderId' | 'symbol' | 'side' | 'price' | 'quantity' | 'reduceOnly'>;

export class Guard {
  readonly #config: GuardConfig;
  readonly #clock: Clock;
  readonly #open = new Set<string>();
  readonly #quotes = new Map<string, Quote>();
  /** When the newest orders were admitted, oldest first: at most `maxOrdersPerSecond` of them. */
  #admittedAtUs: number[] = [];

  constructor(config: GuardConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Lets an order pass and counts it, or says which limit it breaks. */
  admit(order: GuardedOrder): Denied | undefined {
    const refusal = this.#refuseSize(order) ?? this.#refuseOpen(order) ?? this.#refuseBand(order) ?? this.#refuseRate();
    if (refusal) return refusal;
    this.#open.add(order.clientOrderId);
    if (this.#config.maxOrdersPerSecond !== undefined) this.#admittedAtUs.push(this.#clock.monotonicUs());
    return undefined;
  }

  /** What became of an admitted order: one that the venue does not hold is not open. */
  settled({ clientOrderId, fate }: OrderOutcome): void {
    if (fate?.$case === 'denied' || fate?.$case === 'rejected') this.#open.delete(clientOrderId);
    else if (fate?.$case === 'accepted' && fate.value.order) this.takeOrder(fate.value.order);
  }

  takeOrder(order: Order): void {
    const id = order.clientOrderId || order.venueOrderId;
    if (order.status === OrderStatus.OPEN || order.status === OrderStatus.PARTIALLY_FILLED) this.#open.add(id);
    else this.#open.delete(id);
  }

  /** The venue was proved not to hold it. */
  forget(clientOrderId: string): void {
    this.#open.delete(clientOrderId);
  }

  takeMarket({ topic, event }: MarketEvent): void {
    if (topic === undefined || event?.$case !== 'bestQuote') return;
    const bid = parseDecimal(event.value.bidPrice);
    const ask = parseDecimal(event.value.askPrice);
    if (bid !== undefined && ask !== undefined) this.#quotes.set(topic.symbol, { bid, ask });
  }

  #refuseSize(order: GuardedOrder): Denied | undefined {
    const { maxOrderQuantity, maxOrderNotional } = this.#config;
    const quantity = decimal(order.quantity);
    if (maxOrderQuantity !== undefined && compare(quantity, maxOrderQuantity) > 0) {
      return refuse('max_order_quantity', `${quantity} is above ${maxOrderQuantity}`);
    }
    const price = order.price === undefined ? this.#touch(order) : decimal(order.price);
    if (maxOrderNotional === undefined || price === undefined) return undefined;
    const value = multiply(price, quantity);
    if (compare(value, maxOrderNotional) <= 0) return undefined;
    return refuse('max_order_notional', `${value} is above ${maxOrderNotional}`);
  }

  #refuseOpen({ reduceOnly }: GuardedOrder): Denied | undefined {
    const { maxOpenOrders } = this.#config;
    if (maxOpenOrders === undefined || reduceOnly || this.#open.size < maxOpenOrders) return undefined;
    return refuse('max_open_orders', `${this.#open.size} orders are open, at most ${maxOpenOrders} may be`);
  }

  #refuseBand(order: GuardedOrder): Denied | undefined {
    const { priceBandBps } = this.#config;
    const touch = this.#touch(order);
    if (priceBandBps === undefined || order.price === undefined || order.reduceOnly || touch === undefined) {
      return undefined;
    }
    const reach = divide(multiply(touch, decimal(String(priceBandBps))), BPS, BAND_PLACES, 'down');
    const price = decimal(order.price);
    const isBuy = order.side === Side.BUY;
    const limit = isBuy ? add(touch, reach) : subtract(touch, reach);
    if (isBuy ? compare(price, limit) <= 0 : compare(price, limit) >= 0) return undefined;
    return refuse('price_band', `${price} is beyond ${limit}, ${priceBandBps} bps past the quote ${touch}`);
  }

  #refuseRate(): Denied | undefined {
    const { maxOrdersPerSecond } = this.#config;
    if (maxOrdersPerSecond === undefined) return undefined;
    const sinceUs = this.#clock.monotonicUs() - RATE_WINDOW_US;
    this.#admittedAtUs = this.#admittedAtUs.filter((atUs) => atUs > sinceUs);
    if (this.#admittedAtUs.length < maxOrdersPerSecond) return undefined;
    return refuse('max_orders_per_second', `${maxOrdersPerSecond} orders were sent within the last second`);
  }

  /** The price that an order would meet: the far side of the quote. */
  #touch({ symbol, side }: GuardedOrder): Decimal | undefined {
    const quote = this.#quotes.get(symbol);
    return side === Side.BUY ? quote?.ask : quote?.bid;
  }
}

function refuse(limit: string, message: string): Denied {
  return denied(DenyRule.GUARD, message, limit);
}
