/**
 * Spot orders and fills as REST and the WebSocket API answer them, and the same as the streams push them (which write
 * milliseconds as text and say what happened to the order).
 *
 * S1  A market buy is in quote: `amount` and `left` are money, `filled_amount` is base asset.
 */
import { type Decimal, subtract, ZERO } from '@trunkline/proto/decimal';
import { isOpen } from '../../../core/order.ts';
import type { Fill, Instrument, Order } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { finishedAs, wireTimeInForce } from '../order-words.ts';
import { averagePrice, left, preciseMilliseconds, seconds, wireId } from '../print.ts';
import { selfTradeView } from '../self-trade.ts';

/** What a view needs beside the order: its fees, and the account's self-trade group. */
export interface OrderFacts {
  readonly fee: Decimal;
  readonly stpGroup: number;
}

export function orderView(order: Order, instrument: Instrument, facts: OrderFacts) {
  return {
    ...common(order, instrument, facts),
    create_time_ms: milliseconds(order.createdUs),
    update_time_ms: milliseconds(order.updatedUs),
    status: isOpen(order) ? 'open' : order.status === 'filled' ? 'closed' : 'cancelled',
    iceberg: '0',
    fill_price: order.executedQuote,
    gt_maker_fee: '0',
    gt_taker_fee: '0',
    gt_discount: false,
  };
}

/** One row of `spot.orders`. */
export function orderUpdate(
  order: Order,
  instrument: Instrument,
  event: 'put' | 'update' | 'finish',
  { uid }: VenueAccount,
  facts: OrderFacts,
) {
  return {
    ...common(order, instrument, facts),
    create_time_ms: String(milliseconds(order.createdUs)),
    update_time_ms: String(milliseconds(order.updatedUs)),
    user: Number(uid),
    event,
    biz_info: '-',
  };
}

export function tradeView(fill: Fill) {
  return {
    id: fill.tradeId,
    create_time: String(seconds(fill.timeUs)),
    create_time_ms: `${preciseMilliseconds(fill.timeUs)}000`,
    currency_pair: fill.symbol,
    side: fill.side,
    role: fill.maker ? 'maker' : 'taker',
    amount: fill.quantity,
    price: fill.price,
    order_id: fill.venueOrderId,
    fee: fill.fee,
    fee_currency: fill.feeAsset,
    point_fee: '0',
    gt_fee: '0',
    amend_text: '-',
    sequence_id: fill.tradeId,
    text: fill.clientOrderId,
  };
}

/** One row of `spot.usertrades`. */
export function tradeUpdate(fill: Fill, { uid }: VenueAccount) {
  return {
    id: wireId(fill.tradeId),
    user_id: Number(uid),
    order_id: fill.venueOrderId,
    currency_pair: fill.symbol,
    create_time: seconds(fill.timeUs),
    create_time_ms: preciseMilliseconds(fill.timeUs),
    side: fill.side,
    amount: fill.quantity,
    role: fill.maker ? 'maker' : 'taker',
    price: fill.price,
    fee: fill.fee,
    fee_currency: fill.feeAsset,
    point_fee: '0',
    gt_fee: '0',
    amend_text: '-',
    text: fill.clientOrderId,
    id_market: wireId(fill.tradeId),
  };
}

function common(order: Order, instrument: Instrument, { fee, stpGroup }: OrderFacts) {
  const { quoteQuantity, side, symbol, venueOrderId } = order;
  const feeCurrency = side === 'buy' ? instrument.base : instrument.quote;
  return {
    id: venueOrderId,
    text: order.clientOrderId,
    amend_text: '-',
    create_time: String(seconds(order.createdUs)),
    update_time: String(seconds(order.updatedUs)),
    currency_pair: symbol,
    type: order.type,
    account: 'spot',
    side,
    amount: quoteQuantity ?? order.quantity,
    price: order.price ?? '0',
    time_in_force: wireTimeInForce(order),
    left: quoteQuantity === undefined ? left(order) : moneyLeft(order, quoteQuantity),
    filled_amount: order.executedQuantity,
    filled_total: order.executedQuote,
    avg_deal_price: averagePrice(order),
    fee,
    fee_currency: feeCurrency,
    point_fee: '0',
    gt_fee: '0',
    rebated_fee: '0',
    rebated_fee_currency: side === 'buy' ? instrument.quote : instrument.base,
    ...selfTradeView(order, stpGroup),
    finish_as: finishedAs(order),
  };
}

/** S1. What a whole step of the base asset could not be bought for is not left: the order is done. */
function moneyLeft(order: Order, asked: Decimal): Decimal {
  return order.status === 'filled' ? ZERO : subtract<Decimal>(asked, order.executedQuote);
}
