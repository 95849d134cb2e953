/**
 * Futures orders and fills as REST and the WebSocket API answer them, and the same with the numbers of the streams
 * (which carry prices and fees as JSON numbers, and times in whole seconds and milliseconds).
 */
import { negate, ZERO } from '@trunkline/proto/decimal';
import { isOpen } from '../../../core/order.ts';
import type { Fill, Instrument, Order } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { finishedAs, wireTimeInForce } from '../order-words.ts';
import { averagePrice, contracts, float, fractionalSeconds, left, seconds, signed, wireId } from '../print.ts';
import { selfTradeView } from '../self-trade.ts';

export function orderView(order: Order, instrument: Instrument, { uid }: VenueAccount, stpGroup: number) {
  return {
    id: wireId(order.venueOrderId),
    user: Number(uid),
    create_time: fractionalSeconds(order.createdUs),
    update_time: fractionalSeconds(order.updatedUs),
    ...(isOpen(order) ? {} : { finish_time: fractionalSeconds(order.updatedUs), finish_as: finishedAs(order) }),
    status: isOpen(order) ? 'open' : 'finished',
    ...terms(order, instrument),
    price: order.price ?? '0',
    fill_price: averagePrice(order),
    tkfr: instrument.takerFeeRate,
    mkfr: instrument.makerFeeRate,
    ...selfTradeView(order, stpGroup),
    amend_text: '-',
    biz_info: '-',
  };
}

/** One row of `futures.orders`. */
export function orderUpdate(
  order: Order,
  instrument: Instrument,
  { uid }: VenueAccount,
  numbers: { readonly updateId: number; readonly stpGroup: number },
) {
  const { updateId, stpGroup } = numbers;
  const finishedUs = isOpen(order) ? 0 : order.updatedUs;
  return {
    ...terms(order, instrument),
    create_time: seconds(order.createdUs),
    create_time_ms: milliseconds(order.createdUs),
    fill_price: float(averagePrice(order)),
    finish_as: finishedAs(order),
    finish_time: seconds(finishedUs),
    finish_time_ms: milliseconds(finishedUs),
    id: wireId(order.venueOrderId),
    mkfr: float(instrument.makerFeeRate),
    price: float(order.price ?? ZERO),
    refr: 0,
    status: isOpen(order) ? 'open' : 'finished',
    tkfr: float(instrument.takerFeeRate),
    user: uid,
    ...updateSelfTrade(order, stpGroup),
    amend_text: '-',
    biz_info: '-',
    update_id: updateId,
    update_time: milliseconds(order.updatedUs),
    stop_loss_price: '',
    stop_profit_price: '',
  };
}

export function tradeView(fill: Fill, instrument: Instrument) {
  return {
    id: wireId(fill.tradeId),
    create_time: fractionalSeconds(fill.timeUs),
    contract: fill.symbol,
    order_id: fill.venueOrderId,
    size: size(fill, instrument),
    price: fill.price,
    role: fill.maker ? 'maker' : 'taker',
    text: fill.clientOrderId,
    fee: fill.fee,
    point_fee: '0',
    close_size: 0,
  };
}

/** The answer of `my_trades_timerange` names the trade's id otherwise, and writes it as text. */
export function timerangeTradeView(fill: Fill, instrument: Instrument) {
  const { id, ...rest } = tradeView(fill, instrument);
  return { trade_id: String(id), ...rest };
}

/** One row of `futures.usertrades`. */
export function tradeUpdate(fill: Fill, instrument: Instrument) {
  return {
    id: fill.tradeId,
    create_time: seconds(fill.timeUs),
    create_time_ms: milliseconds(fill.timeUs),
    contract: fill.symbol,
    order_id: fill.venueOrderId,
    size: size(fill, instrument),
    price: fill.price,
    role: fill.maker ? 'maker' : 'taker',
    text: fill.clientOrderId,
    fee: float(fill.fee),
    point_fee: 0,
  };
}

/** The stream writes the group as text. */
function updateSelfTrade(order: Order, stpGroup: number) {
  const { stp_id, stp_act } = selfTradeView(order, stpGroup);
  return { stp_id: String(stp_id), stp_act };
}

function size(fill: Fill, instrument: Instrument): number {
  return contracts(signed(fill.quantity, fill.side), instrument);
}

function terms(order: Order, instrument: Instrument) {
  return {
    contract: order.symbol,
    size: contracts(signed(order.quantity, order.side), instrument),
    left: contracts(order.side === 'buy' ? left(order) : negate(left(order)), instrument),
    iceberg: 0,
    is_close: false,
    is_liq: false,
    is_reduce_only: order.reduceOnly,
    refu: 0,
    text: order.clientOrderId,
    tif: wireTimeInForce(order),
  };
}
