/** What the core refuses, in the venue's words. */

import { assertNever } from '@trunkline/proto/assert';
import { add, type Decimal, multiply, ONE, subtract } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Instrument, Refusal, Side } from '../../../core/types.ts';
import { fixed } from '../../decimal-text.ts';
import { type Refused, refuse } from '../errors.ts';
import { precisionOf } from '../print.ts';

/** The same core code has another name when an order is queried (-2013) than when it is canceled (-2011). */
export type Asked = 'place' | 'amend' | 'cancel';

export function refusedByCore(
  refusal: Refusal,
  asked: Asked,
  request: { readonly core: Core; readonly instrument: Instrument; readonly side?: Side },
): Refused {
  switch (refusal.code) {
    case 'unknown_account':
      return refuse('REJECTED_API_KEY', '');
    case 'unknown_symbol':
      return refuse('BAD_SYMBOL');
    case 'bad_price':
      return refuse('PRICE_NOT_POSITIVE');
    case 'bad_quantity':
      return refuse('QUANTITY_NOT_POSITIVE');
    case 'bad_tick':
      return refuse('OFF_TICK');
    case 'bad_step':
      return refuse('OFF_STEP');
    case 'below_min_quantity':
      return refuse('QUANTITY_BELOW_MIN');
    case 'above_max_quantity':
      return refuse('QUANTITY_ABOVE_MAX');
    case 'below_min_notional':
      return refuse('BELOW_MIN_NOTIONAL', request.instrument.minNotional);
    case 'price_out_of_band':
      return outOfBand(request);
    case 'position_side_mismatch':
      return refuse('POSITION_SIDE_MISMATCH');
    case 'insufficient_balance':
    case 'insufficient_margin':
      return refuse('MARGIN_INSUFFICIENT');
    case 'post_only_would_take':
      return refuse('POST_ONLY_WOULD_TAKE');
    case 'reduce_only_rejected':
      return refuse('REDUCE_ONLY_REJECTED');
    case 'duplicate_client_order_id':
      return refuse('DUPLICATE_CLIENT_ORDER_ID');
    case 'too_many_open_orders':
      return refuse('MAX_OPEN_ORDERS');
    case 'no_liquidity':
      return refuse('NO_DEPTH');
    case 'unknown_order':
    case 'order_not_open':
      return refuse(asked === 'cancel' ? 'UNKNOWN_ORDER' : 'NO_SUCH_ORDER');
    case 'side_mismatch':
      return refuse('BAD_SIDE');
    case 'nothing_to_amend':
      return refuse('NOTHING_TO_AMEND');
    case 'bad_leverage':
      return refuse('BAD_LEVERAGE', '');
    case 'fok_unfilled':
    case 'open_orders_exist':
    case 'positions_exist':
    case 'wrong_market':
      return refuse('UNSUPPORTED_OPERATION');
    case 'market_closed':
      return refuse('SYMBOL_CLOSED');
    default:
      return assertNever(refusal.code);
  }
}

function outOfBand(request: { readonly core: Core; readonly instrument: Instrument; readonly side?: Side }): Refused {
  const { instrument, core, side } = request;
  const mark: Decimal = core.markPrice(instrument.symbol)?.markPrice ?? ONE;
  const bound = multiply(mark, side === 'buy' ? add(ONE, instrument.priceBand) : subtract(ONE, instrument.priceBand));
  return refuse(side === 'buy' ? 'PRICE_ABOVE_CAP' : 'PRICE_BELOW_FLOOR', fixed(bound, precisionOf(instrument).price));
}
