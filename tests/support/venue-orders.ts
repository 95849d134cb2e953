/** Short forms of orders and events for tests of the venue layer. */
import type { VenueEvent } from '../../apps/connector/src/venues/venue.ts';
import type { Channel, MarketEvent } from '../../proto/gen/trunkline/exchange/v1/market_data.ts';
import {
  type Denied,
  type Fill,
  type Order,
  type OrderOutcome,
  OrderType,
  PlaceOrder,
  Side,
  TimeInForce,
} from '../../proto/gen/trunkline/exchange/v1/order.ts';
import { SYMBOL, VENUE_SYMBOL, type VenueRig } from './venue-rig.ts';

export const admit = (): Denied | undefined => undefined;
let counter = 0;

export function limit(fields: Partial<PlaceOrder> & { price: string }): PlaceOrder {
  return PlaceOrder.fromPartial({
    clientOrderId: `it_${++counter}`,
    symbol: SYMBOL,
    side: Side.BUY,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantity: '0.01',
    ...fields,
  });
}

export const reference = (order: { clientOrderId: string; venueOrderId?: string }) => ({
  symbol: SYMBOL,
  clientOrderId: order.clientOrderId,
  venueOrderId: order.venueOrderId ?? '',
});

export function acceptedOrder(outcome: OrderOutcome): Order {
  if (outcome.fate?.$case !== 'accepted' || outcome.fate.value.order === undefined) {
    throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  }
  return outcome.fate.value.order;
}

export const ordersOf = (events: readonly VenueEvent[], id: string): Order[] =>
  events.flatMap((event) => (event.kind === 'order' && event.order.clientOrderId === id ? [event.order] : []));
export const fillsOf = (events: readonly VenueEvent[], id: string): Fill[] =>
  events.flatMap((event) => (event.kind === 'fill' && event.fill.clientOrderId === id ? [event.fill] : []));
export const marketOf = (events: readonly VenueEvent[], channel: Channel): MarketEvent[] =>
  events.flatMap((event) => (event.kind === 'market' && event.event.topic?.channel === channel ? [event.event] : []));
export const casesOf = (events: readonly MarketEvent[]) => events.map((event) => event.event?.$case);

/** The core's price, so that prices of a test sit where they are meant to. */
export function best(venue: VenueRig) {
  const quote = venue.sim.core.bestQuote(VENUE_SYMBOL);
  if (quote?.bid === undefined || quote.ask === undefined) throw new Error('the sim has no quote');
  return { bid: String(quote.bid[0]), ask: String(quote.ask[0]) };
}
