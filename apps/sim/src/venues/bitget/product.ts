/** What tells the venue's two markets apart, as data: names on the wire, refusals and the pace of streams. */
import type { ErrorName } from './errors.ts';

/** The venue's own refusals, by what went wrong; where both markets say the same, the name stands at its use. */
export interface ProductErrors {
  readonly duplicateClientOid: ErrorName;
  readonly insufficient: ErrorName;
  readonly noOrderToCancel: ErrorName;
  readonly maxOpenOrders: ErrorName;
  readonly sizeBelowMin: ErrorName;
  readonly sizeAboveMax: ErrorName;
  readonly offTick: ErrorName;
  readonly priceAboveCap: ErrorName;
  readonly priceBelowFloor: ErrorName;
  readonly closed: ErrorName;
}

export interface Product {
  readonly market: 'perpetual' | 'spot';
  /** `instType` of streams; `productType` of the futures' requests. */
  readonly instType: 'USDT-FUTURES' | 'SPOT';
  /** `status` of an order that ended without filling: the two markets spell it differently. */
  readonly canceled: 'canceled' | 'cancelled';
  readonly errors: ProductErrors;
  /** How often a channel sends at most: `books1` has a pace of its own. */
  readonly booksPaceMs: number;
  readonly books1PaceMs: number;
  readonly tickerPaceMs: number;
}

export const FUTURES: Product = {
  market: 'perpetual',
  instType: 'USDT-FUTURES',
  canceled: 'canceled',
  errors: {
    duplicateClientOid: 'DUPLICATE_CLIENT_OID',
    insufficient: 'BALANCE_EXCEEDED',
    noOrderToCancel: 'NO_ORDER_TO_CHANGE',
    maxOpenOrders: 'MAX_OPEN_ORDERS',
    sizeBelowMin: 'SIZE_BELOW_MIN',
    sizeAboveMax: 'SIZE_ABOVE_MAX',
    offTick: 'OFF_TICK',
    priceAboveCap: 'PRICE_ABOVE_RISK',
    priceBelowFloor: 'PRICE_BELOW_RISK',
    closed: 'UNDER_MAINTENANCE',
  },
  booksPaceMs: 150,
  books1PaceMs: 20,
  tickerPaceMs: 300,
};

export const SPOT: Product = {
  market: 'spot',
  instType: 'SPOT',
  canceled: 'cancelled',
  errors: {
    duplicateClientOid: 'SPOT_DUPLICATE_CLIENT_OID',
    insufficient: 'INSUFFICIENT_BALANCE',
    noOrderToCancel: 'SPOT_NO_SUCH_ORDER',
    maxOpenOrders: 'SPOT_MAX_OPEN_ORDERS',
    sizeBelowMin: 'SPOT_SIZE_BELOW_MIN',
    sizeAboveMax: 'SPOT_SIZE_ABOVE_MAX',
    offTick: 'SPOT_OFF_TICK',
    priceAboveCap: 'SPOT_PRICE_ABOVE_CAP',
    priceBelowFloor: 'SPOT_PRICE_BELOW_FLOOR',
    closed: 'SPOT_UNDER_MAINTENANCE',
  },
  booksPaceMs: 200,
  books1PaceMs: 20,
  tickerPaceMs: 200,
};
