/**
 * The engine's end of a link: two lanes to one connector, each up or down, whoever opens the connections.
 *
 * L1  A lane that is up has one current channel over one connection. A new connection becomes current as soon as it works;
 *     the one before is retired: its streams live on for `RETIRE_AFTER_MS`, or until the next replacement.
 * L2  `up` is said for every new current channel, also while the lane was up: resume on it. `down` is said only when no
 *     channel is current. Events of retired connections are never heard.
 */
import type { TLSSocket } from 'node:tls';
import { type Channel, type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { Clock, Timer } from '../clock.ts';
import { openChannel } from './channel.ts';
import { LANES, type Lane } from './identity.ts';
import type { LinkLog } from './log.ts';
import { CHANNEL_OPTIONS, RETIRE_AFTER_MS } from './options.ts';

export type LaneState = { readonly kind: 'up' } | { readonly kind: 'down'; readonly reason: string };

/** Arguments for the constructor of a generated client: `new ExchangeServiceClient(...link.client('order'))`. */
export type ClientArguments = readonly [
  address: string,
  credentials: ChannelCredentials,
  options: ChannelOptions & { readonly channelOverride: Channel },
];

export interface Link {
  /** The connector's name. */
  readonly connector: string;
  state(lane: Lane): LaneState;
  /**
   * The lane's current channel, as arguments for a client; undefined while it is down. Take it anew on each `up`: on a
   * channel whose connection is gone, calls in flight end as UNAVAILABLE and grpc-js throws at new ones.
   */
  client(lane: Lane): ClientArguments | undefined;
  /** Calls back at once with the state of each lane, then on every change. */
  onState(listener: (lane: Lane, state: LaneState) => void): () => void;
  close(): Promise<void>;
}

interface Connection {
  readonly socket: TLSSocket;
  readonly channel: Channel;
}

/** A `Link` that is fed with sockets. */
export class LaneChannels implements Link {
  readonly connector: string;
  readonly #clock: Clock;
  readonly #log: LinkLog;
  readonly #onClose: () => void | Promise<void>;
  readonly #slots: Readonly<Record<Lane, Slot>> = { order: new Slot(), market: new Slot() };
  readonly #listeners = new Set<(lane: Lane, state: LaneState) => void>();
  #closed = false;

  constructor(options: { connector: string; clock: Clock; log: LinkLog; onClose: () => void | Promise<void> }) {
    this.connector = options.connector;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onClose = options.onClose;
  }

  state(lane: Lane): LaneState {
    return this.#slots[lane].state;
  }

  client(lane: Lane): ClientArguments | undefined {
    const channel = this.#slots[lane].current?.channel;
    // With `channelOverride` the address and the credentials are not used; the constructor insists on them.
    return (
      channel && [channel.getTarget(), credentials.createInsecure(), { ...CHANNEL_OPTIONS, channelOverride: channel }]
    );
  }

  onState(listener: (lane: Lane, state: LaneState) => void): () => void {
    this.#listeners.add(listener);
    for (const lane of LANES) listener(lane, this.state(lane));
    return () => this.#listeners.delete(listener);
  }

  /** Takes over an authenticated socket as the lane's next connection. */
  async attach(lane: Lane, socket: TLSSocket): Promise<void> {
    const slot = this.#slots[lane];
    // The newest wins: one that is still on its way is older.
    slot.opening?.destroy();
    slot.opening = socket;
    const result = await openChannel(socket, this.#clock);
    const superseded = slot.opening !== socket;
    if (!superseded) slot.opening = undefined;
    if (!result.ok) {
      this.#log.warn(
        { connector: this.connector, lane, reason: result.reason, detail: result.detail },
        'no channel over the connection',
      );
      return;
    }
    const connection = { socket, channel: result.channel };
    if (superseded || this.#closed || socket.destroyed) return end(connection);
    this.#promote(lane, connection);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#onClose();
    for (const lane of LANES) {
      const slot = this.#slots[lane];
      slot.opening?.destroy();
      slot.retire.now();
      if (slot.current) this.#lose(lane, slot.current, 'the link was closed');
    }
    this.#listeners.clear();
  }

  #promote(lane: Lane, connection: Connection): void {
    const slot = this.#slots[lane];
    const replaced = slot.current;
    slot.retire.now();
    if (replaced) {
      this.#log.info({ connector: this.connector, lane }, 'a newer connection replaces the current one');
      slot.retire = retireLater(this.#clock, replaced);
    }
    slot.current = connection;
    connection.socket.once('close', () => this.#lose(lane, connection, 'the connection closed'));
    this.#say(lane, { kind: 'up' });
  }

  #lose(lane: Lane, connection: Connection, reason: string): void {
    end(connection);
    const slot = this.#slots[lane];
    if (slot.current !== connection) return;
    slot.current = undefined;
    this.#say(lane, { kind: 'down', reason });
  }

  #say(lane: Lane, state: LaneState): void {
    this.#slots[lane].state = state;
    for (const listener of this.#listeners) listener(lane, state);
  }
}

class Slot {
  state: LaneState = { kind: 'down', reason: 'not connected yet' };
  current: Connection | undefined;
  opening: TLSSocket | undefined;
  retire: { now(): void } = { now: () => {} };
}

function end(connection: Connection): void {
  connection.channel.close();
  connection.socket.destroy();
}

function retireLater(clock: Clock, connection: Connection): { now(): void } {
  const timer: Timer = clock.schedule(RETIRE_AFTER_MS, () => end(connection));
  connection.socket.once('close', () => timer.cancel());
  return {
    now() {
      timer.cancel();
      end(connection);
    },
  };
}
