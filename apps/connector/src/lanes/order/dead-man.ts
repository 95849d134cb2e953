/**
 * Keeps the venue's own countdown armed while a session is held, so that quotes die even if this process does.
 *
 * D1  Used only where the venue has one and the account is exclusively ours: it cancels every order of its symbol.
 * D2  A failed refresh is logged and tried again at the next: the countdown is three refreshes long.
 */
import type { Logger } from '@trunkline/kit/log';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type { Venue } from '../../venues/venue.ts';

export interface DeadManOptions {
  readonly venue: Pick<Venue, 'armDeadMan' | 'profile'>;
  readonly clock: Clock;
  readonly symbols: readonly string[];
  readonly countdownMs: number;
  readonly log: Pick<Logger, 'warn'>;
}

const REFRESHES_PER_COUNTDOWN = 3;

export class DeadMan {
  readonly #options: DeadManOptions;
  readonly #countdownMs: number;
  #timer: Timer | undefined;
  /** One word to the venue at a time: a late refresh must not undo a disarm. */
  #told: Promise<void> = Promise.resolve();

  constructor(options: DeadManOptions) {
    this.#options = options;
    const bounds = options.venue.profile.capabilities.deadMan;
    const { countdownMs } = options;
    this.#countdownMs = bounds ? Math.min(Math.max(countdownMs, bounds.minMs), bounds.maxMs) : countdownMs;
  }

  /** Arms, and keeps armed until `disarm` or `close`. */
  arm(): void {
    if (this.#timer !== undefined) return;
    this.#refresh();
  }

  /** Stops the countdown at the venue. */
  async disarm(): Promise<void> {
    if (this.#timer === undefined) return;
    this.close();
    this.#tell(0);
    await this.#told;
  }

  /** Lets the countdown run out by itself. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #refresh(): void {
    this.#timer = this.#options.clock.schedule(this.#countdownMs / REFRESHES_PER_COUNTDOWN, () => this.#refresh());
    this.#tell(this.#countdownMs);
  }

  #tell(countdownMs: number): void {
    this.#told = this.#told.then(() => this.#tellVenue(countdownMs));
  }

  /** Never rejects. */
  async #tellVenue(countdownMs: number): Promise<void> {
    const { venue, symbols, log } = this.#options;
    for (const symbol of symbols) {
      try {
        await venue.armDeadMan(symbol, countdownMs);
      } catch (error) {
        log.warn({ symbol, error }, 'the dead-man countdown was not set');
      }
    }
  }
}
