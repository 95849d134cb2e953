/** What the core refuses, in the words of each market. */
import type { Order, Refusal, RefusalCode } from '../../core/types.ts';
import { badValue, type Label, type Refused, refuse } from './errors.ts';
import type { Market } from './market.ts';

/** A label, or the field whose value is wrong where the documents have no label of its own for it. */
type Words = Label | { readonly field: string };

const bad = (field: string): Words => ({ field });

const WORDS: Readonly<Record<RefusalCode, Readonly<Record<Market['kind'], Words>>>> = {
  unknown_account: { spot: 'INVALID_KEY', futures: 'USER_NOT_FOUND' },
  unknown_symbol: { spot: 'INVALID_CURRENCY_PAIR', futures: 'CONTRACT_NOT_FOUND' },
  bad_price: { spot: bad('price'), futures: bad('price') },
  bad_quantity: { spot: bad('amount'), futures: bad('size') },
  bad_tick: { spot: 'INVALID_PRECISION', futures: bad('price') },
  bad_step: { spot: 'INVALID_PRECISION', futures: bad('size') },
  below_min_quantity: { spot: 'AMOUNT_TOO_LITTLE', futures: 'SIZE_TOO_SMALL' },
  above_max_quantity: { spot: 'AMOUNT_TOO_MUCH', futures: 'SIZE_TOO_LARGE' },
  below_min_notional: { spot: 'AMOUNT_TOO_LITTLE', futures: 'SIZE_TOO_SMALL' },
  price_out_of_band: { spot: 'PRICE_THRESHOLD_EXCEEDED', futures: 'PRICE_TOO_DEVIATED' },
  insufficient_margin: { spot: 'BALANCE_NOT_ENOUGH', futures: 'INSUFFICIENT_AVAILABLE' },
  insufficient_balance: { spot: 'BALANCE_NOT_ENOUGH', futures: 'INSUFFICIENT_AVAILABLE' },
  fok_unfilled: { spot: 'FOK_NOT_FILL', futures: 'ORDER_FOK' },
  position_side_mismatch: { spot: bad('side'), futures: bad('auto_size') },
  open_orders_exist: { spot: bad('account'), futures: 'ORDER_PENDING' },
  positions_exist: { spot: bad('account'), futures: 'POSITION_HOLDING' },
  wrong_market: { spot: bad('account'), futures: bad('contract') },
  post_only_would_take: { spot: 'POC_FILL_IMMEDIATELY', futures: 'ORDER_POC_IMMEDIATE' },
  reduce_only_rejected: { spot: bad('side'), futures: 'POSITION_EMPTY' },
  duplicate_client_order_id: { spot: bad('text'), futures: bad('text') },
  too_many_open_orders: { spot: 'TOO_MANY_ORDERS', futures: 'TOO_MANY_ORDERS' },
  no_liquidity: { spot: 'ORDER_BOOK_NOT_FOUND', futures: 'CONTRACT_NO_COUNTER' },
  unknown_order: { spot: 'ORDER_NOT_FOUND', futures: 'ORDER_NOT_FOUND' },
  order_not_open: { spot: 'ORDER_CLOSED', futures: 'ORDER_FINISHED' },
  side_mismatch: { spot: bad('side'), futures: bad('size') },
  nothing_to_amend: { spot: 'NO_CHANGE', futures: 'NO_CHANGE' },
  bad_leverage: { spot: bad('leverage'), futures: 'LEVERAGE_TOO_HIGH' },
  market_closed: { spot: 'TRADE_RESTRICTED', futures: 'CONTRACT_IN_DELISTING' },
};

export function refusedByCore({ code, detail }: Refusal, market: Market): Refused {
  const words = WORDS[code][market.kind];
  return typeof words === 'string' ? refuse(words, detail) : badValue(words.field, detail);
}

/** Why an order that has ended can be neither amended nor canceled. */
export function alreadyEnded(order: Order, market: Market): Refused {
  if (market.kind === 'futures') return refuse('ORDER_FINISHED');
  return refuse(order.status === 'filled' ? 'ORDER_CLOSED' : 'ORDER_CANCELLED');
}
