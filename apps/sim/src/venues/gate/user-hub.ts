/**
 * Private channels: hands an account's events to every connection that subscribed to them.
 *
 * H1  The order of one request's messages is the core's: orders and fills as they happened, then positions and balances.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import { accountOf } from '../../core/event-scope.ts';
import type { CoreEvent } from '../../core/events.ts';
import type { VenueAccount } from '../venue-front.ts';
import { pushFrame } from './frames.ts';
import type { Deliver } from './market-hub.ts';
import type { UserChannelKind, UserTopic } from './user-channels.ts';

/** Rows that an event puts on a channel, each of one market, or of none where the channel is of the account. */
export interface UserRow {
  readonly kind: Exclude<UserChannelKind, 'silent'>;
  readonly symbol: string | undefined;
  readonly row: object;
}

/** Makes the rows of a market's events; it may remember what it told last. */
export type UserFrames = (event: CoreEvent, account: VenueAccount) => readonly UserRow[];

export interface UserHub {
  /** Ends with the returned call. */
  subscribe(account: VenueAccount, topic: UserTopic, deliver: Deliver): () => void;
  close(): void;
}

interface Subscription {
  readonly account: VenueAccount;
  readonly topic: UserTopic;
  readonly deliver: Deliver;
}

export function createUserHub(options: {
  readonly core: Core;
  readonly clock: Clock;
  readonly accounts: readonly VenueAccount[];
  readonly frames: UserFrames;
}): UserHub {
  const { core, clock, accounts, frames } = options;
  const subscriptions = new Set<Subscription>();

  const stop = core.subscribe((event) => {
    const name = accountOf(event);
    const account = name === undefined ? undefined : accounts.find((candidate) => candidate.name === name);
    // Rows are made even when nobody listens: balances are told as changes since the last.
    for (const made of account === undefined ? [] : frames(event, account)) tell(made, name);
  });

  const tell = ({ kind, symbol, row }: UserRow, name: string | undefined) => {
    for (const { account, topic, deliver } of subscriptions) {
      if (account.name !== name || topic.kind !== kind) continue;
      if (symbol !== undefined && topic.symbols !== undefined && !topic.symbols.includes(symbol)) continue;
      deliver(JSON.stringify(pushFrame(topic.channel, 'update', [row], clock.wallUs())));
    }
  };

  return {
    subscribe(account, topic, deliver) {
      const subscription = { account, topic, deliver };
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
    close() {
      stop();
      subscriptions.clear();
    },
  };
}
