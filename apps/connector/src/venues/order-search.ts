/**
 * What became of an order whose fate is unknown: found, or absent, and what that absence is worth.
 *
 * A1  By id first. With `full_search` also the open orders, the history and the trades since it was sent.
 * A2  Absence is proved only if the search began after the order could no longer appear (`settled_at`), every source
 *     was searched, and each answered completely. One source that failed leaves it unproved, with the reason.
 * A3  An order found anywhere is found, even if other sources failed.
 */
import type { Clock } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import {
  type GetOrderRequest,
  GetOrderResponse,
  SearchedSource,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Fill, Order, OrderReference } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

/** One source's word. `complete: false`: it may hold more than it showed. */
export interface Searched {
  readonly order: Order | undefined;
  readonly complete: boolean;
}

export interface SearchDialect {
  readonly byId: (order: OrderReference) => Promise<Order | undefined>;
  readonly openOrders: (order: OrderReference) => Promise<Searched>;
  readonly history: (order: OrderReference, sinceUs: number) => Promise<Searched>;
  /** Trades since then of the order, as far as trades can be told to be of it. */
  readonly trades: (
    order: OrderReference,
    sinceUs: number,
  ) => Promise<{ readonly fills: Fill[]; readonly complete: boolean }>;
  /** How long an ended order stays in the history. */
  readonly historyKeptMs: number;
}

/** Clocks of engine and venue may differ: histories are searched from this much before the order was sent. */
const MARGIN_US = 60_000_000;

export async function searchOrder(
  request: GetOrderRequest,
  dialect: SearchDialect,
  clock: Clock,
): Promise<GetOrderResponse> {
  const { order: reference, fullSearch, sentAtUs, settledAtUs } = request;
  if (reference === undefined) throw new ExchangeError(ErrorReason.INVALID_FIELD, 'no order is named', 'order');
  const searchedAtUs = clock.wallUs();
  const searched: SearchedSource[] = [];
  const doubts: string[] = [];
  const sinceUs = Math.max(0, sentAtUs - MARGIN_US);

  const ask = async <T>(source: SearchedSource, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      const answer = await run();
      searched.push(source);
      return answer;
    } catch (error) {
      // Alone, a failed lookup is the caller's to know; in a full search it is one doubt among the sources (A3).
      if (!(error instanceof ExchangeError) || !fullSearch) throw error;
      doubts.push(`${SearchedSource[source]} failed: ${error.message}`);
      return undefined;
    }
  };
  const orderIn = async (source: SearchedSource, run: () => Promise<Searched>): Promise<Order | undefined> => {
    const answer = await ask(source, run);
    if (answer !== undefined && answer.order === undefined && !answer.complete) {
      doubts.push(`${SearchedSource[source]} has more than was read`);
    }
    return answer?.order;
  };
  const found = async (order: Order): Promise<GetOrderResponse> => {
    const known = { ...reference, venueOrderId: order.venueOrderId };
    const wanted = fullSearch && order.filledQuantity !== '0';
    const trades = wanted ? await ask(SearchedSource.TRADES, () => dialect.trades(known, sinceUs)) : undefined;
    const value = { order, fills: trades?.fills ?? [] };
    return GetOrderResponse.fromPartial({ answer: { $case: 'found', value } });
  };

  const byId = await ask(SearchedSource.BY_ID, () => dialect.byId(reference));
  if (byId !== undefined) return found(byId);
  if (fullSearch) {
    const open = await orderIn(SearchedSource.OPEN_ORDERS, () => dialect.openOrders(reference));
    if (open !== undefined) return found(open);
    const past = await orderIn(SearchedSource.ORDER_HISTORY, () => dialect.history(reference, sinceUs));
    if (past !== undefined) return found(past);
    const trades = await ask(SearchedSource.TRADES, () => dialect.trades(reference, sinceUs));
    if (trades !== undefined && trades.fills.length > 0)
      doubts.push('trades name the order, though no order list does');
    if (trades !== undefined && !trades.complete) doubts.push('the trade list has more than was read');
    if (sentAtUs <= 0) doubts.push('sent_at is not given: the history has no start');
    if (searchedAtUs < settledAtUs || settledAtUs <= 0)
      doubts.push('the order could still appear when the search began');
    if (searchedAtUs - sinceUs > dialect.historyKeptMs * 1_000) doubts.push('the venue keeps no history that old');
  } else {
    doubts.push('only asked by id');
  }
  const value = { proved: doubts.length === 0, searched, searchedAtUs, reason: doubts.join('; ') };
  return GetOrderResponse.fromPartial({ answer: { $case: 'absent', value } });
}
