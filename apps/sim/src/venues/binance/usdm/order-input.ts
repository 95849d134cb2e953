/**
 * Reads the parameters of placing, amending and canceling into the core's requests, refusing what Binance refuses
 * before its matching engine sees it.
 *
 * O1  A client order id is `^[\.A-Z\:/a-z0-9_-]{1,36}$`; without one the venue mints one.
 * O2  Market orders carry neither price nor time in force (-1106); limit orders carry both (-1102).
 * O3  More decimals than the symbol has are -1111; a value off the grid within them is the core's to refuse.
 * O4  In hedge mode an order names its position (LONG or SHORT) and carries no `reduceOnly` (-1106); a side that the
 *     account's mode has not is -4061. Conditional types are -4120 (they moved to the algo endpoints, which this venue
 *     does not have).
 */
import { asPrice, asQuantity, type Price, type Quantity } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type {
  AmendOrder,
  Instrument,
  NewOrder,
  OrderRef,
  OrderType,
  PositionSide,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../../core/types.ts';
import { places } from '../../decimal-text.ts';
import type { Params } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { optional, optionalBoolean, optionalInteger, required, requiredDecimal } from '../params.ts';
import { precisionOf } from '../print.ts';

const CLIENT_ORDER_ID = {
  pattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
  text: '^[\\.A-Z\\:/a-z0-9_-]{1,36}$',
  length: 36,
} as const;
const CONDITIONAL_TYPES: ReadonlySet<string> = new Set([
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
]);
const RESPONSE_TYPES: ReadonlySet<string> = new Set(['ACK', 'RESULT']);

export const ACCESS_PARAMETERS = ['timestamp', 'recvWindow', 'signature', 'apiKey'] as const;

/** Every documented parameter of placing an order. */
export const NEW_ORDER_PARAMETERS: ReadonlySet<string> = new Set([
  ...ACCESS_PARAMETERS,
  'symbol',
  'side',
  'positionSide',
  'type',
  'timeInForce',
  'quantity',
  'reduceOnly',
  'price',
  'newClientOrderId',
  'stopPrice',
  'closePosition',
  'activationPrice',
  'callbackRate',
  'workingType',
  'priceProtect',
  'newOrderRespType',
  'priceMatch',
  'selfTradePreventionMode',
  'goodTillDate',
]);

export interface NewOrderInput {
  readonly order: NewOrder;
  readonly instrument: Instrument;
  readonly respondWith: 'ack' | 'result';
}

/** `mintClientOrderId` is asked where the client sent none. */
export function readNewOrder(
  params: Params,
  accountId: string,
  core: Core,
  mintClientOrderId: () => string,
): NewOrderInput | Refused {
  const instrument = readInstrument(params, core);
  if (isRefused(instrument)) return instrument;
  const side = readSide(params);
  if (isRefused(side)) return side;
  const type = readType(params);
  if (isRefused(type)) return type;
  const unusual = refuseUnusual(params);
  if (unusual !== undefined) return unusual;
  const timeInForce = readTimeInForce(params, type);
  if (isRefused(timeInForce)) return timeInForce;
  const quantity = readQuantity(params, instrument);
  if (isRefused(quantity)) return quantity;
  const price = type === 'limit' ? readPrice(params, instrument) : undefined;
  if (isRefused(price)) return price;
  const reduceOnly = optionalBoolean(params, 'reduceOnly');
  if (isRefused(reduceOnly)) return reduceOnly;
  const positionSide = readPositionSide(params);
  if (isRefused(positionSide)) return positionSide;
  if (reduceOnly !== undefined && core.positionMode(accountId) === 'hedge') return refuse('NOT_REQUIRED', 'reduceonly');
  const selfTradePrevention = readSelfTradeMode(params);
  if (isRefused(selfTradePrevention)) return selfTradePrevention;
  const clientOrderId = readClientOrderId(params, 'newClientOrderId');
  if (isRefused(clientOrderId)) return clientOrderId;
  const respondWith = optional(params, 'newOrderRespType') ?? 'ACK';
  if (!RESPONSE_TYPES.has(respondWith)) return refuse('BAD_RESPONSE_TYPE');
  return {
    instrument,
    respondWith: respondWith === 'ACK' ? 'ack' : 'result',
    order: {
      accountId,
      clientOrderId: clientOrderId ?? mintClientOrderId(),
      symbol: instrument.symbol,
      side,
      type,
      timeInForce,
      reduceOnly: reduceOnly ?? false,
      positionSide,
      ...(price === undefined ? {} : { price }),
      quantity,
      selfTradePrevention,
    },
  };
}

/** Side, quantity and price are all mandatory here, whichever of them changes. */
export function readAmend(
  params: Params,
  accountId: string,
  core: Core,
): { readonly amend: AmendOrder; readonly instrument: Instrument } | Refused {
  const instrument = readInstrument(params, core);
  if (isRefused(instrument)) return instrument;
  const order = readOrderRef(params);
  if (isRefused(order)) return order;
  const side = readSide(params);
  if (isRefused(side)) return side;
  const quantity = readQuantity(params, instrument);
  if (isRefused(quantity)) return quantity;
  const price = readPrice(params, instrument);
  if (isRefused(price)) return price;
  return { instrument, amend: { accountId, symbol: instrument.symbol, order, price, quantity, side } };
}

export function readInstrument(params: Params, core: Core): Instrument | Refused {
  const symbol = required(params, 'symbol');
  if (isRefused(symbol)) return symbol;
  return core.instrument(symbol) ?? refuse('BAD_SYMBOL');
}

/** `orderId` wins where both are sent. */
export function readOrderRef(params: Params): OrderRef | Refused {
  const orderId = optionalInteger(params, 'orderId');
  if (isRefused(orderId)) return orderId;
  if (orderId !== undefined) return { by: 'venue', venueOrderId: String(orderId) };
  const clientOrderId = optional(params, 'origClientOrderId');
  if (clientOrderId === undefined) return refuse('ONE_OF_MISSING', 'origClientOrderId', 'orderId');
  return { by: 'client', clientOrderId };
}

function readSide(params: Params): Side | Refused {
  const side = required(params, 'side');
  if (isRefused(side)) return side;
  if (side === 'BUY') return 'buy';
  return side === 'SELL' ? 'sell' : refuse('BAD_SIDE');
}

function readType(params: Params): OrderType | Refused {
  const type = required(params, 'type');
  if (isRefused(type)) return type;
  if (type === 'LIMIT') return 'limit';
  if (type === 'MARKET') return 'market';
  return refuse(CONDITIONAL_TYPES.has(type) ? 'CONDITIONAL_ORDER' : 'BAD_ORDER_TYPE');
}

function readTimeInForce(params: Params, type: OrderType): TimeInForce | Refused {
  const timeInForce = optional(params, 'timeInForce');
  if (type === 'market') {
    if (timeInForce !== undefined) return refuse('NOT_REQUIRED', 'timeInForce');
    return optional(params, 'price') === undefined ? 'ioc' : refuse('NOT_REQUIRED', 'price');
  }
  switch (timeInForce) {
    case undefined:
      return refuse('MANDATORY_MISSING', 'timeInForce');
    case 'GTC':
      return 'gtc';
    case 'IOC':
      return 'ioc';
    case 'FOK':
      return 'fok';
    case 'GTX':
      return 'gtx';
    default:
      return refuse('BAD_TIME_IN_FORCE');
  }
}

/** What plain orders do not carry. */
function refuseUnusual(params: Params): Refused | undefined {
  if ((optional(params, 'priceMatch') ?? 'NONE') !== 'NONE') return refuse('UNSUPPORTED_OPERATION');
  for (const name of ['stopPrice', 'activationPrice', 'callbackRate']) {
    if (optional(params, name) !== undefined) return refuse('NOT_REQUIRED', name);
  }
  return undefined;
}

function readPositionSide(params: Params): PositionSide | Refused {
  switch (optional(params, 'positionSide') ?? 'BOTH') {
    case 'BOTH':
      return 'both';
    case 'LONG':
      return 'long';
    case 'SHORT':
      return 'short';
    default:
      return refuse('BAD_VALUE', 'positionSide');
  }
}

/** NONE where the order says nothing. */
function readSelfTradeMode(params: Params): SelfTradePrevention | Refused {
  switch (optional(params, 'selfTradePreventionMode') ?? 'NONE') {
    case 'NONE':
      return 'none';
    case 'EXPIRE_TAKER':
      return 'expire_taker';
    case 'EXPIRE_MAKER':
      return 'expire_maker';
    case 'EXPIRE_BOTH':
      return 'expire_both';
    default:
      return refuse('BAD_VALUE', 'selfTradePreventionMode');
  }
}

function readQuantity(params: Params, instrument: Instrument): Quantity | Refused {
  const value = requiredDecimal(params, 'quantity');
  if (isRefused(value)) return value;
  return places(value) > precisionOf(instrument).quantity ? refuse('OVER_PRECISION') : asQuantity(value);
}

function readPrice(params: Params, instrument: Instrument): Price | Refused {
  const value = requiredDecimal(params, 'price');
  if (isRefused(value)) return value;
  return places(value) > precisionOf(instrument).price ? refuse('OVER_PRECISION') : asPrice(value);
}

function readClientOrderId(params: Params, name: string): string | undefined | Refused {
  const id = optional(params, name);
  if (id === undefined || CLIENT_ORDER_ID.pattern.test(id)) return id;
  if (id.length > CLIENT_ORDER_ID.length) return refuse('LONG_CLIENT_ORDER_ID');
  return refuse('ILLEGAL_CHARACTERS', name, CLIENT_ORDER_ID.text);
}
