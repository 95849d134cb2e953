/**
 * User data streams: hands an account's events to every socket that was opened with its listen key.
 *
 * U1  A socket is bound to the key it was opened with. Once that key expired or was dropped it gets nothing more,
 *     though it stays open; expiry is told in a last message.
 * U2  An unknown key is taken and stays silent, as the venue does.
 */
import { assertNever } from '@trunkline/proto/assert';
import type { Clock } from '@trunkline/proto/clock';
import { add, type Decimal, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import { accountOf } from '../../../core/event-scope.ts';
import type { CoreEvent } from '../../../core/events.ts';
import { milliseconds } from '../../decimal-text.ts';
import { accountConfigUpdate, accountUpdate, listenKeyExpired, orderTradeUpdate, tradeLite } from './user-frames.ts';

type Deliver = (json: string) => void;

export interface UserHub {
  /** Ends with the returned call. */
  attach(listenKey: string, deliver: Deliver): () => void;
  /** Tells the key's sockets, once. */
  expired(listenKey: string): void;
  close(): void;
}

export function createUserHub(options: {
  readonly core: Core;
  readonly clock: Clock;
  readonly accountOf: (listenKey: string) => string | undefined;
}): UserHub {
  const { core, clock } = options;
  const sockets = new Map<string, Set<Deliver>>();
  const paid = new Map<string, Decimal>();
  const nowMs = () => milliseconds(clock.wallUs());

  /** What the account's funding of this moment comes to: payments are told before the update that they make. */
  const noteFunding = (event: CoreEvent): Decimal => {
    if (event.kind === 'funding') {
      const { accountId, amount } = event.payment;
      paid.set(accountId, add(paid.get(accountId) ?? ZERO, amount));
    }
    if (event.kind !== 'account' || event.reason !== 'funding') return ZERO;
    const amount = paid.get(event.accountId) ?? ZERO;
    paid.delete(event.accountId);
    return amount;
  };

  const stop = core.subscribe((event) => {
    const account = accountOf(event);
    const funding = noteFunding(event);
    if (account === undefined || sockets.size === 0) return;
    for (const [listenKey, delivers] of sockets) {
      if (options.accountOf(listenKey) !== account) continue;
      for (const frame of framesOf(event, core, nowMs(), funding)) {
        const json = JSON.stringify(frame);
        for (const deliver of delivers) deliver(json);
      }
    }
  });

  return {
    attach(listenKey, deliver) {
      const delivers = sockets.get(listenKey) ?? new Set();
      sockets.set(listenKey, delivers.add(deliver));
      return () => {
        delivers.delete(deliver);
        if (delivers.size === 0 && sockets.get(listenKey) === delivers) sockets.delete(listenKey);
      };
    },
    expired(listenKey) {
      const json = JSON.stringify(listenKeyExpired(listenKey, nowMs()));
      for (const deliver of sockets.get(listenKey) ?? []) deliver(json);
    },
    close() {
      stop();
      sockets.clear();
    },
  };
}

function framesOf(event: CoreEvent, core: Core, nowMs: number, funding: Decimal): readonly object[] {
  const lite = event.kind === 'fill' ? tradeLite(event, core, nowMs) : undefined;
  return [lite, frameOf(event, core, nowMs, funding)].filter((frame) => frame !== undefined);
}

function frameOf(event: CoreEvent, core: Core, nowMs: number, funding: Decimal): object | undefined {
  switch (event.kind) {
    case 'order':
    case 'fill':
      return orderTradeUpdate(event, core, nowMs);
    case 'account':
      return accountUpdate(event, core, nowMs, funding);
    case 'leverage':
      return accountConfigUpdate(event, nowMs);
    // Its change of balance comes as an account update; the venue has no frame for the others.
    case 'funding':
    case 'margin_type':
    case 'position_mode':
    case 'trade':
    case 'book_delta':
    case 'best_quote':
    case 'mark_price':
    case 'market_ended':
      return undefined;
    default:
      return assertNever(event);
  }
}
