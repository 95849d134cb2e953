/**
 * Books what happens to an accepted order: its fills and its end.
 *
 * K2  One fill is one step: fee, realised PnL, wallet, position, order, and the reduce-only orders that depend on the
 *     position.
 * K3  The fee is the notional times the maker or taker rate, in the quote asset, rounded half-even to 8 places.
 */
import {
  asQuantity,
  compare,
  isPositive,
  isZero,
  min,
  multiply,
  notional,
  type Quantity,
  round,
  subtract,
} from '@trunkline/proto/decimal';
import type { AccountBook } from './accounts.ts';
import { NO_QUANTITY } from './book.ts';
import type { FillStore } from './fills.ts';
import type { Market, OrderFill } from './market.ts';
import { endedBy, filledBy, isOpen, remainingQuantity } from './order.ts';
import type { OrderStore } from './orders.ts';
import type { Outbox } from './outbox.ts';
import { MONEY_PLACES, reducibleQuantity } from './position.ts';
import type { EndReason, Fill, Order, Side } from './types.ts';

export interface Booking {
  fill(fill: OrderFill, role: 'maker' | 'taker'): void;
  /** Takes the order out of the market. */
  end(order: Order, status: 'canceled' | 'expired', reason: EndReason): Order;
  canReduce(accountId: string, symbol: string, side: Side): boolean;
  /** What of the order can trade: all that remains, or what its account's position lets a reduce-only order do. */
  openQuantity(order: Order): Quantity;
}

interface BookingOptions {
  readonly outbox: Outbox;
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly fills: FillStore;
  readonly market: (symbol: string) => Market | undefined;
}

export function createBooking({ outbox, accounts, orders, fills, market: marketOf }: BookingOptions): Booking {
  function fill({ tradeId, venueOrderId, price, quantity, cause }: OrderFill, role: 'maker' | 'taker'): void {
    const live = orders.live(venueOrderId);
    const instrument = live === undefined ? undefined : marketOf(live.order.symbol)?.instrument;
    if (live === undefined || instrument === undefined) throw new Error(`a fill of order ${venueOrderId}, not open`);
    const { accountId, clientOrderId, symbol, side, positionSide } = live.order;
    const timeUs = outbox.nowUs();
    const feeRate = role === 'maker' ? instrument.makerFeeRate : instrument.takerFeeRate;
    const fee = round(multiply(notional(price, quantity), feeRate), MONEY_PLACES, 'half-even');
    const asset = instrument.quote;
    const realizedPnl = accounts.book({ accountId, symbol, asset, side, price, quantity, fee, timeUs });
    const order = filledBy(live.order, price, quantity, timeUs);
    const open = subtract(live.open, quantity);
    const booked: Fill = {
      tradeId,
      venueOrderId,
      clientOrderId,
      accountId,
      symbol,
      side,
      positionSide,
      price,
      quantity,
      fee,
      feeAsset: asset,
      maker: role === 'maker',
      realizedPnl,
      timeUs,
      cause,
    };
    orders.put(order, open);
    fills.add(booked);
    outbox.fill(order, booked);
    outbox.accountTouched(accountId, 'order', asset, symbol);
    if (isOpen(order) && isZero(open)) end(order, 'expired', 'reduce_only_excess');
    clampReduceOnly(accountId, symbol);
  }

  function end(order: Order, status: 'canceled' | 'expired', reason: EndReason): Order {
    const ended = endedBy(order, status, reason, outbox.nowUs());
    marketOf(order.symbol)?.remove(order.venueOrderId);
    orders.put(ended, NO_QUANTITY);
    outbox.order(status, ended);
    return ended;
  }

  function reducible(order: Order, quantity: Quantity): Quantity {
    const position = accounts.position(order.accountId, order.symbol);
    return min(quantity, asQuantity(reducibleQuantity(position, order.side)));
  }

  function clampReduceOnly(accountId: string, symbol: string): void {
    for (const { order, open } of orders.liveOf(accountId, symbol)) {
      if (!order.reduceOnly) continue;
      const allowed = reducible(order, open);
      if (!isPositive(allowed)) end(order, 'expired', 'reduce_only_excess');
      else if (compare(allowed, open) < 0) {
        orders.put(order, allowed);
        marketOf(symbol)?.shrink(order.venueOrderId, allowed);
      }
    }
  }

  return {
    fill,
    end,
    openQuantity(order) {
      const remaining = remainingQuantity(order);
      return order.reduceOnly ? reducible(order, remaining) : remaining;
    },
    canReduce: (accountId, symbol, side) => isPositive(reducibleQuantity(accounts.position(accountId, symbol), side)),
  };
}
