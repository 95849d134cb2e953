/**
 * Gate's futures orders and executions as the contract's (APIv4 `FuturesOrder`, `MyFuturesTrade`; `futures.orders` and
 * `futures.usertrades` of the futures WebSocket v4, which carry the same fields).
 *
 * M1  A size is signed: positive buys. Filled is size less left.
 * M2  A price of 0 with `ioc` or `fok` is a market order; a fill price of 0 is "none" and comes out absent.
 * M3  In dual mode the side of the position follows from the sign and from what the order does to it: positive opens
 *     long or closes short. Orders say which by `is_reduce_only` or `is_close`, trades by `close_size`.
 */
import { type Decimal, isNegative, negate, subtract } from '@trunkline/proto/decimal';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  Fill,
  Liquidity,
  Order,
  OrderStatus,
  OrderType,
  PositionSide,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { flag, type Json, optionalText, text, Unreadable } from '../fields.ts';
import { sideOfSize, sizeToBase, toBase } from './contracts.ts';
import type { HeardOrder } from './heard.ts';
import { decimalAboveZeroAt, decimalAt, optionalDecimalAt, optionalTimeAt, timeAt } from './numbers.ts';
import { clientOrderIdOf, isPostOnly, readEnd, readTimeInForce } from './words.ts';

export function readFuturesOrder(body: Json, heard: HeardOrder): Order {
  const size = decimalAt(body, 'size');
  const left = decimalAt(body, 'left');
  const price = decimalAboveZeroAt(body, 'price');
  const word = optionalText(body, 'tif');
  const { status, reason } = readState(body, size, left);
  return Order.fromPartial({
    clientOrderId: clientOrderIdOf(optionalText(body, 'text')),
    venueOrderId: text(body, 'id'),
    symbol: heard.symbol,
    side: sideOfSize(size),
    positionSide: orderPositionSide(size, flag(body, 'is_reduce_only') || flag(body, 'is_close'), heard),
    type: price === undefined ? OrderType.MARKET : OrderType.LIMIT,
    timeInForce: readTimeInForce(word),
    postOnly: isPostOnly(word),
    reduceOnly: flag(body, 'is_reduce_only'),
    price,
    quantity: sizeToBase(size, heard.contractSize),
    filledQuantity: sizeToBase(subtract(size, left), heard.contractSize),
    averagePrice: left === size ? undefined : decimalAboveZeroAt(body, 'fill_price'),
    status,
    venueTimeUs: timeAt(body, 'finish_time_ms', 'finish_time', 'update_time', 'create_time_ms', 'create_time'),
    createdAtUs: optionalTimeAt(body, 'create_time_ms') ?? optionalTimeAt(body, 'create_time'),
    receivedAtUs: heard.receivedAtUs,
    source: heard.source,
    venueReason: reason,
  });
}

/** One entry of `futures.usertrades`, `my_trades` (`id`) or `my_trades_timerange` (`trade_id`). */
export function readFuturesTrade(body: Json, heard: HeardOrder): Fill {
  const size = decimalAt(body, 'size');
  return Fill.fromPartial({
    tradeId: optionalText(body, 'trade_id') ?? text(body, 'id'),
    venueOrderId: text(body, 'order_id'),
    clientOrderId: clientOrderIdOf(optionalText(body, 'text')),
    symbol: heard.symbol,
    side: sideOfSize(size),
    positionSide: tradePositionSide(size, optionalDecimalAt(body, 'close_size'), heard),
    price: decimalAt(body, 'price'),
    quantity: sizeToBase(size, heard.contractSize),
    fee: optionalDecimalAt(body, 'fee') ?? '0',
    feeAsset: 'USDT',
    liquidity: readRole(body),
    venueTimeUs: timeAt(body, 'create_time_ms', 'create_time'),
    receivedAtUs: heard.receivedAtUs,
    source: heard.source,
  });
}

export function readRole(body: Json): Liquidity {
  const role = text(body, 'role');
  if (role === 'maker') return Liquidity.MAKER;
  if (role === 'taker') return Liquidity.TAKER;
  throw new Unreadable(`role ${role}`);
}

/** Signed, for positions: base asset, negative is short. */
export function readPositionSize(body: Json, contractSize: Decimal): Decimal {
  const size = decimalAt(body, 'size');
  const base = toBase(size, contractSize);
  // Dual mode's short side is negative already; a venue that printed it positive would turn a hedge around.
  return optionalText(body, 'mode') === 'dual_short' && !isNegative(base) ? negate(base) : base;
}

function readState(body: Json, size: Decimal, left: Decimal) {
  const finishAs = optionalText(body, 'finish_as') ?? '';
  switch (text(body, 'status')) {
    case 'open':
      return { status: left === size ? OrderStatus.OPEN : OrderStatus.PARTIALLY_FILLED, reason: '' };
    case 'finished':
      return readEnd(finishAs, left === '0' && size !== '0');
    default:
      throw new Unreadable(`order status ${text(body, 'status')}`);
  }
}

function orderPositionSide(size: Decimal, closes: boolean, { positionMode }: HeardOrder): PositionSide {
  if (positionMode !== PositionMode.HEDGE) return PositionSide.BOTH;
  return isNegative(size) === closes ? PositionSide.LONG : PositionSide.SHORT;
}

function tradePositionSide(size: Decimal, closed: Decimal | undefined, { positionMode }: HeardOrder): PositionSide {
  if (positionMode !== PositionMode.HEDGE) return PositionSide.BOTH;
  if (closed === undefined) return PositionSide.UNSPECIFIED;
  return isNegative(size) === (closed !== '0') ? PositionSide.LONG : PositionSide.SHORT;
}
