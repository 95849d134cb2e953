/**
 * The questions that are asked of an exchange about one account, with all their pages, as values: a venue that does not
 * answer is an everyday thing here, not an exception.
 */
import type { CallContext, Exchange } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { Balance, FundingPayment, Position } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { GetOrderRequest, type GetOrderResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Fill, Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';

/** By how much a venue's lists may lag behind its stream. */
export const LIST_LAG_US = 2_000_000;
/** A list longer than this many pages is a fault of the connector. */
const MAX_PAGES = 200;
const PAGE_SIZE = 500;

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** Nothing was learnt. `reason` is a name of `ErrorReason`. */
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string };

export interface OrderQuestion {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly sentAtUs: number;
  readonly settledAtUs: number;
  readonly fullSearch: boolean;
}

export interface AccountQueries {
  openOrders(): Promise<Answer<readonly Order[]>>;
  /** Oldest first. `venueOrderId` empty: of every order. */
  fills(symbol: string, sinceUs: number, venueOrderId: string): Promise<Answer<readonly Fill[]>>;
  order(question: OrderQuestion): Promise<Answer<GetOrderResponse>>;
  positions(): Promise<Answer<readonly Position[]>>;
  /** Oldest first. */
  fundingPayments(symbol: string, sinceUs: number): Promise<Answer<readonly FundingPayment[]>>;
  balances(): Promise<Answer<{ readonly balances: readonly Balance[]; readonly askedAtUs: number }>>;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string;
}

export function accountQueries(exchange: Exchange, context: CallContext): AccountQueries {
  return {
    openOrders: () =>
      allPages(async (pageToken) => {
        const page = await exchange.listOpenOrders({ symbol: '', pageSize: PAGE_SIZE, pageToken }, context);
        return { items: page.orders, next: page.nextPageToken };
      }),
    fills: (symbol, sinceUs, venueOrderId) =>
      allPages(async (pageToken) => {
        const request = { symbol, sinceUs, venueOrderId, pageSize: PAGE_SIZE, pageToken };
        const page = await exchange.listFills(request, context);
        return { items: page.fills, next: page.nextPageToken };
      }),
    order: ({ symbol, clientOrderId, venueOrderId, sentAtUs, settledAtUs, fullSearch }) =>
      answer(() =>
        exchange.getOrder(
          GetOrderRequest.fromPartial({
            order: { symbol, clientOrderId, venueOrderId },
            sentAtUs,
            settledAtUs,
            fullSearch,
          }),
          context,
        ),
      ),
    positions: () =>
      allPages(async (pageToken) => {
        const page = await exchange.listPositions({ pageSize: PAGE_SIZE, pageToken }, context);
        return { items: page.positions, next: page.nextPageToken };
      }),
    fundingPayments: (symbol, sinceUs) =>
      allPages(async (pageToken) => {
        const page = await exchange.listFundingPayments({ symbol, sinceUs, pageSize: PAGE_SIZE, pageToken }, context);
        return { items: page.payments, next: page.nextPageToken };
      }),
    balances: () => answer(() => exchange.getBalances({}, context)),
  };
}

function allPages<T>(read: (pageToken: string) => Promise<Page<T>>): Promise<Answer<readonly T[]>> {
  return answer(async () => {
    const items: T[] = [];
    let token = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const { items: more, next } = await read(token);
      items.push(...more);
      if (next === '') return items;
      token = next;
    }
    throw new Error(`a list has more than ${MAX_PAGES} pages`);
  });
}

async function answer<T>(ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'ok', value: await ask() };
  } catch (error) {
    // E1: calls reject with ExchangeError alone; anything else is still no answer, and named as internal.
    if (error instanceof ExchangeError) return { kind: 'failed', reason: error.reasonName, message: error.message };
    return { kind: 'failed', reason: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  }
}
