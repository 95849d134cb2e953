/**
 * What a connector said of its orders, held against the venue's ground truth: I1 to I4 of one market.
 *
 * H1  No client order id came to the venue twice.
 * H2  What was denied never came there; what was rejected neither rests there nor traded.
 * H3  What was accepted is there, as it was asked for.
 * H4  What was unknown is found exactly if it is there, and proved absent exactly if it is not.
 * H5  Fills that were streamed or listed are the venue's, each once.
 */
import type { Venue } from '../../apps/connector/src/venues/venue.ts';
import type { Core } from '../../apps/sim/src/core/core-api.ts';
import type { Order as TrueOrder } from '../../apps/sim/src/core/types.ts';
import { GetOrderRequest, ListFillsRequest } from '../../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import {
  type Fill,
  type Order,
  type OrderOutcome,
  type PlaceOrder,
  Side,
} from '../../proto/gen/trunkline/exchange/v1/order.ts';
import { type Clock, sleep } from '../../proto/src/clock.ts';
import { ExchangeError } from '../../proto/src/exchange-error.ts';

const ALL = 1_000_000;
const ACCOUNT = 'main';
/** A budget that is spent by questions has room again soon. */
const ASK_AGAIN_MS = 100;

/** One order, what was said of it, and what was found when that was not enough. */
export interface Told {
  readonly wanted: PlaceOrder;
  readonly outcome: OrderOutcome;
  readonly found?: Order | 'absent';
}

export interface Truth {
  /** How often the id came in a placing. */
  requests(clientOrderId: string): number;
  /** Every order that the venue ever made under the id, as it now stands. */
  orders(clientOrderId: string): readonly TrueOrder[];
  readonly fills: readonly string[];
}

/** `prefix` is what the venue's ids have before ours. */
export function readTruth(core: Core, prefix: string): Truth {
  const requests = new Map<string, number>();
  const orders = new Map<string, Map<string, TrueOrder>>();
  const fills: string[] = [];
  for (const entry of core.truth(0, ALL)) {
    if (entry.kind === 'request' && entry.request.kind === 'place') {
      const { clientOrderId } = entry.request.order;
      requests.set(clientOrderId, (requests.get(clientOrderId) ?? 0) + 1);
    }
    if (entry.kind === 'order') {
      const { clientOrderId, venueOrderId } = entry.order;
      const known = orders.get(clientOrderId) ?? new Map<string, TrueOrder>();
      orders.set(clientOrderId, known.set(venueOrderId, entry.order));
    }
    if (entry.kind === 'fill' && entry.fill.accountId === ACCOUNT) {
      const { tradeId, venueOrderId, side, price, quantity, fee } = entry.fill;
      fills.push([tradeId, venueOrderId, side, price, quantity, fee].join(' '));
    }
  }
  return {
    requests: (id) => requests.get(prefix + id) ?? 0,
    orders: (id) => [...(orders.get(prefix + id)?.values() ?? [])],
    fills: fills.sort(),
  };
}

/** Asks as the engine does, until there is an answer that decides. Throws what is no passing refusal. */
export async function searchFor(
  venue: Venue,
  clock: Clock,
  { symbol, clientOrderId }: Pick<PlaceOrder, 'symbol' | 'clientOrderId'>,
  times: { readonly sentAtUs: number; readonly settledAtUs: number },
  giveUpMs: number,
): Promise<Order | 'absent'> {
  const order = { symbol, clientOrderId, venueOrderId: '' };
  const untilUs = clock.monotonicUs() + giveUpMs * 1_000;
  let last = 'never asked';
  while (clock.monotonicUs() < untilUs) {
    const request = GetOrderRequest.fromPartial({ order, ...times, fullSearch: true });
    try {
      const { answer } = await venue.getOrder(request);
      if (answer?.$case === 'found' && answer.value.order !== undefined) return answer.value.order;
      if (answer?.$case === 'absent' && answer.value.proved) return 'absent';
      last = answer?.$case === 'absent' ? answer.value.reason : 'no answer';
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      last = error.message;
    }
    await sleep(clock, ASK_AGAIN_MS);
  }
  throw new Error(`what became of ${clientOrderId} was not found out: ${last}`);
}

export async function listedFills(venue: Venue, symbol: string, sinceUs: number): Promise<Fill[]> {
  const fills: Fill[] = [];
  let pageToken = '';
  do {
    const page = await venue.listFills(ListFillsRequest.fromPartial({ symbol, sinceUs, pageSize: 100, pageToken }));
    fills.push(...page.fills);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return fills;
}

export function fillLine(fill: Fill): string {
  const side = fill.side === Side.BUY ? 'buy' : 'sell';
  return [fill.tradeId, fill.venueOrderId, side, fill.price, fill.quantity, fill.fee].join(' ');
}

/** H1 to H4 for one order: what was not honest, empty if all was. */
export function judge({ wanted, outcome, found }: Told, truth: Truth): string[] {
  const { clientOrderId } = wanted;
  const orders = truth.orders(clientOrderId);
  const requests = truth.requests(clientOrderId);
  const twice = requests > 1 || orders.length > 1 ? [`came ${requests} times and made ${orders.length} orders`] : [];
  const wrong = [...twice, contradiction(wanted, outcome, found, orders[0], requests)];
  return wrong.flatMap((text) =>
    text === undefined ? [] : `${clientOrderId} ${JSON.stringify(outcome.fate)}: ${text}`,
  );
}

function contradiction(
  wanted: PlaceOrder,
  { fate }: OrderOutcome,
  found: Told['found'],
  order: TrueOrder | undefined,
  requests: number,
): string | undefined {
  switch (fate?.$case) {
    case 'denied':
      return requests === 0 ? undefined : 'it was sent';
    case 'rejected':
      return order === undefined || isNothing(order) ? undefined : `it is ${order.status}`;
    case 'accepted': {
      const { order: told } = fate.value;
      if (order === undefined) return 'it is not there';
      if (told !== undefined && told.venueOrderId !== order.venueOrderId) return `it is order ${order.venueOrderId}`;
      return order.quantity === wanted.quantity ? undefined : `its quantity is ${order.quantity}`;
    }
    case 'unknown':
      if (found === undefined) return 'nobody asked';
      if (found === 'absent') return order === undefined ? undefined : 'it was proved absent, and is there';
      if (found.venueOrderId !== order?.venueOrderId) return `order ${found.venueOrderId} was found for it`;
      return found.filledQuantity === order.executedQuantity ? undefined : `it filled ${order.executedQuantity}`;
    case undefined:
      return 'no fate was told';
  }
}

function isNothing({ status, executedQuantity }: TrueOrder): boolean {
  return executedQuantity === '0' && status !== 'new' && status !== 'partially_filled';
}
