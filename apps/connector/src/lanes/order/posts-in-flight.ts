/**
 * Which requests to the venue are out, so that a new owner is welcomed only when no order of the old one can still appear.
 *
 * P1  A POST is over when its fate was told, or when the venue itself refuses it for its age (its request expiry and a
 *     margin for the venue's clock). A lost connection and a server error tell nothing: such a POST may still arrive.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';

/** How far the venue's clock may be from what its answers let us believe. */
const CLOCK_MARGIN_MS = 500;

export interface Post {
  readonly expiresAtUs: number;
}

interface Waiter {
  readonly posts: Set<Post>;
  readonly timer: Timer;
  readonly run: () => void;
}

export class PostsInFlight {
  readonly #clock: Clock;
  readonly #expiryMs: number;
  readonly #posts = new Set<Post>();
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock, requestExpiryMs: number) {
    this.#clock = clock;
    this.#expiryMs = requestExpiryMs + CLOCK_MARGIN_MS;
  }

  /** No POST is out that could still arrive. */
  get areSettled(): boolean {
    this.#forgetExpired();
    return this.#posts.size === 0;
  }

  begin(): Post {
    this.#forgetExpired();
    const post = { expiresAtUs: this.#clock.monotonicUs() + this.#expiryMs * 1_000 };
    this.#posts.add(post);
    return post;
  }

  /** Its fate was told. */
  end(post: Post): void {
    this.#posts.delete(post);
    for (const waiter of this.#waiters) {
      waiter.posts.delete(post);
      if (waiter.posts.size === 0) this.#finish(waiter);
    }
  }

  /** Runs `run` once every POST that is out now is over (P1): within this call if none is. */
  whenSettled(run: () => void): void {
    if (this.areSettled) {
      run();
      return;
    }
    const nowUs = this.#clock.monotonicUs();
    const posts = new Set(this.#posts);
    const lastUs = Math.max(...[...posts].map((post) => post.expiresAtUs));
    const timer = this.#clock.schedule((lastUs - nowUs) / 1_000, () => this.#finish(waiter));
    const waiter: Waiter = { posts, timer, run };
    this.#waiters.add(waiter);
  }

  close(): void {
    for (const waiter of this.#waiters) waiter.timer.cancel();
    this.#waiters.clear();
  }

  /** They stand in the order in which they were sent. */
  #forgetExpired(): void {
    const nowUs = this.#clock.monotonicUs();
    for (const post of this.#posts) {
      if (post.expiresAtUs > nowUs) return;
      this.#posts.delete(post);
    }
  }

  #finish(waiter: Waiter): void {
    waiter.timer.cancel();
    if (this.#waiters.delete(waiter)) waiter.run();
  }
}
