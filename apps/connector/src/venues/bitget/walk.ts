/**
 * Bitget's lists, which come newest first and go back by `idLessThan`, at most 100 entries a page, walked until a page is
 * not full.
 */
import { type Json, text } from '../fields.ts';
import type { Parameters } from './endpoints.ts';

export const MAX_ROWS = 100;

export interface WalkOptions {
  /** Asks for one page. */
  readonly ask: (parameters: Parameters) => Promise<readonly Json[]>;
  readonly parameters: Parameters;
  /** Of an entry: its id, by which the list is ordered. */
  readonly id: 'orderId' | 'tradeId' | 'billId';
  readonly maxPages: number;
}

export interface Walked {
  /** Newest first. */
  readonly rows: readonly Json[];
  /** False: there may be older ones. */
  readonly complete: boolean;
}

export async function walkBack({ ask, parameters, id, maxPages }: WalkOptions): Promise<Walked> {
  const rows: Json[] = [];
  let from: Parameters = {};
  for (let page = 0; page < maxPages; page++) {
    const got = await ask({ ...parameters, ...from, limit: String(MAX_ROWS) });
    rows.push(...got);
    const last = got.at(-1);
    if (last === undefined || got.length < MAX_ROWS) return { rows, complete: true };
    from = { idLessThan: text(last, id) };
  }
  return { rows, complete: false };
}
