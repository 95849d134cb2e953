/**
 * Cancels our open orders when nobody is there to do it: after the grace, after a boot without a hello, on leaving.
 *
 * W1  By id, never by a venue-wide cancel: only what our-orders.ts calls ours is touched.
 * W2  It goes on until a listing shows none of ours or all were cancelled, and no request was out before that listing
 *     whose order could still appear; faults are tried again each second.
 * W3  `mayGoOn` is asked before every listing and, by the authority, before every POST: a sweep ends where a session
 *     begins (after a fence the new owner decides).
 */

import type { Logger } from '@trunkline/kit/log';
import type { Clock } from '@trunkline/proto/clock';
import { sleep } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { DenyRule, type OrderOutcome, RejectReason } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { OrderTag } from '@trunkline/proto/ids';
import type { Venue } from '../../venues/venue.ts';
import type { CommandRunner } from './command-runner.ts';
import { listOurOrders } from './our-orders.ts';
import { denied } from './outcome.ts';

export interface SweeperOptions {
  readonly venue: Pick<Venue, 'listOpenOrders'>;
  readonly runner: CommandRunner;
  readonly clock: Clock;
  readonly tag: OrderTag;
  readonly symbols: readonly string[];
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Ends the wait between two tries. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 1_000;
/** For how long one cancel of a sweep may wait for the rate budget. */
const CANCEL_VALID_MS = 5_000;

/** Resolves when nothing of ours is left, or when it may not go on. */
export async function sweep(
  options: SweeperOptions,
  maxEpoch: number | undefined,
  mayGoOn: () => boolean,
): Promise<void> {
  const { venue, runner, clock, tag, symbols, log, signal } = options;
  while (mayGoOn()) {
    try {
      const { areSettled } = runner.posts;
      const orders = await listOurOrders(venue, { tag, symbols, symbol: '', maxEpoch });
      if (!mayGoOn()) return;
      const outcomes = await runner.cancelEach(orders, {
        receivedAtUs: clock.wallUs(),
        deadlineUs: clock.monotonicUs() + CANCEL_VALID_MS * 1_000,
        refuse: () => (mayGoOn() ? undefined : denied(DenyRule.FENCED, 'a session holds the account')),
      });
      log.info({ found: orders.length, cancelled: outcomes.filter(isGone).length }, 'swept our orders');
      if (areSettled && outcomes.every(isGone)) return;
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      log.warn({ reason: error.reasonName, text: error.message }, 'the sweep could not list our orders');
    }
    await sleep(clock, RETRY_MS, signal);
  }
}

function isGone({ fate }: OrderOutcome): boolean {
  if (fate?.$case === 'rejected') return fate.value.reason === RejectReason.ORDER_NOT_OPEN;
  return fate?.$case === 'accepted';
}
