/**
 * The live quote of the symbol under test, from one market stream that lasts as long as the run. It is what orders are
 * priced from, and what makes the connector's own staleness rule apply to them.
 */
import type { Clock } from '@trunkline/proto/clock';
import { compare } from '@trunkline/proto/decimal';
import { Channel, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import type { MarketStream } from './market-stream.ts';
import { Mismatch } from './mismatch.ts';
import type { Quote } from './orders.ts';
import { read } from './session.ts';

export class QuoteBoard {
  readonly #open: () => Promise<MarketStream>;
  readonly #clock: Clock;
  #stream: MarketStream | undefined;

  constructor(open: () => Promise<MarketStream>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** The newest quote; waits for the first, and for one after a staleness. */
  async fresh(symbol: string, limitMs: number): Promise<Quote> {
    const topic = Topic.fromPartial({ channel: Channel.BEST_QUOTE, symbol });
    if (this.#stream === undefined || this.#stream.end !== undefined) {
      this.#stream = await this.#open();
      this.#stream.hello();
      this.#stream.subscribe(topic);
    }
    const stream = this.#stream;
    const startedUs = this.#clock.monotonicUs();
    const quote = await stream.until(() => quoteOf(stream, topic), 'a quote of the symbol', limitMs);
    if (compare(quote.bid, quote.ask) < 0) return quote;
    const waitedMs = (this.#clock.monotonicUs() - startedUs) / 1_000;
    throw new Mismatch('a bid below the ask', `${quote.bid} and ${quote.ask} after ${waitedMs} ms`);
  }

  close(): void {
    this.#stream?.cancel();
  }
}

/** Undefined while the newest word on the topic is a staleness or a gap. */
function quoteOf(stream: MarketStream, topic: Topic): Quote | undefined {
  const event = stream
    .of(topic)
    .findLast(({ event: each }) => each?.$case === 'bestQuote' || each?.$case === 'staleness');
  if (event?.event?.$case !== 'bestQuote') return undefined;
  const { bidPrice, bidQuantity, askPrice, askQuantity } = event.event.value;
  return {
    bid: read(bidPrice, 'bid_price'),
    bidQuantity: read(bidQuantity, 'bid_quantity'),
    ask: read(askPrice, 'ask_price'),
    askQuantity: read(askQuantity, 'ask_quantity'),
  };
}
