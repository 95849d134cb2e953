/**
 * The numbered events of one boot: the last `capacity` of them, in memory.
 *
 * E1  Numbers are consecutive from 1. An event keeps its number for the life of the boot.
 * E2  The log holds the newest `capacity` events, acknowledged or not, and nothing else; so its memory is bounded
 *     whatever the engine does.
 * E3  Nothing is lost in silence: `read` from a number that was overwritten says `overwritten`. Whoever stands there
 *     cannot go on: a live stream is closed, a hello is answered `resumed: false`.
 */
import type { SessionEvent } from '@trunkline/proto/gen/trunkline/exchange/v1/session';

export type EventBody = NonNullable<SessionEvent['event']>;

export type LogRead =
  | { readonly kind: 'events'; readonly events: readonly SessionEvent[] }
  | { readonly kind: 'overwritten' };

export const DEFAULT_LOG_CAPACITY = 8_192;

export class EventLog {
  readonly capacity: number;
  readonly #ring: SessionEvent[] = [];
  #nextSeq = 1;

  constructor(capacity = DEFAULT_LOG_CAPACITY) {
    this.capacity = capacity;
  }

  /** The number that the next event will get. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The oldest number that is still held; equal to `nextSeq` while nothing is. */
  get firstSeq(): number {
    return this.#nextSeq - this.#ring.length;
  }

  record(event: EventBody): SessionEvent {
    const numbered: SessionEvent = { seq: this.#nextSeq, event };
    this.#ring[(this.#nextSeq - 1) % this.capacity] = numbered;
    this.#nextSeq += 1;
    return numbered;
  }

  /** Up to `limit` events from `seq` on; none if `seq` is the next one. */
  read(seq: number, limit: number): LogRead {
    if (seq < this.firstSeq) return { kind: 'overwritten' };
    const events: SessionEvent[] = [];
    const end = Math.min(this.#nextSeq, seq + limit);
    for (let at = seq; at < end; at++) {
      const event = this.#ring[(at - 1) % this.capacity];
      if (event !== undefined) events.push(event);
    }
    return { kind: 'events', events };
  }
}
