/**
 * Quotes, tickers, mark prices, candles and open interest: only the latest value counts. A reader that comes late or was out of
 * credit gets it with the number of older values it stands for.
 */
import type { MarketEvent, MarketGap, Topic } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { GapCount, type ReadResult, type TakeResult, type TopicData, type TopicReader } from './topic-data.ts';

export type LatestCase = 'bestQuote' | 'ticker' | 'markPrice' | 'candle' | 'openInterest';

export class LatestValue implements TopicData {
  readonly #case: LatestCase;
  readonly #gaps = new GapCount();
  #latest: MarketEvent | undefined;
  #version = 0;

  constructor(latestCase: LatestCase) {
    this.#case = latestCase;
  }

  take(event: MarketEvent): TakeResult {
    if (event.event?.$case !== this.#case) return 'foreign';
    this.#latest = event;
    this.#version += 1 + event.conflated;
    return 'taken';
  }

  gap(gap: MarketGap, receivedAtUs: number): void {
    this.#gaps.add(gap, receivedAtUs);
  }

  reader(topic: Topic): TopicReader {
    let seenGaps = this.#gaps.count;
    // A late reader gets the value that stands, which stands for no older one.
    let seen = this.#latest === undefined ? this.#version : this.#version - 1;
    return {
      read: (): ReadResult => {
        const events: MarketEvent[] = [];
        const gap = this.#gaps.since(seenGaps, topic);
        if (gap) events.push(gap);
        seenGaps = this.#gaps.count;
        if (this.#latest && seen !== this.#version) {
          events.push({ ...this.#latest, topic, conflated: this.#version - seen - 1 });
        }
        seen = this.#version;
        return { events, more: false };
      },
      // Nothing goes out in steps: the next read has the latest, as ever.
      starve: () => {},
    };
  }
}
