/**
 * How the venue writes numbers and names on the wire: decimals with the symbol's fixed precision (`61800.20`, not
 * `61800.2`), times in milliseconds, ids as JSON integers, upper-case words.
 */
import type { Decimal } from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type {
  Instrument,
  Order,
  OrderStatus,
  OrderType,
  PositionSide,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../core/types.ts';
import { fixed, padded, places } from '../decimal-text.ts';

/** Binance prints USD-M prices with at least this many places, whatever the tick. */
const LEAST_PRICE_PLACES = 2;
/** Margins, fees and profits of USDT. */
const MONEY_PLACES = 8;
const AVERAGE_PRICE_PLACES = 5;
const MINTED_LENGTH = 22;
const MINTED_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Places of a symbol's numbers. */
export interface Precision {
  readonly price: number;
  readonly quantity: number;
  /** At least so many. */
  readonly quote: number;
}

/** Spot writes every number with eight places, whatever the tick and step. */
const SPOT_PRECISION: Precision = { price: 8, quantity: 8, quote: 8 };

export function precisionOf(instrument: Instrument): Precision {
  if (instrument.market === 'spot') return SPOT_PRECISION;
  return {
    price: Math.max(LEAST_PRICE_PLACES, places(instrument.tickSize)),
    quantity: places(instrument.stepSize),
    quote: AVERAGE_PRICE_PLACES,
  };
}

export function money(value: Decimal): string {
  return fixed(value, MONEY_PLACES);
}

export function averagePrice(value: Decimal, precision: Precision): string {
  return value === '0' ? fixed(value, precision.price) : fixed(value, Math.max(AVERAGE_PRICE_PLACES, precision.price));
}

/** An amount of the quote asset, never rounded. */
export function quoteAmount(value: Decimal, precision: Precision): string {
  return padded(value, precision.quote);
}

/** A client order id of the venue's own, for orders that were sent without one. */
export function mintClientId(rng: Rng): string {
  return Array.from({ length: MINTED_LENGTH }, () => MINTED_ALPHABET.charAt(rng.integer(MINTED_ALPHABET.length))).join(
    '',
  );
}

/** Order and trade ids are whole numbers on this venue's wire. */
export function wireId(id: string): number {
  return Number(id);
}

export const POSITION_SIDES = {
  both: 'BOTH',
  long: 'LONG',
  short: 'SHORT',
} as const satisfies Record<PositionSide, string>;
export const SELF_TRADE_MODES = {
  none: 'NONE',
  expire_taker: 'EXPIRE_TAKER',
  expire_maker: 'EXPIRE_MAKER',
  expire_both: 'EXPIRE_BOTH',
} as const satisfies Record<SelfTradePrevention, string>;
export const SIDES = { buy: 'BUY', sell: 'SELL' } as const satisfies Record<Side, string>;
export const TYPES = { limit: 'LIMIT', market: 'MARKET' } as const satisfies Record<OrderType, string>;
export const TIMES_IN_FORCE = {
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
  gtx: 'GTX',
} as const satisfies Record<TimeInForce, string>;
export const STATUSES = {
  new: 'NEW',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
} as const satisfies Record<OrderStatus, string>;

/** An order that self-trade prevention ended has a status of its own. */
export function statusOf(order: Order): string {
  return order.end?.reason === 'self_trade' ? 'EXPIRED_IN_MATCH' : STATUSES[order.status];
}

/** A market order's time in force is printed as GTC, as the venue does. */
export function timeInForceOf(order: Order): string {
  return order.type === 'market' ? 'GTC' : TIMES_IN_FORCE[order.timeInForce];
}
