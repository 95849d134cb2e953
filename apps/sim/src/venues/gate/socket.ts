/**
 * One WebSocket connection of a market: subscriptions of public and private channels, pings, and the WebSocket API.
 *
 * N1  A reply carries the request's id; pushes and replies share the connection in order.
 * N2  Private subscriptions are signed one by one; the WebSocket API's login does not stand for them.
 * N3  A topic is subscribed once a connection; asking again changes nothing, but for `obu`, where it is an error.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Clock } from '@trunkline/proto/clock';
import type { Core } from '../../core/core-api.ts';
import type { SocketKind } from '../../server/faults.ts';
import type { Socket, SocketHandler } from '../../server/socket.ts';
import type { VenueAccount } from '../venue-front.ts';
import { identifySubscriber } from './access.ts';
import type { Desk } from './desk.ts';
import { isRefused, refusalBody } from './errors.ts';
import {
  ackFrame,
  type ChannelError,
  type ChannelRequest,
  type ConnectionNames,
  errorFrame,
  pongFrame,
} from './frames.ts';
import type { Market } from './market.ts';
import type { MarketHub } from './market-hub.ts';
import { seconds } from './print.ts';
import { isPublicChannel, readTopics } from './topics.ts';
import { readUserTopic, type UserChannelKind, userChannel } from './user-channels.ts';
import type { UserHub } from './user-hub.ts';
import { createWsApi } from './ws-api.ts';

export interface SocketContext {
  readonly market: Market;
  readonly core: Core;
  readonly clock: Clock;
  readonly accounts: readonly VenueAccount[];
  readonly markets: MarketHub;
  readonly users: UserHub;
  readonly desk: Desk;
}

export interface VenueSocket extends SocketHandler {
  /** What the connection is used for. */
  serves(kind: SocketKind): boolean;
}

export function serveSocket(socket: Socket, ip: string, names: ConnectionNames, context: SocketContext): VenueSocket {
  const { market, core, clock, accounts, markets, users, desk } = context;
  const topics = new Map<string, () => void>();
  const userTopics = new Map<string, () => void>();
  const nowUs = () => clock.wallUs();
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const api = createWsApi({ market, desk, accounts, ip, names, nowUs, send });
  const fail = (request: ChannelRequest, error: ChannelError) => send(errorFrame(request, error, names, nowUs()));

  const changePublic = (request: ChannelRequest, name: string) => {
    const asked = readTopics(market, name, request.payload, core);
    if ('code' in asked) return fail(request, asked);
    const isRepeated = name === 'obu' && request.event === 'subscribe' && asked.find(({ key }) => topics.has(key));
    if (isRepeated) return fail(request, { code: 2, message: `Alert sub ${String(request.payload)}` });
    send(ackFrame(request, names, nowUs()));
    for (const topic of asked) {
      if (request.event === 'unsubscribe') {
        topics.get(topic.key)?.();
        topics.delete(topic.key);
      } else if (!topics.has(topic.key)) topics.set(topic.key, markets.subscribe(topic, socket.send));
    }
  };

  const changePrivate = (request: ChannelRequest, name: string, kind: UserChannelKind, auth: unknown, time: number) => {
    const account = subscriber(request, auth, time);
    if ('code' in account) return fail(request, account);
    const topic = readUserTopic(market, kind, name, request.payload, account, core);
    if ('code' in topic) return fail(request, topic);
    send(ackFrame(request, names, nowUs()));
    // Subscribed by each market: a later message can take one of several back.
    for (const symbol of topic.symbols ?? [undefined]) {
      const key = JSON.stringify([account.name, topic.channel, symbol ?? '']);
      userTopics.get(key)?.();
      userTopics.delete(key);
      if (request.event === 'unsubscribe') continue;
      const one = { ...topic, symbols: symbol === undefined ? undefined : [symbol] };
      userTopics.set(key, users.subscribe(account, one, socket.send));
    }
  };

  const subscriber = (request: ChannelRequest, auth: unknown, time: number): VenueAccount | ChannelError => {
    const { KEY: key, SIGN: signature } = isRecord(auth) ? auth : {};
    if (typeof key !== 'string' || typeof signature !== 'string') return { code: 4, message: 'authentication fail' };
    const account = identifySubscriber(accounts, { key, signature }, { ...request, time }, seconds(nowUs()));
    // The venue puts the REST refusal's JSON into the message.
    return isRefused(account) ? { code: 4, message: `${JSON.stringify(refusalBody(account))}\n` } : account;
  };

  const change = (request: ChannelRequest, frame: Record<string, unknown>) => {
    const name = request.channel.slice(market.kind.length + 1);
    if (request.event !== 'subscribe' && request.event !== 'unsubscribe')
      return fail(request, { code: 2, message: `invalid argument: event ${request.event}` });
    const kind = request.channel.startsWith(`${market.kind}.`) ? userChannel(market, name) : undefined;
    if (kind !== undefined) return changePrivate(request, name, kind, frame['auth'], Number(frame['time']));
    if (request.channel.startsWith(`${market.kind}.`) && isPublicChannel(name)) return changePublic(request, name);
    return fail(request, { code: 2, message: `unknown channel ${request.channel}` });
  };

  return {
    message(text) {
      const frame = parseJson(text);
      if (!isRecord(frame) || typeof frame['channel'] !== 'string') {
        const nothing = { id: undefined, channel: '', event: '', payload: undefined };
        return fail(nothing, { code: 1, message: 'invalid request body format' });
      }
      const { id, channel, event, payload } = frame;
      if (channel === `${market.kind}.ping`) return send(pongFrame(`${market.kind}.pong`, nowUs()));
      if (event !== 'api') return change({ id, channel, event: String(event ?? ''), payload }, frame);
      // `serve` answers every failure as a value; a rejection is a bug and must surface.
      api.serve(channel, payload).catch((bug: unknown) => {
        socket.drop();
        throw bug;
      });
    },
    closed() {
      for (const end of [...topics.values(), ...userTopics.values()]) end();
      topics.clear();
      userTopics.clear();
    },
    serves(kind) {
      if (kind === 'user') return userTopics.size > 0;
      return kind === 'ws_api' ? api.isLoggedIn() : topics.size > 0;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: answered as such.
    return undefined;
  }
}
