/** Lists read to their end, page by page, where a card is not about the pages. */
import {
  ListFillsRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Fill } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Bench } from '../suite/bench.ts';
import { Mismatch } from '../suite/mismatch.ts';

/** Venues that list by windows of time have empty pages in between. */
const MOST_PAGES = 50;

export async function listFills(
  bench: Bench,
  filter: { readonly sinceUs: number; readonly venueOrderId?: string },
): Promise<Fill[]> {
  const fills: Fill[] = [];
  let pageToken = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const request = ListFillsRequest.fromPartial({ symbol: bench.symbol, ...filter, pageToken });
    const answer = await bench.call(Service.listFills, request);
    fills.push(...answer.fills);
    if (answer.nextPageToken === '') return fills;
    pageToken = answer.nextPageToken;
  }
  throw new Mismatch(`an end within ${MOST_PAGES} pages`, 'a page token on the last of them');
}
