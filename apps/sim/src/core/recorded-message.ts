/**
 * What a recording says, in the words of the market that it becomes. How a venue's own lines are read is that venue's
 * (`ReadRecorded`); what is not of the book (tickers, candles, private messages) gives no message.
 */
import type { Price, Quantity } from '@trunkline/proto/decimal';
import type { Level } from './types.ts';

export type RecordedMessage =
  | {
      readonly kind: 'depth';
      readonly symbol: string;
      readonly firstUpdateId: number;
      readonly lastUpdateId: number;
      readonly previousUpdateId: number;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    }
  | {
      readonly kind: 'quote';
      readonly symbol: string;
      readonly updateId: number;
      readonly bid: Level;
      readonly ask: Level;
    }
  | {
      readonly kind: 'trade';
      readonly symbol: string;
      readonly tradeId: string;
      readonly price: Price;
      readonly quantity: Quantity;
      readonly buyerIsMaker: boolean;
    }
  /** Not of the book: a trade of the insurance fund or by ADL. */
  | { readonly kind: 'off_book'; readonly symbol: string }
  | {
      readonly kind: 'snapshot';
      /** Absent where the line does not say it. */
      readonly symbol?: string;
      readonly lastUpdateId: number;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    };

export type ParsedLine =
  | { readonly ok: true; readonly messages: readonly RecordedMessage[] }
  /** In words that follow "line N". */
  | { readonly ok: false; readonly problem: string };

/** Reads the JSON of one line of a recording of one market. */
export type ReadRecorded = (json: string) => ParsedLine;

/** A reader for one passage through a recording: what a line says may depend on those before it. */
export type OpenRecorded = () => ReadRecorded;

export const NOTHING_RECORDED: ParsedLine = { ok: true, messages: [] };

export function recordedAs(...messages: readonly RecordedMessage[]): ParsedLine {
  return { ok: true, messages };
}
