/**
 * The last trades of a symbol, each of which counts. The ring is bounded; a reader that falls behind it gets a gap
 * with how many trades it missed and the ids around them, then continues with what is held.
 */
import {
  GapReason,
  type MarketEvent,
  type MarketGap,
  type Topic,
} from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { gapEvent, NOTHING, type ReadResult, type TakeResult, type TopicData, type TopicReader } from './topic-data.ts';

/** Four seconds of a market with a thousand trades a second, under 1 MiB. */
export const TRADE_RING_CAPACITY = 4_096;

/** A trade, or the venue's own gap, with how many trades came before it. */
interface Entry {
  readonly event: MarketEvent;
  readonly tradesBefore: number;
}

export class TradeRing implements TopicData {
  readonly #entries: Entry[] = [];
  readonly #capacity: number;
  /** Entries ever added; entry n stands at n modulo the capacity. */
  #added = 0;
  #trades = 0;

  constructor(capacity = TRADE_RING_CAPACITY) {
    this.#capacity = capacity;
  }

  take(event: MarketEvent): TakeResult {
    if (event.event?.$case !== 'trade') return 'foreign';
    this.#add(event);
    this.#trades += 1;
    return 'taken';
  }

  gap(gap: MarketGap, receivedAtUs: number): void {
    this.#add(gapEvent(undefined, gap, receivedAtUs, 0));
  }

  /** A reader starts with the next trade: the past of a symbol is asked for elsewhere. */
  reader(topic: Topic): TopicReader {
    let next = this.#added;
    let trades = this.#trades;
    let lastId = '';
    return {
      read: (limit): ReadResult => {
        if (next === this.#added) return NOTHING;
        const events: MarketEvent[] = [];
        const oldest = Math.max(0, this.#added - this.#capacity);
        if (next < oldest) {
          const first = this.#at(oldest);
          events.push(
            gapEvent(topic, this.#overrun(oldest, lastId, first.tradesBefore - trades), first.event.receivedAtUs, 0),
          );
          next = oldest;
        }
        for (; next < this.#added && events.length < limit; next++) {
          const { event, tradesBefore } = this.#at(next);
          events.push({ ...event, topic });
          trades = tradesBefore;
          if (event.event?.$case !== 'trade') continue;
          trades += 1;
          lastId = event.event.value.tradeId;
        }
        return { events, more: next < this.#added };
      },
      // The ring keeps what it can.
      starve: () => {},
    };
  }

  #add(event: MarketEvent): void {
    this.#entries[this.#added % this.#capacity] = { event, tradesBefore: this.#trades };
    this.#added += 1;
  }

  #at(index: number): Entry {
    const entry = this.#entries[index % this.#capacity];
    if (entry === undefined) throw new Error(`trade ring: entry ${index} of ${this.#added} is not held`);
    return entry;
  }

  #overrun(oldest: number, lastId: string, missed: number): MarketGap {
    const first = this.#at(oldest).event.event;
    return {
      reason: GapReason.CONSUMER_SLOW,
      lastId,
      nextId: first?.$case === 'trade' ? first.value.tradeId : '',
      missed,
    };
  }
}
