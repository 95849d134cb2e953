/**
 * How futures orders are written: sizes in contracts, above zero to buy, below to sell; price 0 with `ioc` or `fok`
 * for a market order; `close` for all of a position.
 *
 * F1  A price between two ticks is rounded to the nearest, as in the documents' own example (31403.180000 -> 31403.2).
 */
import {
  absolute,
  asPrice,
  asQuantity,
  isNegative,
  isZero,
  max,
  negate,
  type Price,
  parsePrice,
  roundToStep,
} from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Instrument, NewOrder, Order, PositionSide, Side } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import type { Fields, VenueContext } from '../call.ts';
import type { Dialect } from '../dialect.ts';
import { badValue, isRefused, type Refused, refuse } from '../errors.ts';
import { FUTURES } from '../market.ts';
import { coreTimeInForce, WIRE_TIMES_IN_FORCE } from '../order-words.ts';
import { flag, optionalDecimal, optionalText, optionalWord, requiredDecimal } from '../params.ts';
import { baseQuantity } from '../print.ts';
import { readText } from '../text.ts';
import { orderView } from './order-view.ts';

export function futuresDialect({ core, stpGroup }: VenueContext): Dialect {
  return {
    market: FUTURES,
    readOrder: (fields, instrument, account) => readOrder(core, fields, instrument, account),
    readAmend,
    orderView(order, account) {
      const instrument = core.instrument(order.symbol);
      return instrument === undefined ? {} : orderView(order, instrument, account, stpGroup);
    },
    checkBatch(rows) {
      return rows.length === 0 || rows.length > FUTURES.mostPlaced
        ? badValue('orders', `${rows.length} orders`)
        : undefined;
    },
    cancelView: (id, refused, _row, { uid }) => ({
      id,
      user_id: Number(uid),
      succeeded: refused === undefined,
      message: refused?.label ?? '',
    }),
  };
}

function readOrder(core: Core, fields: Fields, instrument: Instrument, account: VenueAccount): NewOrder | Refused {
  const text = readText(fields, FUTURES.defaultText);
  if (isRefused(text)) return text;
  const amount = readAmount(core, fields, instrument, account);
  if (isRefused(amount)) return amount;
  const price = optionalDecimal(fields, 'price');
  if (isRefused(price)) return price;
  const word = optionalWord(fields, 'tif', WIRE_TIMES_IN_FORCE);
  if (isRefused(word)) return word;
  const unserved = refuseUnserved(fields);
  if (unserved !== undefined) return unserved;
  const common = {
    ...amount,
    accountId: account.name,
    clientOrderId: text,
    symbol: instrument.symbol,
    timeInForce: coreTimeInForce(word ?? 'gtc'),
  } as const;
  if (price !== undefined && !isZero(price))
    return isNegative(price)
      ? badValue('price', price)
      : { ...common, type: 'limit', price: onTick(asPrice(price), instrument) };
  return word === 'ioc' || word === 'fok' ? { ...common, type: 'market' } : badValue('price', price ?? '0');
}

/** What the order does to which position: from `size`, or from the position that `close` or `auto_size` names. */
function readAmount(core: Core, fields: Fields, instrument: Instrument, account: VenueAccount) {
  const size = requiredDecimal(fields, 'size');
  if (isRefused(size)) return size;
  const closes = flag(fields, 'close');
  if (isRefused(closes)) return closes;
  const reduceOnly = flag(fields, 'reduce_only');
  if (isRefused(reduceOnly)) return reduceOnly;
  const autoSize = optionalWord(fields, 'auto_size', ['close_long', 'close_short']);
  if (isRefused(autoSize)) return autoSize;
  if (!/^-?\d+$/.test(size)) return badValue('size', size);
  const isDual = core.positionMode(account.name) === 'hedge';
  if (closes || autoSize !== undefined) {
    if (!isZero(size)) return badValue('size', size);
    if (isDual !== (autoSize !== undefined)) return badValue('auto_size', autoSize);
    const positionSide = autoSize === undefined ? 'both' : autoSize === 'close_long' ? 'long' : 'short';
    const held = core
      .account(account.name)
      ?.positions.find((position) => position.symbol === instrument.symbol && position.positionSide === positionSide);
    if (held === undefined || isZero(held.quantity)) return refuse('POSITION_EMPTY');
    const side: Side = isNegative(held.quantity) ? 'buy' : 'sell';
    return { side, positionSide, quantity: asQuantity(absolute(held.quantity)), reduceOnly: true } as const;
  }
  const side: Side = isNegative(size) ? 'sell' : 'buy';
  const positionSide = isDual ? dualSide(side, reduceOnly) : 'both';
  return { side, positionSide, quantity: baseQuantity(absolute(size), instrument), reduceOnly };
}

/** In dual mode an order opens the position of its own side, and with `reduce_only` reduces the other. */
function dualSide(side: Side, reduceOnly: boolean): PositionSide {
  return (side === 'buy') === reduceOnly ? 'short' : 'long';
}

/** What the emulated venue does not carry. */
function refuseUnserved(fields: Fields): Refused | undefined {
  const iceberg = optionalText(fields, 'iceberg');
  if (iceberg === undefined || iceberg === '0') return undefined;
  return isRefused(iceberg) ? iceberg : badValue('iceberg', iceberg);
}

function readAmend(fields: Fields, order: Order, instrument: Instrument) {
  const size = optionalDecimal(fields, 'size');
  if (isRefused(size)) return size;
  const text = optionalText(fields, 'price');
  if (isRefused(text)) return text;
  const price = text === undefined ? order.price : parsePrice(text);
  if (price === undefined) return badValue('price', text);
  if (size === undefined && text === undefined) return refuse('NO_CHANGE');
  if (size !== undefined && !/^-?\d+$/.test(size)) return badValue('size', size);
  // "Order side must be identical to the original one": a size of the other sign is refused.
  if (size !== undefined && isNegative(order.side === 'buy' ? size : negate(size))) return badValue('size', size);
  return {
    price: onTick(price, instrument),
    quantity: size === undefined ? order.quantity : baseQuantity(absolute(size), instrument),
  };
}

/** F1. */
function onTick(price: Price, { tickSize }: Instrument): Price {
  return max(tickSize, roundToStep(price, tickSize, 'half-even'));
}
