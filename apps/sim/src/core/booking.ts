/**
 * Books what happens to an accepted order: its fills and its end.
 *
 * K2  One fill is one step: fee, wallets, realised PnL and position of a contract, order, and the orders that can only
 *     reduce that position.
 * K3  The fee is the maker or taker rate of the notional in the quote asset; of what is received for spot (buyers pay
 *     base, sellers quote). Rounded half-even to the venue's places.
 */
import {
  asQuantity,
  compare,
  type Decimal,
  isPositive,
  isZero,
  min,
  multiply,
  negate,
  notional,
  type Quantity,
  round,
  subtract,
  ZERO,
} from '@trunkline/proto/decimal';
import type { AccountBook, PositionFill } from './accounts.ts';
import { paidAsset } from './balances.ts';
import { NO_QUANTITY } from './book.ts';
import type { FillStore } from './fills.ts';
import type { Market, OrderFill } from './market.ts';
import { endedBy, filledBy, isOpen, remainingQuantity } from './order.ts';
import type { OrderStore } from './orders.ts';
import type { Outbox } from './outbox.ts';
import { reducibleQuantity } from './position.ts';
import { onlyReduces } from './position-side.ts';
import type { EndReason, Fill, Instrument, Order } from './types.ts';

export interface Booking {
  fill(fill: OrderFill, role: 'maker' | 'taker'): void;
  /** Takes the order out of the market. */
  end(order: Order, status: 'canceled' | 'expired', reason: EndReason): Order;
  canReduce(order: Pick<Order, 'accountId' | 'symbol' | 'side' | 'positionSide'>): boolean;
  /** What of the order can trade: all that remains, or what its account's position lets a reducing order do. */
  openQuantity(order: Order): Quantity;
  /** What open orders lock of a spot account changed: its balances are told. */
  lockChanged(order: Order): void;
}

interface BookingOptions {
  readonly outbox: Outbox;
  readonly accounts: AccountBook;
  readonly orders: OrderStore;
  readonly fills: FillStore;
  readonly market: (symbol: string) => Market | undefined;
  /** Of fees. */
  readonly feePlaces: number;
}

type Money = Pick<Fill, 'fee' | 'feeAsset' | 'realizedPnl'>;

export function createBooking(options: BookingOptions): Booking {
  const { outbox, accounts, orders, fills, market: marketOf } = options;

  function fill({ tradeId, venueOrderId, price, quantity, cause }: OrderFill, role: 'maker' | 'taker'): void {
    const live = orders.live(venueOrderId);
    const instrument = live === undefined ? undefined : marketOf(live.order.symbol)?.instrument;
    if (live === undefined || instrument === undefined) throw new Error(`a fill of order ${venueOrderId}, not open`);
    const { accountId, clientOrderId, symbol, side, positionSide } = live.order;
    const timeUs = outbox.nowUs();
    const trade = { accountId, symbol, positionSide, side, price, quantity, timeUs };
    const rate = role === 'maker' ? instrument.makerFeeRate : instrument.takerFeeRate;
    const money = instrument.market === 'spot' ? swap(trade, instrument, rate) : settle(trade, instrument, rate);
    const order = filledBy(live.order, price, quantity, timeUs);
    const open = subtract(live.open, quantity);
    const booked: Fill = { ...trade, ...money, tradeId, venueOrderId, clientOrderId, maker: role === 'maker', cause };
    orders.put(order, open);
    fills.add(booked);
    outbox.fill(order, booked);
    if (instrument.market === 'spot') {
      outbox.accountTouched(accountId, 'order', [instrument.base, instrument.quote]);
      return;
    }
    outbox.accountTouched(accountId, 'order', [instrument.quote], { symbol, positionSide });
    if (isOpen(order) && isZero(open)) end(order, 'expired', 'reduce_only_excess');
    clampReducing(accountId, symbol);
  }

  /** A contract: the position moves, what it realised less the fee goes to the wallet. */
  function settle(trade: PositionFill, { quote }: Instrument, rate: Decimal): Money {
    const realizedPnl = accounts.movePosition(trade);
    const fee = round(multiply(notional(trade.price, trade.quantity), rate), options.feePlaces, 'half-even');
    accounts.credit(trade.accountId, quote, subtract(realizedPnl, fee));
    return { fee, feeAsset: quote, realizedPnl };
  }

  /** Spot: one asset against the other, the fee out of what is received. */
  function swap({ accountId, side, price, quantity }: PositionFill, { base, quote }: Instrument, rate: Decimal): Money {
    const value: Decimal = notional(price, quantity);
    const [feeAsset, received] = side === 'buy' ? [base, quantity] : [quote, value];
    const fee = round(multiply(received, rate), options.feePlaces, 'half-even');
    accounts.credit(accountId, base, side === 'buy' ? quantity : negate(quantity));
    accounts.credit(accountId, quote, side === 'buy' ? negate(value) : value);
    accounts.credit(accountId, feeAsset, negate(fee));
    return { fee, feeAsset, realizedPnl: ZERO };
  }

  function end(order: Order, status: 'canceled' | 'expired', reason: EndReason): Order {
    const ended = endedBy(order, status, reason, outbox.nowUs());
    marketOf(order.symbol)?.remove(order.venueOrderId);
    orders.put(ended, NO_QUANTITY);
    outbox.order(status, ended);
    lockChanged(ended);
    return ended;
  }

  function lockChanged({ accountId, symbol, side, type }: Order): void {
    const instrument = marketOf(symbol)?.instrument;
    if (instrument?.market !== 'spot' || type === 'market') return;
    outbox.accountTouched(accountId, 'order', [paidAsset(instrument, side)]);
  }

  function reducible(order: Order, quantity: Quantity): Quantity {
    const position = accounts.position(order.accountId, order.symbol, order.positionSide);
    return min(quantity, asQuantity(reducibleQuantity(position, order.side)));
  }

  function clampReducing(accountId: string, symbol: string): void {
    for (const { order, open } of orders.liveOf(accountId, symbol)) {
      if (!onlyReduces(order)) continue;
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
    lockChanged,
    openQuantity(order) {
      const remaining = remainingQuantity(order);
      return onlyReduces(order) ? reducible(order, remaining) : remaining;
    },
    canReduce: ({ accountId, symbol, side, positionSide }) =>
      isPositive(reducibleQuantity(accounts.position(accountId, symbol, positionSide), side)),
  };
}
