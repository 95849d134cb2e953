/**
 * How spot orders are written: a side and an amount of base asset, or of quote asset for a market buy.
 *
 * P1  Market orders are `ioc` or `fok`; the documents allow no other time in force for them, and `gtc` is the usual.
 * P2  A batch has at most 4 pairs and 10 orders in each.
 */

import { isRecord } from '@trunkline/kit/record';
import {
  asPrice,
  asQuantity,
  isPositive,
  notional,
  ONE,
  parsePrice,
  parseQuantity,
  ZERO,
} from '@trunkline/proto/decimal';
import type { Instrument, NewOrder, Order } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import type { Fields, VenueContext } from '../call.ts';
import type { Dialect } from '../dialect.ts';
import { badValue, isRefused, type Refused, refusalBody, refuse } from '../errors.ts';
import { SPOT } from '../market.ts';
import { coreTimeInForce, WIRE_TIMES_IN_FORCE } from '../order-words.ts';
import { optionalDecimal, optionalText, optionalWord, requiredDecimal } from '../params.ts';
import { readText } from '../text.ts';
import { feesFor } from './order-fees.ts';
import { orderView } from './order-view.ts';

const MOST_PAIRS = 4;

export function spotDialect(context: VenueContext): Dialect {
  const { core, stpGroup } = context;
  const fees = feesFor(context);
  return {
    market: SPOT,
    readOrder,
    readAmend,
    orderView(order) {
      const instrument = core.instrument(order.symbol);
      return instrument === undefined ? {} : orderView(order, instrument, { fee: fees.of(order), stpGroup });
    },
    checkBatch,
    cancelView: (id, refused, row) => ({
      currency_pair: isRecord(row) ? (row['currency_pair'] ?? '') : '',
      id,
      succeeded: refused === undefined,
      ...(refused === undefined ? {} : refusalBody(refused)),
      account: 'spot',
    }),
  };
}

function readOrder(fields: Fields, instrument: Instrument, account: VenueAccount): NewOrder | Refused {
  const text = readText(fields, SPOT.defaultText);
  if (isRefused(text)) return text;
  const side = optionalWord(fields, 'side', ['buy', 'sell']);
  if (isRefused(side)) return side;
  if (side === undefined) return refuse('MISSING_REQUIRED_PARAM', 'side');
  const type = optionalWord(fields, 'type', ['limit', 'market']) ?? 'limit';
  if (isRefused(type)) return type;
  const word = optionalWord(fields, 'time_in_force', WIRE_TIMES_IN_FORCE) ?? 'gtc';
  if (isRefused(word)) return word;
  const amount = requiredDecimal(fields, 'amount');
  if (isRefused(amount)) return amount;
  if (!isPositive(amount)) return badValue('amount', amount);
  const unserved = refuseUnserved(fields);
  if (unserved !== undefined) return unserved;
  const common = {
    accountId: account.name,
    clientOrderId: text,
    symbol: instrument.symbol,
    side,
    reduceOnly: false,
    positionSide: 'both',
    timeInForce: coreTimeInForce(word),
  } as const;
  if (type === 'limit') {
    const price = optionalDecimal(fields, 'price');
    if (isRefused(price)) return price;
    if (price === undefined) return refuse('MISSING_REQUIRED_PARAM', 'price');
    return isPositive(price)
      ? { ...common, type, price: asPrice(price), quantity: asQuantity(amount) }
      : badValue('price', price);
  }
  if (word !== 'ioc' && word !== 'fok') return badValue('time_in_force', word);
  if (side === 'sell') return { ...common, type, quantity: asQuantity(amount) };
  return { ...common, type, quantity: asQuantity(ZERO), quoteQuantity: notional(asPrice(amount), asQuantity(ONE)) };
}

/** The accounts and forms that the emulated venue does not carry. */
function refuseUnserved(fields: Fields): Refused | undefined {
  const account = optionalText(fields, 'account') ?? 'spot';
  if (isRefused(account)) return account;
  if (account !== 'spot') return badValue('account', account);
  const iceberg = optionalText(fields, 'iceberg');
  if (iceberg === undefined || iceberg === '0') return undefined;
  return isRefused(iceberg) ? iceberg : badValue('iceberg', iceberg);
}

function readAmend(fields: Fields, order: Order) {
  const amount = optionalText(fields, 'amount');
  if (isRefused(amount)) return amount;
  const text = optionalText(fields, 'price');
  if (isRefused(text)) return text;
  if (amount === undefined && text === undefined) return refuse('MISSING_REQUIRED_PARAM', 'amount');
  const quantity = amount === undefined ? order.quantity : parseQuantity(amount);
  if (quantity === undefined || !isPositive(quantity)) return badValue('amount', amount);
  const price = text === undefined ? order.price : parsePrice(text);
  return price === undefined || !isPositive(price) ? badValue('price', text) : { price, quantity };
}

/** P2. */
function checkBatch(rows: readonly unknown[]): Refused | undefined {
  const counts = new Map<unknown, number>();
  for (const row of rows) {
    const pair = isRecord(row) ? row['currency_pair'] : undefined;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  if (rows.length === 0) return badValue('orders', '0 orders');
  if (counts.size > MOST_PAIRS) return refuse('TOO_MANY_CURRENCY_PAIRS');
  return [...counts.values()].some((count) => count > SPOT.mostPlaced) ? refuse('TOO_MANY_ORDERS') : undefined;
}
