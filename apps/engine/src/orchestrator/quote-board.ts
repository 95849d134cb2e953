/** The live best quotes of an account's symbols, for limits and marks. A stale or lost quote is taken down. */
import type { Clock } from '@trunkline/proto/clock';
import type { Quote } from '../risk/limits.ts';

export class QuoteBoard {
  readonly #quotes = new Map<string, Quote>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(symbol: string, quote: Pick<Quote, 'bid' | 'ask'>): void {
    this.#quotes.set(symbol, { bid: quote.bid, ask: quote.ask, receivedAtUs: this.#clock.monotonicUs() });
  }

  get(symbol: string): Quote | undefined {
    return this.#quotes.get(symbol);
  }

  drop(symbol: string): void {
    this.#quotes.delete(symbol);
  }

  clear(): void {
    this.#quotes.clear();
  }
}
