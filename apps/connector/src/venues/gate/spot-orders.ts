/**
 * Gate's spot orders and executions as the contract's (APIv4 `Order`, `Trade`; `spot.orders` and `spot.usertrades` of
 * the spot WebSocket v4).
 *
 * M1  The stream says what happened in `event` (put, update, finish), REST where the order stands in `status`.
 * M2  A market buy counts `amount` and `left` in the quote asset, which this contract does not: such an order, placed by
 *     somebody else, has the quantity that it filled.
 * M3  A fee is taken from one of three purses; the one that paid is named.
 */
import { subtract } from '@trunkline/proto/decimal';
import {
  Fill,
  Order,
  OrderStatus,
  OrderType,
  PositionSide,
  Side,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Json, optionalText, text, Unreadable } from '../fields.ts';
import { readRole } from './futures-orders.ts';
import type { HeardOrder } from './heard.ts';
import { decimalAboveZeroAt, decimalAt, optionalDecimalAt, optionalTimeAt, timeAt } from './numbers.ts';
import { clientOrderIdOf, isPostOnly, readEnd, readSide, readTimeInForce } from './words.ts';

export function readSpotOrder(body: Json, heard: HeardOrder): Order {
  const side = readSide(text(body, 'side'));
  const isMarket = text(body, 'type').startsWith('market');
  const word = optionalText(body, 'time_in_force');
  const { quantity, filled } = readAmounts(body, isMarket && side === Side.BUY);
  const { status, reason } = readState(body, filled === '0');
  return Order.fromPartial({
    clientOrderId: clientOrderIdOf(optionalText(body, 'text')),
    venueOrderId: text(body, 'id'),
    symbol: heard.symbol,
    side,
    positionSide: PositionSide.BOTH,
    type: isMarket ? OrderType.MARKET : OrderType.LIMIT,
    timeInForce: readTimeInForce(word),
    postOnly: isPostOnly(word),
    price: isMarket ? undefined : decimalAboveZeroAt(body, 'price'),
    quantity,
    filledQuantity: filled,
    averagePrice: filled === '0' ? undefined : decimalAboveZeroAt(body, 'avg_deal_price'),
    status,
    venueTimeUs: timeAt(body, 'update_time_ms', 'update_time', 'create_time_ms', 'create_time'),
    createdAtUs: optionalTimeAt(body, 'create_time_ms') ?? optionalTimeAt(body, 'create_time'),
    receivedAtUs: heard.receivedAtUs,
    source: heard.source,
    venueReason: reason,
  });
}

/** One entry of `spot.usertrades` or `my_trades`. */
export function readSpotTrade(body: Json, heard: HeardOrder): Fill {
  const side = readSide(text(body, 'side'));
  return Fill.fromPartial({
    tradeId: text(body, 'id'),
    venueOrderId: text(body, 'order_id'),
    clientOrderId: clientOrderIdOf(optionalText(body, 'text')),
    symbol: heard.symbol,
    side,
    positionSide: PositionSide.BOTH,
    price: decimalAt(body, 'price'),
    quantity: decimalAt(body, 'amount'),
    ...readFee(body, side, heard.symbol),
    liquidity: readRole(body),
    venueTimeUs: timeAt(body, 'create_time_ms', 'create_time'),
    receivedAtUs: heard.receivedAtUs,
    source: heard.source,
  });
}

function readAmounts(body: Json, inQuote: boolean) {
  if (inQuote) {
    const filled = optionalDecimalAt(body, 'filled_amount') ?? '0';
    return { quantity: filled, filled };
  }
  const quantity = decimalAt(body, 'amount');
  return { quantity, filled: subtract(quantity, decimalAt(body, 'left')) };
}

function readState(body: Json, untouched: boolean) {
  const finishAs = optionalText(body, 'finish_as') ?? '';
  const open = { status: untouched ? OrderStatus.OPEN : OrderStatus.PARTIALLY_FILLED, reason: '' };
  switch (optionalText(body, 'event') ?? optionalText(body, 'status')) {
    case 'put':
    case 'update':
    case 'open':
      return open;
    case 'closed':
      return readEnd('filled', true);
    case 'cancelled':
      return readEnd(finishAs === '' ? 'cancelled' : finishAs, false);
    case 'finish':
      return readEnd(finishAs, finishAs === 'filled');
    default:
      throw new Unreadable('an order without a state');
  }
}

function readFee(body: Json, side: Side, symbol: string) {
  const fee = decimalAboveZeroAt(body, 'fee');
  const [base = '', quote = ''] = symbol.split('/');
  // The asset that was received, where the message does not say it.
  const asset = optionalText(body, 'fee_currency') ?? (side === Side.BUY ? base : quote);
  if (fee !== undefined) return { fee, feeAsset: asset };
  const inToken = decimalAboveZeroAt(body, 'gt_fee');
  if (inToken !== undefined) return { fee: inToken, feeAsset: 'GT' };
  const inPoints = decimalAboveZeroAt(body, 'point_fee');
  return inPoints === undefined ? { fee: '0', feeAsset: asset } : { fee: inPoints, feeAsset: 'POINT' };
}
