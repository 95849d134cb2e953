/**
 * Holds an account's lease for as long as the engine lives: without it no intent can be written.
 *
 * E1  A lease that another engine holds is waited for. One that was not released is used only once it has been over for
 *     `settleMs`: requests of the old engine may be on their way to the venue until then.
 * E2  It is renewed each third of its time. When a renewal is refused, or its time has run out because none came
 *     through, `onLost` is called once, and nothing is renewed any more.
 */
import { type Clock, sleep, type Timer } from '@trunkline/proto/clock';
import type { Journal, Lease, LeaseClaim, LeaseResult } from '../journal/journal.ts';

const RETRY_MS = 500;

export interface LeaseKeeperOptions {
  readonly journal: Journal;
  readonly account: string;
  readonly engineId: string;
  readonly ttlMs: number;
  /** Longest life of a request that is on its way: request expiry and clock skew. */
  readonly settleMs: number;
  readonly clock: Clock;
  /** Called each time another engine is found to hold it. */
  readonly onWaiting: (holder: Lease) => void;
  readonly onLost: (message: string) => void;
}

export interface LeaseKeeper {
  /** As of the last renewal; its `expiresAtUs` moves. */
  readonly current: Lease;
  release(): Promise<void>;
}

/** Resolves with the lease in hand, or undefined when `signal` aborts first. */
export async function keepLease(options: LeaseKeeperOptions, signal: AbortSignal): Promise<LeaseKeeper | undefined> {
  const lease = await acquire(options, signal);
  return lease && keep(options, lease);
}

async function acquire(options: LeaseKeeperOptions, signal: AbortSignal): Promise<Lease | undefined> {
  const { journal, account, engineId, ttlMs, clock } = options;
  let holder: string | undefined;
  let held: Lease | undefined;
  while (!signal.aborted) {
    const result = await journal.acquireLease({ account, engineId, ttlMs, nowUs: clock.wallUs() }).catch(failure);
    if (result.kind === 'held') {
      held = result.lease;
      const settledUs = result.previous ? result.previous.expiresAtUs + options.settleMs * 1_000 : 0;
      const leftMs = (settledUs - clock.wallUs()) / 1_000;
      if (leftMs <= 0) return held;
      // Once more after the wait: it may be longer than the lease.
      await sleep(clock, leftMs, signal);
      continue;
    }
    if (result.kind === 'refused' && result.holder.engineId !== holder) {
      holder = result.holder.engineId;
      options.onWaiting(result.holder);
    }
    await sleep(clock, RETRY_MS, signal);
  }
  if (held) await release(journal, held);
  return undefined;
}

/** A journal that cannot be written now may be written later. */
function failure(error: unknown): LeaseResult {
  return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
}

/** One that cannot be released runs out by itself. */
async function release(journal: Journal, claim: LeaseClaim): Promise<void> {
  await journal.releaseLease(claim).catch(() => {});
}

function keep(options: LeaseKeeperOptions, first: Lease): LeaseKeeper {
  const { journal, account, engineId, ttlMs, clock } = options;
  const claim = { account, engineId, epoch: first.epoch };
  let current = first;
  let timer: Timer | undefined = clock.schedule(ttlMs / 3, tick);

  function lose(message: string): void {
    timer = undefined;
    options.onLost(message);
  }

  function tick(): void {
    void renew();
  }

  async function renew(): Promise<void> {
    const result = await journal.renewLease(claim, { ttlMs, nowUs: clock.wallUs() }).catch(failure);
    if (timer === undefined) return;
    if (result.kind === 'refused') return lose(result.message);
    if (result.kind === 'held') current = result.lease;
    if (current.expiresAtUs <= clock.wallUs())
      return lose(`the lease of ${account} ran out before it could be renewed`);
    timer = clock.schedule(ttlMs / 3, tick);
  }

  return {
    get current() {
      return current;
    },
    async release() {
      timer?.cancel();
      timer = undefined;
      await release(journal, claim);
    },
  };
}
