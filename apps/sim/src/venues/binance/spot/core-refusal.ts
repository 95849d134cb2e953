/** What the core refuses, in spot's words. */
import { assertNever } from '@trunkline/proto/assert';
import type { Refusal } from '../../../core/types.ts';
import { type Refused, refuse } from '../errors.ts';
import { refuseSpot } from './errors.ts';

/** The same core code has another name when an order is canceled (-2011) than when it is asked for (-2013). */
export type Asked = 'place' | 'cancel';

export function refusedByCore({ code }: Refusal, asked: Asked): Refused {
  switch (code) {
    case 'unknown_account':
      return refuseSpot('REJECTED_API_KEY');
    case 'unknown_symbol':
      return refuse('BAD_SYMBOL');
    case 'bad_price':
      return refuseSpot('BAD_PRICE');
    case 'bad_quantity':
      return refuseSpot('BAD_QUANTITY');
    case 'bad_tick':
      return refuseSpot('FILTER', 'PRICE_FILTER');
    case 'bad_step':
    case 'below_min_quantity':
    case 'above_max_quantity':
      return refuseSpot('FILTER', 'LOT_SIZE');
    case 'below_min_notional':
      return refuseSpot('FILTER', 'NOTIONAL');
    case 'price_out_of_band':
      return refuseSpot('FILTER', 'PERCENT_PRICE_BY_SIDE');
    case 'too_many_open_orders':
      return refuseSpot('FILTER', 'MAX_NUM_ORDERS');
    case 'insufficient_balance':
    case 'insufficient_margin':
      return refuseSpot('NEW_ORDER', 'Account has insufficient balance for requested action.');
    case 'post_only_would_take':
      return refuseSpot('NEW_ORDER', 'Order would immediately match and take.');
    case 'duplicate_client_order_id':
      return refuseSpot('NEW_ORDER', 'Duplicate order sent.');
    case 'no_liquidity':
      return refuseSpot('NEW_ORDER', 'Order book liquidity is less than symbol minimum quantity.');
    case 'market_closed':
      return refuseSpot('MARKET_CLOSED');
    case 'unknown_order':
    case 'order_not_open':
      return refuse(asked === 'cancel' ? 'UNKNOWN_ORDER' : 'NO_SUCH_ORDER');
    case 'side_mismatch':
      return refuse('BAD_SIDE');
    // Nothing that this front asks for can meet these.
    case 'fok_unfilled':
    case 'reduce_only_rejected':
    case 'position_side_mismatch':
    case 'nothing_to_amend':
    case 'bad_leverage':
    case 'open_orders_exist':
    case 'positions_exist':
    case 'wrong_market':
      return refuse('UNSUPPORTED_OPERATION');
    default:
      return assertNever(code);
  }
}
