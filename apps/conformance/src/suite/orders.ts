/**
 * Orders that fit any venue: sized from the instrument, as small as it allows, and priced from the live quote.
 *
 * O1  An order is at least the minimum quantity and the minimum notional at its own price, on tick and step.
 * O2  What is to rest stands `REST_FRACTION` away from the quote: inside of every venue's price band, and out of the
 *     market's reach for a second or two. What is to take reaches `TAKE_FRACTION` through the quote.
 */
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  max,
  multiply,
  roundToStep,
  ZERO,
} from '@trunkline/proto/decimal';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { OrderType, PlaceOrder, Side, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { read } from './session.ts';

export interface Quote {
  readonly bid: Decimal;
  readonly bidQuantity: Decimal;
  readonly ask: Decimal;
  readonly askQuantity: Decimal;
}

/** Prices on a venue's grid, 4 % below or above. */
const REST = { below: decimal('0.96'), above: decimal('1.04') } as const;
const TAKE = { below: decimal('0.995'), above: decimal('1.005') } as const;
/** Room for the price to fall between the quote and the order. */
const NOTIONAL_ROOM = decimal('1.05');
const PLACES = 18;

export class OrderMaker {
  readonly #instrument: Instrument;
  readonly #mint: () => string;

  constructor(instrument: Instrument, mint: () => string) {
    this.#instrument = instrument;
    this.#mint = mint;
  }

  get tick(): Decimal {
    return read(this.#instrument.tickSize, 'instrument.tick_size');
  }

  get step(): Decimal {
    return read(this.#instrument.quantityStep, 'instrument.quantity_step');
  }

  /** The smallest quantity that may be traded at `price`, times `times`. */
  quantity(price: Decimal, times = 1): Decimal {
    const { minQuantity, minNotional } = this.#instrument;
    const least = minNotional === undefined ? ZERO : multiply(read(minNotional, 'min_notional'), NOTIONAL_ROOM);
    const forValue = roundToStep(divide(least, price, PLACES, 'up'), this.step, 'up');
    const smallest = max(max(read(minQuantity, 'min_quantity'), forValue), this.step);
    return multiply(smallest, decimal(String(times)));
  }

  /** Rests far from the market. */
  resting(side: Side, quote: Quote, changes: Partial<PlaceOrder> = {}): PlaceOrder {
    const price =
      side === Side.BUY
        ? roundToStep(multiply(quote.bid, REST.below), this.tick, 'down')
        : roundToStep(multiply(quote.ask, REST.above), this.tick, 'up');
    return this.limit(side, price, changes);
  }

  /** Takes what the other side offers. */
  taking(side: Side, quote: Quote, changes: Partial<PlaceOrder> = {}): PlaceOrder {
    return this.limit(side, this.through(side, quote), { timeInForce: TimeInForce.IOC, ...changes });
  }

  /** A price through the quote. */
  through(side: Side, quote: Quote): Decimal {
    return side === Side.BUY
      ? roundToStep(multiply(quote.ask, TAKE.above), this.tick, 'up')
      : roundToStep(multiply(quote.bid, TAKE.below), this.tick, 'down');
  }

  limit(side: Side, price: Decimal, changes: Partial<PlaceOrder> = {}): PlaceOrder {
    return PlaceOrder.fromPartial({
      clientOrderId: this.#mint(),
      symbol: this.#instrument.symbol,
      side,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      price,
      quantity: this.quantity(price),
      ...changes,
    });
  }

  market(side: Side, quantity: Decimal, changes: Partial<PlaceOrder> = {}): PlaceOrder {
    return PlaceOrder.fromPartial({
      clientOrderId: this.#mint(),
      symbol: this.#instrument.symbol,
      side,
      type: OrderType.MARKET,
      quantity,
      ...changes,
    });
  }

  /** A price on the tick, moved by `ticks` towards a lower (negative) or higher price. */
  moved(price: Decimal, ticks: number): Decimal {
    const by = multiply(this.tick, decimal(String(ticks)));
    return roundToStep(add(price, by), this.tick, ticks < 0 ? 'down' : 'up');
  }
}

export function isWorthAtMost(order: PlaceOrder, most: Decimal): boolean {
  const price = read(order.price, 'price');
  return compare(multiply(price, read(order.quantity, 'quantity')), most) <= 0;
}
