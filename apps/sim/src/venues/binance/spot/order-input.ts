/**
 * Reads the parameters of placing and canceling into the core's requests, refusing what Binance spot refuses before its
 * matching engine sees it.
 *
 * O1  A client order id is `^[a-zA-Z0-9-_]{1,36}$`; without one the venue mints one.
 * O2  LIMIT carries price, quantity and time in force; LIMIT_MAKER price and quantity; MARKET a quantity or, to buy, an
 *     amount of the quote asset. What a type does not carry is -1106, what it misses -1102.
 * O3  More than eight decimals are -1111; a value off the grid within them is a filter's to refuse.
 * O4  Stops, icebergs and trailing orders are refused as not supported for the symbol, as exchangeInfo says.
 */
import { asPrice, asQuantity, notional, ONE, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Instrument, NewOrder, OrderRef, Side, TimeInForce } from '../../../core/types.ts';
import { places } from '../../decimal-text.ts';
import type { Params } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { optional, optionalInteger, required, requiredDecimal } from '../params.ts';
import { refuseSpot } from './errors.ts';
import { readSelfTradeMode } from './self-trade.ts';

const CLIENT_ORDER_ID = /^[a-zA-Z0-9-_]{1,36}$/;
const PLACES = 8;
const NO_QUANTITY = asQuantity(ZERO);

const UNSUPPORTED_TYPES: ReadonlyMap<string, string> = new Map([
  ['STOP_LOSS', 'Stop loss orders are not supported for this symbol.'],
  ['STOP_LOSS_LIMIT', 'Stop loss limit orders are not supported for this symbol.'],
  ['TAKE_PROFIT', 'Take profit orders are not supported for this symbol.'],
  ['TAKE_PROFIT_LIMIT', 'Take profit limit orders are not supported for this symbol.'],
]);
const UNSUPPORTED_PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['icebergQty', 'Iceberg orders are not supported for this symbol.'],
  ['trailingDelta', 'Trailing stop orders are not supported for this symbol.'],
]);

const RESPONSES = { ACK: 'ack', RESULT: 'result', FULL: 'full' } as const;
export type Response = (typeof RESPONSES)[keyof typeof RESPONSES];

export interface NewOrderInput {
  readonly order: NewOrder;
  readonly instrument: Instrument;
  readonly respondWith: Response;
}

type Terms = Pick<NewOrder, 'type' | 'timeInForce' | 'price' | 'quantity' | 'quoteQuantity'>;

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
  const terms = readTerms(params, side);
  if (isRefused(terms)) return terms;
  const clientOrderId = readClientOrderId(params, 'newClientOrderId');
  if (isRefused(clientOrderId)) return clientOrderId;
  const selfTradePrevention = readSelfTradeMode(params);
  if (isRefused(selfTradePrevention)) return selfTradePrevention;
  const respondWith = readResponse(params, terms.timeInForce === 'gtx' ? 'ACK' : 'FULL');
  if (isRefused(respondWith)) return respondWith;
  return {
    instrument,
    respondWith,
    order: {
      accountId,
      clientOrderId: clientOrderId ?? mintClientOrderId(),
      symbol: instrument.symbol,
      side,
      reduceOnly: false,
      positionSide: 'both',
      ...terms,
      selfTradePrevention,
    },
  };
}

export function readInstrument(params: Params, core: Core): Instrument | Refused {
  const symbol = required(params, 'symbol');
  if (isRefused(symbol)) return symbol;
  return core.instrument(symbol) ?? refuse('BAD_SYMBOL');
}

/** The order's id wins where both are sent. */
export function readOrderRef(params: Params, idName = 'orderId', clientName = 'origClientOrderId'): OrderRef | Refused {
  const orderId = optionalInteger(params, idName);
  if (isRefused(orderId)) return orderId;
  if (orderId !== undefined) return { by: 'venue', venueOrderId: String(orderId) };
  const clientOrderId = optional(params, clientName);
  if (clientOrderId === undefined) return refuse('ONE_OF_MISSING', clientName, idName);
  return { by: 'client', clientOrderId };
}

