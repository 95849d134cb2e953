/**
 * User data: hands an account's events to everything that subscribed to it.
 *
 * U1  Each event is made once, whoever listens: all subscribers of an account see the same execution ids.
 * U2  After `terminate` a subscription gets eventStreamTerminated as its last event.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../../core/core-api.ts';
import type { CoreEvent } from '../../../core/events.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { CancelIds } from './cancel-ids.ts';
import { accountPosition, eventStreamTerminated, executionReport } from './user-frames.ts';

type Deliver = (event: object) => void;

export interface UserHub {
  /** Ends with the returned call, silently. */
  subscribe(account: string, deliver: Deliver): () => void;
  /** U2. How many were ended. */
  terminate(account: string): number;
  close(): void;
}

export function createUserHub(options: {
  readonly core: Core;
  readonly clock: Clock;
  readonly cancelIds: CancelIds;
}): UserHub {
  const { core, clock, cancelIds } = options;
  const subscribers = new Map<string, Set<Deliver>>();
  let executionId = 0;
  const nowMs = () => milliseconds(clock.wallUs());

  const frameOf = (event: CoreEvent): { readonly account: string; readonly frame: object } | undefined => {
    if (event.kind === 'order' || event.kind === 'fill') {
      const { order } = event;
      const canceled = event.kind === 'order' && event.execution === 'canceled';
      executionId += 1;
      const cancelId = canceled ? cancelIds.take(order.venueOrderId) : undefined;
      return { account: order.accountId, frame: executionReport(event, { nowMs: nowMs(), executionId, cancelId }) };
    }
    if (event.kind !== 'account') return undefined;
    return { account: event.accountId, frame: accountPosition(event, nowMs()) };
  };

  const stop = core.subscribe((event) => {
    const made = frameOf(event);
    if (made === undefined) return;
    for (const deliver of subscribers.get(made.account) ?? []) deliver(made.frame);
  });

  return {
    subscribe(account, deliver) {
      const delivers = subscribers.get(account) ?? new Set();
      subscribers.set(account, delivers.add(deliver));
      return () => delivers.delete(deliver);
    },
    terminate(account) {
      const delivers = [...(subscribers.get(account) ?? [])];
      subscribers.delete(account);
      for (const deliver of delivers) deliver(eventStreamTerminated(nowMs()));
      return delivers.length;
    },
    close() {
      stop();
      subscribers.clear();
    },
  };
}
