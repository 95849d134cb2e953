/**
 * The life of an account's private stream: prepare (listen key, login), open, keep, lose, and open again, for ever.
 *
 * P1  After a loss `gap` is called when the next socket stands and before any of its frames, then `up`. The gap begins
 *     where the old stream was last heard: what came in between is not known to be complete.
 * P2  A stream is also lost when it is deaf: an order that the venue confirmed must be heard of on the stream within
 *     `deafAfterMs`, or else the stream is replaced.
 * P3  What belongs to an older socket is dropped by identity.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import { backoffDelayMs, failuresAfter } from '@trunkline/proto/link/backoff';
import type { Rng } from '@trunkline/proto/rng';

export interface PrivateDialect {
  /** All that precedes the socket. Rejects when it cannot be had now. */
  readonly prepare: () => Promise<void>;
  /** Opens the socket, calls `opened` when it stands; pends while it lives, rejects when it is lost. */
  readonly open: (opened: () => void) => Promise<unknown>;
  /** Drops the socket that is open, if any. */
  readonly drop: () => void;
  /** Where a stream ends unless it is renewed. */
  readonly keepAlive?: KeepAlive;
}

export interface KeepAlive {
  readonly everyMs: number;
  /** `lost`: the venue does not know the stream any more. Rejects when it could not be asked. */
  readonly renew: () => Promise<'kept' | 'lost'>;
}

export interface PrivateStreamOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly dialect: PrivateDialect;
  readonly deafAfterMs: number;
  readonly up: () => void;
  readonly gap: (sinceUs: number, reason: string) => void;
  /** Lost, or once more not come up. */
  readonly down: (reason: string) => void;
}

/** Marks one socket; frames and timers of another are late. */
interface Generation {
  readonly timers: Timer[];
  /** By the monotonic clock; undefined until the socket stands. */
  upAtUs?: number;
}

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly generation: Generation }
  | { readonly kind: 'up'; readonly generation: Generation }
  | { readonly kind: 'waiting'; readonly timer: Timer }
  | { readonly kind: 'closed' };

const KEEP_ALIVE_RETRY_MS = 30_000;
/** Confirmed orders that may wait for their event; more than any burst of ours. */
const MAX_EXPECTED = 2_000;
const MAX_HEARD = 4_000;

export class PrivateStream {
  readonly #options: PrivateStreamOptions;
  #phase: Phase = { kind: 'idle' };
  #failures = 0;
  #everUp = false;
  #reason = '';
  /** By our wall clock. */
  #lastHeardUs: number;
  /** When an order was last heard of, by venue order id; our wall clock. */
  readonly #heard = new Map<string, number>();
  readonly #expected = new Map<string, Timer>();

  constructor(options: PrivateStreamOptions) {
    this.#options = options;
    this.#lastHeardUs = options.clock.wallUs();
  }

  get isUp(): boolean {
    return this.#phase.kind === 'up';
  }

  start(): void {
    if (this.#phase.kind === 'idle') this.#connect();
  }

  /** A frame arrived. Those that precede the stream itself, such as a login's answer, end no gap. */
  heard(): void {
    if (this.isUp) this.#lastHeardUs = this.#options.clock.wallUs();
  }

  heardOrder(venueOrderId: string): void {
    this.#heard.delete(venueOrderId);
    this.#heard.set(venueOrderId, this.#options.clock.wallUs());
    if (this.#heard.size > MAX_HEARD) this.#forgetOldest();
    this.#expected.get(venueOrderId)?.cancel();
    this.#expected.delete(venueOrderId);
  }

  /** The venue confirmed a change of this order to a request that was posted at `postedAtUs` (P2). */
  expectOrder(venueOrderId: string, postedAtUs: number): void {
    if (!this.isUp || (this.#heard.get(venueOrderId) ?? 0) >= postedAtUs) return;
    if (this.#expected.size >= MAX_EXPECTED || this.#expected.has(venueOrderId)) return;
    const timer = this.#options.clock.schedule(this.#options.deafAfterMs, () => {
      this.#expected.delete(venueOrderId);
      this.lost(`nothing was heard of order ${venueOrderId} after the venue confirmed it`);
    });
    this.#expected.set(venueOrderId, timer);
  }

  /** The stream cannot be relied on any more. */
  lost(reason: string): void {
    const phase = this.#phase;
    if (phase.kind !== 'up' && phase.kind !== 'connecting') return;
    this.#leave(phase.generation);
    const { upAtUs } = phase.generation;
    const uptimeMs = upAtUs === undefined ? 0 : (this.#options.clock.monotonicUs() - upAtUs) / 1_000;
    this.#failures = failuresAfter(this.#failures, uptimeMs);
    const delayMs = backoffDelayMs(this.#failures, this.#options.rng);
    this.#phase = { kind: 'waiting', timer: this.#options.clock.schedule(delayMs, () => this.#connect()) };
    if (phase.kind === 'up') this.#reason = reason;
    this.#options.down(reason);
  }

  close(): void {
    if (this.#phase.kind === 'waiting') this.#phase.timer.cancel();
    if (this.#phase.kind === 'up' || this.#phase.kind === 'connecting') this.#leave(this.#phase.generation);
    this.#phase = { kind: 'closed' };
  }

  #connect(): void {
    const generation: Generation = { timers: [] };
    this.#phase = { kind: 'connecting', generation };
    const { dialect } = this.#options;
    const run = async () => {
      await dialect.prepare();
      if (!this.#current(generation)) return;
      await dialect.open(() => this.#opened(generation));
      throw new Error('the stream ended');
    };
    run().catch((error: unknown) => {
      if (this.#current(generation)) this.lost(error instanceof Error ? error.message : String(error));
    });
  }

  #opened(generation: Generation): void {
    if (!this.#current(generation) || this.#phase.kind === 'up') return;
    this.#phase = { kind: 'up', generation };
    generation.upAtUs = this.#options.clock.monotonicUs();
    if (this.#everUp) this.#options.gap(this.#lastHeardUs, this.#reason);
    this.#everUp = true;
    this.heard();
    const { keepAlive } = this.#options.dialect;
    if (keepAlive !== undefined) this.#keepAliveIn(generation, keepAlive, keepAlive.everyMs);
    this.#options.up();
  }

  #keepAliveIn(generation: Generation, keepAlive: KeepAlive, delayMs: number): void {
    generation.timers.length = 0;
    generation.timers.push(
      this.#options.clock.schedule(delayMs, () => {
        keepAlive.renew().then(
          (answer) => {
            if (!this.#current(generation)) return;
            if (answer === 'lost') this.lost('the venue dropped the stream');
            else this.#keepAliveIn(generation, keepAlive, keepAlive.everyMs);
          },
          () => {
            const againMs = Math.min(KEEP_ALIVE_RETRY_MS, keepAlive.everyMs);
            if (this.#current(generation)) this.#keepAliveIn(generation, keepAlive, againMs);
          },
        );
      }),
    );
  }

  #current(generation: Generation): boolean {
    const phase = this.#phase;
    return (phase.kind === 'up' || phase.kind === 'connecting') && phase.generation === generation;
  }

  #leave(generation: Generation): void {
    for (const timer of generation.timers) timer.cancel();
    for (const timer of this.#expected.values()) timer.cancel();
    this.#expected.clear();
    this.#options.dialect.drop();
  }

  #forgetOldest(): void {
    const [oldest] = this.#heard.keys();
    if (oldest !== undefined) this.#heard.delete(oldest);
  }
}
