/**
 * What the two markets say in different words: how an order is written and read, and what its amend means. One value
 * of it per market (spot/dialect.ts, futures/dialect.ts); order-desk.ts works with either.
 */
import type { Price, Quantity } from '@trunkline/proto/decimal';
import type { Instrument, NewOrder, Order } from '../../core/types.ts';
import type { VenueAccount } from '../venue-front.ts';
import type { Fields } from './call.ts';
import type { Refused } from './errors.ts';
import type { Market } from './market.ts';

export interface AmendTerms {
  readonly price: Price;
  /** Of the whole order, what was executed included. */
  readonly quantity: Quantity;
}

export interface Dialect {
  readonly market: Market;
  readOrder(fields: Fields, instrument: Instrument, account: VenueAccount): NewOrder | Refused;
  readAmend(fields: Fields, order: Order, instrument: Instrument): AmendTerms | Refused;
  /** The order as REST and the WebSocket API answer it. */
  orderView(order: Order, account: VenueAccount): object;
  /** Whether a batch may be: how many orders, in how many markets. */
  checkBatch(rows: readonly unknown[]): Refused | undefined;
  /** One element of the answer to a cancel by list. */
  cancelView(id: string, refused: Refused | undefined, row: unknown, account: VenueAccount): object;
}