export function readClientOrderId(params: Params, name: string): string | undefined | Refused {
  const id = optional(params, name);
  if (id === undefined || CLIENT_ORDER_ID.test(id)) return id;
  return refuse('ILLEGAL_CHARACTERS', name, CLIENT_ORDER_ID.source);
}

function readTerms(params: Params, side: Side): Terms | Refused {
  const type = required(params, 'type');
  if (isRefused(type)) return type;
  const unsupported = UNSUPPORTED_TYPES.get(type);
  if (unsupported !== undefined) return refuseSpot('NEW_ORDER', unsupported);
  for (const [name, text] of UNSUPPORTED_PARAMETERS) {
    if (optional(params, name) !== undefined) return refuseSpot('NEW_ORDER', text);
  }
  if (optional(params, 'stopPrice') !== undefined) return refuse('NOT_REQUIRED', 'stopPrice');
  switch (type) {
    case 'MARKET':
      return readMarketTerms(params, side);
    case 'LIMIT':
    case 'LIMIT_MAKER': {
      const timeInForce = type === 'LIMIT' ? readTimeInForce(params) : (surplus(params, ['timeInForce']) ?? 'gtx');
      if (isRefused(timeInForce)) return timeInForce;
      const refused = surplus(params, ['quoteOrderQty']);
      if (refused !== undefined) return refused;
      const quantity = readAmount(params, 'quantity');
      if (isRefused(quantity)) return quantity;
      const price = readAmount(params, 'price');
      if (isRefused(price)) return price;
      return { type: 'limit', timeInForce, price: asPrice(price), quantity: asQuantity(quantity) };
    }
    default:
      return refuse('BAD_ORDER_TYPE');
  }
}

function readMarketTerms(params: Params, side: Side): Terms | Refused {
  const refused = surplus(params, ['timeInForce', 'price']);
  if (refused !== undefined) return refused;
  const sent = ['quantity', 'quoteOrderQty'].filter((name) => optional(params, name) !== undefined);
  if (sent.length === 0) return refuse('ONE_OF_MISSING', 'quantity', 'quoteOrderQty');
  if (sent.length === 2) return refuse('BAD_COMBINATION');
  if (sent[0] === 'quantity') {
    const quantity = readAmount(params, 'quantity');
    return isRefused(quantity) ? quantity : { type: 'market', timeInForce: 'ioc', quantity: asQuantity(quantity) };
  }
  // The core spends an amount, it does not raise one.
  if (side === 'sell') return refuseSpot('NEW_ORDER', 'Quote order qty market orders are not support for this symbol.');
  const amount = readAmount(params, 'quoteOrderQty');
  return isRefused(amount)
    ? amount
    : {
        type: 'market',
        timeInForce: 'ioc',
        quantity: NO_QUANTITY,
        quoteQuantity: notional(asPrice(amount), asQuantity(ONE)),
      };
}

function readTimeInForce(params: Params): TimeInForce | Refused {
  switch (optional(params, 'timeInForce')) {
    case undefined:
      return refuse('MANDATORY_MISSING', 'timeInForce');
    case 'GTC':
      return 'gtc';
    case 'IOC':
      return 'ioc';
    case 'FOK':
      return 'fok';
    default:
      return refuse('BAD_TIME_IN_FORCE');
  }
}

function readSide(params: Params): Side | Refused {
  const side = required(params, 'side');
  if (isRefused(side)) return side;
  if (side === 'BUY') return 'buy';
  return side === 'SELL' ? 'sell' : refuse('BAD_SIDE');
}

/** The first of these that was sent, refused. */
function surplus(params: Params, names: readonly string[]): Refused | undefined {
  const name = names.find((candidate) => optional(params, candidate) !== undefined);
  return name === undefined ? undefined : refuse('NOT_REQUIRED', name);
}

/** O3. */
function readAmount(params: Params, name: string) {
  const value = requiredDecimal(params, name);
  if (isRefused(value)) return value;
  return places(value) > PLACES ? refuseSpot('TOO_PRECISE', name) : value;
}

function readResponse(params: Params, usual: keyof typeof RESPONSES): Response | Refused {
  const name = optional(params, 'newOrderRespType') ?? usual;
  if (name === 'ACK' || name === 'RESULT' || name === 'FULL') return RESPONSES[name];
  return refuse('BAD_RESPONSE_TYPE');
}
