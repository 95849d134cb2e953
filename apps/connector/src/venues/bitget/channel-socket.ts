/**
 * One Bitget socket and the channels on it. The public one is shared by every topic, the private one by the account's
 * channels.
 *
 * S1  A channel is subscribed once, however many hold it, and unsubscribed when the last lets go. The last channel's end
 *     closes the socket.
 * S2  Data counts from the venue's confirmation of the last subscription on: what comes between an unsubscription and
 *     that belongs to the subscription before.
 * S3  The end of the socket ends every channel, each for itself. A refused channel ends alone; an error that names no
 *     channel ends the socket, since it is not known what is amiss.
 * S4  A channel that is asked for again while it is held but silent is subscribed anew.
 */
import { isRecord } from '@trunkline/kit/record';
import type { Clock, Timer } from '@trunkline/proto/clock';
import type Client from 'ccxt/js/src/base/ws/WsClient.js';
import { type Json, optionalText } from '../fields.ts';
import type { BitgetClient } from './client.ts';
import { type Outbox, outbox } from './outbox.ts';

/** What names a channel: product, channel, and instrument or coin. */
export interface ChannelArgument {
  readonly instType: string;
  readonly channel: string;
  readonly instId?: string;
  readonly coin?: string;
}

interface Held {
  readonly argument: ChannelArgument;
  readonly ended: PromiseWithResolvers<never>;
  readonly confirmed: PromiseWithResolvers<void>;
  holders: number;
  /** Subscriptions sent that the venue has not answered yet. */
  unanswered: number;
  heardAtUs: number;
}

type Phase =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open';
      readonly socket: Client;
      readonly outbox: Outbox;
      readonly login: PromiseWithResolvers<void>;
    };

/** The venue keeps a connection without a login for longer; a login is answered at once or not at all. */
const LOGIN_TIMEOUT_MS = 15_000;
/** Under which ccxt keeps the promise that the socket's end rejects. */
const ALIVE = 'alive';

export interface ChannelSocketOptions {
  readonly client: BitgetClient;
  readonly clock: Clock;
  readonly url: string;
  /** Silence of a held channel after which another request for it subscribes anew (S4). */
  readonly silenceMs: number;
}

export class ChannelSocket {
  readonly #options: ChannelSocketOptions;
  readonly #channels = new Map<string, Held>();
  #phase: Phase = { kind: 'closed' };

  constructor(options: ChannelSocketOptions) {
    this.#options = options;
  }

  /** Pends while the channel lives, rejects at its end. `confirmed` is called when the venue has taken it. */
  hold(argument: ChannelArgument, confirmed?: () => void): Promise<never> {
    const key = keyOf(argument);
    const known = this.#channels.get(key);
    const held = known ?? this.#begin(argument);
    held.holders++;
    if (confirmed !== undefined) held.confirmed.promise.then(confirmed, () => {});
    if (known !== undefined && this.#isSilent(known)) {
      this.#put('unsubscribe', argument);
      this.#subscribe(known);
    }
    return held.ended.promise;
  }

  letGo(argument: ChannelArgument): void {
    const key = keyOf(argument);
    const held = this.#channels.get(key);
    if (held === undefined || --held.holders > 0) return;
    this.#channels.delete(key);
    if (this.#channels.size > 0) this.#put('unsubscribe', argument);
    else this.close();
  }

  /** Resolves when the venue has taken the login, rejects when it refused it or said nothing. */
  async login(): Promise<void> {
    const { login } = this.#open();
    const timer: Timer = this.#options.clock.schedule(LOGIN_TIMEOUT_MS, () =>
      login.reject(new Error('the login was not answered')),
    );
    this.#put('login', this.#options.client.loginArgument());
    await login.promise.finally(() => timer.cancel());
  }

  close(): void {
    this.#end(new Error('closed'));
  }

  /** A frame of this socket. Undefined unless it is data of a channel that is held (S2). */
  receive(frame: Json): ChannelArgument | undefined {
    const { event } = frame;
    const held = isRecord(frame['arg']) ? this.#channels.get(keyOf(readArgument(frame['arg']))) : undefined;
    if (event === undefined) {
      if (held === undefined || held.unanswered > 0) return undefined;
      held.heardAtUs = this.#options.clock.monotonicUs();
      return held.argument;
    }
    if (event === 'login' && this.#phase.kind === 'open') this.#phase.login.resolve();
    if (event === 'subscribe' && held !== undefined) {
      held.unanswered = Math.max(0, held.unanswered - 1);
      held.confirmed.resolve();
    }
    if (event === 'error') this.#refused(frame, held);
    return undefined;
  }

  #refused(frame: Json, held: Held | undefined): void {
    const error = new Error(`${optionalText(frame, 'code') ?? ''}: ${optionalText(frame, 'msg') ?? 'refused'}`);
    if (held === undefined) {
      this.#end(error);
      return;
    }
    this.#channels.delete(keyOf(held.argument));
    held.ended.reject(error);
    if (this.#channels.size === 0) this.close();
  }

  #begin(argument: ChannelArgument): Held {
    const held: Held = {
      argument,
      ended: Promise.withResolvers<never>(),
      confirmed: Promise.withResolvers<void>(),
      holders: 0,
      unanswered: 0,
      heardAtUs: 0,
    };
    held.ended.promise.catch(() => {});
    this.#channels.set(keyOf(argument), held);
    this.#subscribe(held);
    return held;
  }

  #subscribe(held: Held): void {
    held.unanswered++;
    held.heardAtUs = this.#options.clock.monotonicUs();
    this.#put('subscribe', held.argument);
  }

  #isSilent({ heardAtUs }: Held): boolean {
    return this.#options.clock.monotonicUs() - heardAtUs >= this.#options.silenceMs * 1_000;
  }

  #put(op: 'login' | 'subscribe' | 'unsubscribe', argument: object): void {
    this.#open().outbox.put(op, argument);
  }

  #open(): Extract<Phase, { kind: 'open' }> {
    if (this.#phase.kind === 'open') return this.#phase;
    const { client, clock, url } = this.#options;
    const socket = client.client(url);
    const out = outbox(clock, (frame) => {
      // Only a socket that is not open throws; its end is told by `ALIVE`.
      socket.send(frame).catch(() => {});
    });
    const login = Promise.withResolvers<void>();
    login.promise.catch(() => {});
    const phase: Phase = { kind: 'open', socket, outbox: out, login };
    this.#phase = phase;
    const ended = (error: unknown) => {
      if (this.#phase === phase) this.#end(error);
    };
    Promise.resolve(socket.future(ALIVE)).then(ended, ended);
    Promise.resolve(socket.connect()).then(() => out.start(), ended);
    return phase;
  }

  #end(error: unknown): void {
    const phase = this.#phase;
    if (phase.kind === 'closed') return;
    this.#phase = { kind: 'closed' };
    phase.outbox.stop();
    this.#options.client.closeSockets((socket) => socket === phase.socket);
    phase.login.reject(error);
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const { ended } of channels) ended.reject(error);
  }
}

function keyOf({ instType, channel, instId, coin }: ChannelArgument): string {
  return `${instType} ${channel} ${instId ?? ''} ${coin ?? ''}`;
}

function readArgument(argument: Json): ChannelArgument {
  const [instId, coin] = [optionalText(argument, 'instId'), optionalText(argument, 'coin')];
  return {
    instType: optionalText(argument, 'instType') ?? '',
    channel: optionalText(argument, 'channel') ?? '',
    ...(instId === undefined ? {} : { instId }),
    ...(coin === undefined ? {} : { coin }),
  };
}
