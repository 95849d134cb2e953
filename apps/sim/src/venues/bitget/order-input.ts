/**
 * Reads the parameters of placing into the core's request, refusing what Bitget refuses before its matching engine sees
 * it.
 *
 * O1  A `clientOid` has 1 to 64 printable ASCII characters (40305); without one the venue mints digits.
 * O2  More decimals than the symbol has are 40808; a value off the grid within them is the core's to refuse.
 * O3  `force` is read in any case, defaults to `gtc`, and means nothing for market orders. TP/SL presets are ignored.
 * O4  In one-way mode `tradeSide` is ignored and `reduceOnly` counts. In hedge mode it is the other way round, and
 *     `side` names the position's direction, not the trade's: closing a long is `buy` + `close` (the documents' own
 *     table).
 */
import {
  asPrice,
  asQuantity,
  type Decimal,
  type Notional,
  notional,
  ONE,
  type Price,
  type Quantity,
  ZERO,
} from '@trunkline/proto/decimal';
import type {
  Instrument,
  NewOrder,
  OrderType,
  PositionMode,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../core/types.ts';
import { places } from '../decimal-text.ts';
import type { VenueContext } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { oneOf, optional, optionalDecimal, type Params, required } from './params.ts';
import { opposite, precisionOf, QUOTE_PLACES } from './print.ts';
import { checkMarginCoin, readContract, readInstrument } from './subject.ts';

const CLIENT_OID = /^[\x21-\x7e]{1,64}$/;
const FORCES = ['gtc', 'ioc', 'fok', 'post_only'] as const;
const SIDES = ['buy', 'sell'] as const;
const TYPES = ['limit', 'market'] as const;
const STP_MODES = ['none', 'cancel_taker', 'cancel_maker', 'cancel_both'] as const;
const PREVENTIONS = {
  none: 'none',
  cancel_taker: 'expire_taker',
  cancel_maker: 'expire_maker',
  cancel_both: 'expire_both',
} as const satisfies Record<(typeof STP_MODES)[number], SelfTradePrevention>;

export interface NewOrderInput {
  readonly order: NewOrder;
  readonly instrument: Instrument;
}

/** `mintClientOid` is asked where the client sent none. */
export function readFuturesOrder(
  params: Params,
  accountId: string,
  { core, product }: VenueContext,
  mintClientOid: () => string,
): NewOrderInput | Refused {
  const instrument = readContract(params, core, product);
  if (isRefused(instrument)) return instrument;
  const wrongCoin = checkMarginCoin(params, instrument);
  if (wrongCoin !== undefined) return wrongCoin;
  const marginMode = readMarginMode(params);
  if (isRefused(marginMode)) return marginMode;
  const terms = readTerms(params, instrument);
  if (isRefused(terms)) return terms;
  const direction = readDirection(params, core.positionMode(accountId));
  if (isRefused(direction)) return direction;
  const clientOid = readClientOid(params, 'clientOid');
  if (isRefused(clientOid)) return clientOid;
  return {
    instrument,
    order: {
      accountId,
      clientOrderId: clientOid ?? mintClientOid(),
      symbol: instrument.symbol,
      ...direction,
      ...terms,
    },
  };
}

/** O4. */
function readDirection(
  params: Params,
  mode: PositionMode,
): Pick<NewOrder, 'side' | 'positionSide' | 'reduceOnly'> | Refused {
  const side = mandatory(oneOf(params, 'side', SIDES), 'side');
  if (isRefused(side)) return side;
  if (mode === 'one_way') {
    const reduceOnly = oneOf(params, 'reduceOnly', ['YES', 'NO'] as const);
    return isRefused(reduceOnly) ? reduceOnly : { side, positionSide: 'both', reduceOnly: reduceOnly === 'YES' };
  }
  const tradeSide = oneOf(params, 'tradeSide', ['open', 'close'] as const);
  if (isRefused(tradeSide)) return tradeSide;
  if (tradeSide === undefined) return refuse('ONE_WAY_ORDER_IN_HEDGE');
  const positionSide = side === 'buy' ? 'long' : 'short';
  return { side: tradeSide === 'open' ? side : opposite(side), positionSide, reduceOnly: false };
}

export function readSpotOrder(
  params: Params,
  accountId: string,
  { core }: VenueContext,
  mintClientOid: () => string,
): NewOrderInput | Refused {
  const instrument = readInstrument(params, core);
  if (isRefused(instrument)) return instrument;
  const side = mandatory(oneOf(params, 'side', SIDES), 'side');
  if (isRefused(side)) return side;
  const terms = readTerms(params, instrument, side);
  if (isRefused(terms)) return terms;
  const clientOid = readClientOid(params, 'clientOid');
  if (isRefused(clientOid)) return clientOid;
  return {
    instrument,
    order: {
      accountId,
      clientOrderId: clientOid ?? mintClientOid(),
      symbol: instrument.symbol,
      side,
      ...terms,
      reduceOnly: false,
      positionSide: 'both',
    },
  };
}

export function readMarginMode(params: Params): 'crossed' | 'isolated' | Refused {
  return mandatory(oneOf(params, 'marginMode', ['crossed', 'isolated'] as const), 'marginMode');
}

/** `newClientOid` where an order is replaced. */
export function readClientOid(params: Params, name: string): string | undefined | Refused {
  const id = optional(params, name);
  return id === undefined || CLIENT_OID.test(id) ? id : refuse('BAD_CLIENT_OID');
}

/** O2. */
export function readSize(params: Params, name: string, instrument: Instrument): Quantity | Refused {
  const value = readScaled(params, name, 'size', precisionOf(instrument).quantity);
  return isRefused(value) ? value : asQuantity(value);
}

export function readPrice(params: Params, name: string, instrument: Instrument): Price | Refused {
  const value = readScaled(params, name, 'price', precisionOf(instrument).price);
  return isRefused(value) ? value : asPrice(value);
}

interface Terms {
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly price?: Price;
  readonly quantity: Quantity;
  readonly quoteQuantity?: Notional;
  readonly selfTradePrevention?: SelfTradePrevention;
}

/** `spotSide` is given for spot orders: a market buy says in `size` what it spends. */
function readTerms(params: Params, instrument: Instrument, spotSide?: Side): Terms | Refused {
  const type = mandatory(oneOf(params, 'orderType', TYPES), 'orderType');
  if (isRefused(type)) return type;
  const force = oneOf(params, 'force', FORCES);
  if (isRefused(force)) return force;
  const stpMode = oneOf(params, 'stpMode', STP_MODES);
  if (isRefused(stpMode)) return stpMode;
  const stp = stpMode === undefined ? {} : { selfTradePrevention: PREVENTIONS[stpMode] };
  if (type === 'market' && spotSide === 'buy') {
    const spent = readScaled(params, 'size', 'size', QUOTE_PLACES);
    if (isRefused(spent)) return spent;
    const quoteQuantity = notional(asPrice(ONE), asQuantity(spent));
    return { type, timeInForce: 'ioc', quantity: asQuantity(ZERO), quoteQuantity, ...stp };
  }
  const quantity = readSize(params, 'size', instrument);
  if (isRefused(quantity)) return quantity;
  if (type === 'market') return { type, timeInForce: 'ioc', quantity, ...stp };
  const price = readPrice(params, 'price', instrument);
  if (isRefused(price)) return price;
  return { type, timeInForce: force === 'post_only' ? 'gtx' : (force ?? 'gtc'), price, quantity, ...stp };
}

function readScaled(params: Params, name: string, called: string, scale: number): Decimal | Refused {
  const missing = required(params, name);
  if (isRefused(missing)) return missing;
  const value = mandatory(optionalDecimal(params, name), name);
  if (isRefused(value)) return value;
  return places(value) > scale ? refuse('SCALE', called, value, String(scale)) : value;
}

function mandatory<T>(value: T | undefined | Refused, name: string): T | Refused {
  return value ?? refuse('EMPTY_PARAMETER', name);
}
