/** What the core refuses, in the venue's words. */
import { assertNever } from '@trunkline/proto/assert';
import { add, type Decimal, multiply, ONE, subtract } from '@trunkline/proto/decimal';
import type { Core } from '../../core/core-api.ts';
import type { Instrument, Refusal, Side } from '../../core/types.ts';
import { fixed } from '../decimal-text.ts';
import { type Refused, refuse } from './errors.ts';
import { precisionOf } from './print.ts';
import type { Product } from './product.ts';

export interface RefusedRequest {
  readonly core: Core;
  readonly product: Product;
  readonly instrument: Instrument;
  readonly side?: Side;
}

export function refusedByCore(refusal: Refusal, request: RefusedRequest): Refused {
  const { product, instrument } = request;
  const { errors } = product;
  switch (refusal.code) {
    case 'unknown_account':
      return refuse('BAD_KEY');
    case 'unknown_symbol':
      return refuse('NO_SUCH_PARAMETER', instrument.symbol);
    case 'bad_price':
      return refuse('BAD_VALUE', 'price <= 0');
    case 'bad_quantity':
    case 'bad_step':
      return refuse('BAD_VALUE', 'size');
    case 'bad_tick':
      return refuse(errors.offTick, instrument.tickSize);
    case 'below_min_quantity':
      return refuse(errors.sizeBelowMin);
    case 'above_max_quantity':
      return refuse(errors.sizeAboveMax);
    case 'below_min_notional':
      return refuse('BELOW_MIN_NOTIONAL', instrument.minNotional);
    case 'price_out_of_band':
      return outOfBand(request);
    case 'insufficient_margin':
    case 'insufficient_balance':
      return refuse(errors.insufficient);
    case 'reduce_only_rejected':
      return refuse('NO_POSITION_TO_CLOSE');
    case 'duplicate_client_order_id':
      return refuse(errors.duplicateClientOid);
    case 'too_many_open_orders':
      return refuse(errors.maxOpenOrders);
    case 'no_liquidity':
      return refuse('NO_DEPTH');
    case 'unknown_order':
    case 'order_not_open':
      return refuse(errors.noOrderToCancel);
    case 'side_mismatch':
      return refuse('BAD_PARAMETER', 'side');
    case 'nothing_to_amend':
      return refuse('NOTHING_TO_CHANGE');
    case 'bad_leverage':
      return refuse('LEVERAGE_TOO_HIGH');
    case 'market_closed':
      return refuse(errors.closed);
    case 'position_side_mismatch':
      return refuse('ONE_WAY_ORDER_IN_HEDGE');
    case 'open_orders_exist':
    case 'positions_exist':
      // Of the margin mode; the position mode says it in its own words (futures-account-routes.ts).
      return refuse('MARGIN_MODE_LOCKED');
    case 'wrong_market':
    case 'post_only_would_take':
    case 'fok_unfilled':
      // Not refused on this venue by its rules (front.ts), or not asked of the core by it.
      return refuse('SERVICE_ERROR');
    default:
      return assertNever(refusal.code);
  }
}

function outOfBand({ core, product, instrument, side = 'buy' }: RefusedRequest): Refused {
  const { errors } = product;
  const mark: Decimal = core.markPrice(instrument.symbol)?.markPrice ?? ONE;
  const bound = multiply(mark, side === 'buy' ? add(ONE, instrument.priceBand) : subtract(ONE, instrument.priceBand));
  const text = fixed(bound, precisionOf(instrument).price);
  return refuse(side === 'buy' ? errors.priceAboveCap : errors.priceBelowFloor, text, '');
}
