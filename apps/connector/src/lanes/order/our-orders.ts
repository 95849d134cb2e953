/**
 * Which open orders are ours: they carry our tag, belong to a symbol of this connector (connectors with other symbols
 * may share the account), and come from an epoch that is not above the one asked for.
 */
import type { Order, OrderReference } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type OrderTag, readClientOrderId } from '@trunkline/proto/ids';
import type { Venue } from '../../venues/venue.ts';

export interface OurOrders {
  readonly tag: OrderTag;
  readonly symbols: readonly string[];
  /** Empty: all symbols. */
  readonly symbol: string;
  /** Undefined: any epoch. */
  readonly maxEpoch: number | undefined;
}

/** More pages than any venue has open orders for; a page token that never ends is a fault of the venue layer. */
const MAX_PAGES = 100;

/** Rejects with `ExchangeError` as the query does. */
export async function listOurOrders(venue: Pick<Venue, 'listOpenOrders'>, ours: OurOrders): Promise<OrderReference[]> {
  const references: OrderReference[] = [];
  let pageToken = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await venue.listOpenOrders({ symbol: ours.symbol, pageSize: 0, pageToken });
    for (const order of answer.orders) if (isOurs(order, ours)) references.push(referenceTo(order));
    pageToken = answer.nextPageToken;
    if (pageToken === '') break;
  }
  return references;
}

function isOurs({ clientOrderId, symbol }: Order, { tag, symbols, maxEpoch }: OurOrders): boolean {
  const ours = readClientOrderId(clientOrderId, tag);
  return ours !== undefined && symbols.includes(symbol) && (maxEpoch === undefined || ours.epoch <= maxEpoch);
}

function referenceTo({ symbol, clientOrderId, venueOrderId }: Order): OrderReference {
  return { symbol, clientOrderId, venueOrderId };
}
