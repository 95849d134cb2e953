/**
 * One connection to spot's WebSocket API and the user data it subscribed to. Events share the socket with replies, each
 * wrapped as `{"subscriptionId":...,"event":{...}}`.
 *
 * W1  Subscription ids of a connection count from 0 and are not used again.
 * W2  Keys here are HMAC keys, which cannot log a connection on: only `userDataStream.subscribe.signature`, which names
 *     and proves its account by itself, subscribes.
 * W3  Unsubscribing sends eventStreamTerminated before its reply, for each subscription that it ends.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Socket } from '../../../server/socket.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { answer, type Params, type Route } from '../call.ts';
import { isRefused, refuse } from '../errors.ts';
import { optionalInteger } from '../params.ts';
import type { WsSession } from '../ws-api.ts';
import { refuseSpot } from './errors.ts';
import { eventStreamTerminated } from './user-frames.ts';
import type { UserHub } from './user-hub.ts';
import { WS_ONLY } from './ws-methods.ts';

/** The routes behind methods that REST does not have. What they answer is the session's to say. */
export function sessionRoutes(): readonly Route[] {
  const base = { method: 'POST', weight: 2, security: 'none' } as const;
  const granted = () => answer({});
  return [
    { ...base, path: WS_ONLY.subscribeSigned, security: 'signed', handle: granted },
    {
      ...base,
      path: WS_ONLY.subscribe,
      handle: ({ size }: Params) =>
        size > 0 ? refuse('UNREAD_PARAMETERS', '0', String(size)) : refuse('BAD_API_KEY_FORMAT'),
    },
    { ...base, path: WS_ONLY.unsubscribe, handle: checkSubscriptionId },
    { ...base, path: WS_ONLY.logon, security: 'signed', handle: () => refuseSpot('LOGON_WITH_HMAC') },
    { ...base, path: WS_ONLY.logout, handle: granted },
    { ...base, path: WS_ONLY.status, handle: granted },
    { ...base, path: WS_ONLY.subscriptions, handle: granted },
  ];
}

function checkSubscriptionId(params: Params) {
  const id = optionalInteger(params, 'subscriptionId');
  return isRefused(id) ? id : answer({});
}

export function createUserSession(options: {
  readonly socket: Socket;
  readonly hub: UserHub;
  readonly clock: Clock;
  readonly accounts: readonly VenueAccount[];
}): WsSession {
  const { socket, hub, clock, accounts } = options;
  const subscriptions = new Map<number, () => void>();
  const nowMs = () => milliseconds(clock.wallUs());
  const connectedSince = nowMs();
  let nextId = 0;

  const subscribe = (params: Params) => {
    const account = accounts.find(({ apiKey }) => apiKey === params.get('apiKey'));
    if (account === undefined) throw new Error('a subscription was granted to nobody');
    const subscriptionId = nextId;
    nextId += 1;
    const send = (event: object) => socket.send(JSON.stringify({ subscriptionId, event }));
    subscriptions.set(subscriptionId, hub.subscribe(account.name, send));
    return { subscriptionId };
  };

  const unsubscribe = (params: Params) => {
    const named = params.get('subscriptionId');
    const ended = [...subscriptions].filter(([id]) => named === undefined || String(id) === named);
    for (const [subscriptionId, stop] of ended) {
      stop();
      subscriptions.delete(subscriptionId);
      socket.send(JSON.stringify({ subscriptionId, event: eventStreamTerminated(nowMs()) }));
    }
    return {};
  };

  const status = () => ({
    apiKey: null,
    authorizedSince: null,
    connectedSince,
    returnRateLimits: true,
    serverTime: nowMs(),
    userDataStream: subscriptions.size > 0,
  });

  return {
    granted({ method, params }, body) {
      switch (method) {
        case 'userDataStream.subscribe.signature':
          return subscribe(params);
        case 'userDataStream.unsubscribe':
          return unsubscribe(params);
        case 'session.status':
        case 'session.logout':
          return status();
        case 'session.subscriptions':
          return [...subscriptions.keys()].map((subscriptionId) => ({ subscriptionId }));
        default:
          return body;
      }
    },
    closed() {
      for (const stop of subscriptions.values()) stop();
      subscriptions.clear();
    },
  };
}
